"""Files and archives of any size, of which no more is read than is expected."""

import io
import os
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from edge.files.bounded import TooLargeError, read_bounded, unpack_bounded


def test_reading_is_bounded_and_waits_for_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert read_bounded(tmp_path / "file", 5) == b"12345"
    with pytest.raises(TooLargeError, match="5 bytes, expected at most 4"):
        read_bounded(tmp_path / "file", 4)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="regular file"):
        read_bounded(tmp_path / "pipe", 10)
    with pytest.raises(IsADirectoryError):
        read_bounded(tmp_path, 10)


def archive_of(content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytearray:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("a", content)
    return bytearray(buffer.getvalue())


def test_what_unpacks_to_more_than_expected_is_refused_before_it_is_unpacked() -> None:
    with zipfile.ZipFile(io.BytesIO(archive_of(bytes(20_000_000)))) as archive:
        tracemalloc.start()
        try:
            with pytest.raises(TooLargeError, match="a: unpacks to 20000000 bytes, expected at most 1000"):
                unpack_bounded(archive, "a", 1000)
            assert tracemalloc.get_traced_memory()[1] < 100_000
        finally:
            tracemalloc.stop()
    with zipfile.ZipFile(io.BytesIO(archive_of(bytes(1000)))) as archive:
        assert unpack_bounded(archive, "a", 1000) == bytes(1000)


def test_an_entry_that_lies_about_its_size_unpacks_to_no_more() -> None:
    content = archive_of(bytes(20_000_000))
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        tracemalloc.start()
        try:
            with pytest.raises(zipfile.BadZipFile):
                unpack_bounded(archive, "a", 1000)
            assert tracemalloc.get_traced_memory()[1] < 1_000_000
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_cannot_be_unpacked_in_parts_is_refused(compression: int) -> None:
    with (
        zipfile.ZipFile(io.BytesIO(archive_of(bytes(1000), compression))) as archive,
        pytest.raises(ValueError, match="a: is compressed in a way"),
    ):
        unpack_bounded(archive, "a", 1000)


def test_a_changed_byte_is_told_by_the_checksum() -> None:
    content = archive_of(b"x" * 1000, zipfile.ZIP_STORED)
    content[500] ^= 1
    with zipfile.ZipFile(io.BytesIO(content)) as archive, pytest.raises(zipfile.BadZipFile):
        unpack_bounded(archive, "a", 1000)
