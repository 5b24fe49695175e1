import os
from pathlib import Path

import pytest

from hardware.text_file import TextFileError, decode_text, read_text

TEXT = "glass/Flasche grün.jpg\nmetal/Dose.png\n"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_of_every_system_is_read_alike(tmp_path: Path, encoding: str, line_end: str) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(TEXT.replace("\n", line_end).encode(encoding))
    assert read_text(path) == TEXT


def test_utf16_with_the_high_byte_first_is_read() -> None:
    assert decode_text(b"\xfe\xff" + TEXT.encode("utf-16-be")) == TEXT


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_older_encodings_are_told_with_line_byte_and_remedy(encoding: str) -> None:
    content = f"metal/Dose.png\n{TEXT}".encode(encoding)
    with pytest.raises(TextFileError, match=r"line 2 is not UTF-8: byte 0xfc.* save the file as UTF-8"):
        decode_text(content)


@pytest.mark.parametrize("content", [b"\xff\xfeab\x00", b"\xff\xfe\x00\xd8", b"a\x00\x00\xd8"])
def test_damaged_utf16_is_told(content: bytes) -> None:
    with pytest.raises(TextFileError, match="UTF-16 and is damaged or cut"):
        decode_text(content)


def test_a_file_without_an_end_is_not_read_for_ever() -> None:
    with pytest.raises(TextFileError, match="larger than 1000 bytes"):
        read_text(Path("/dev/zero"), most_bytes=1000)


def test_a_pipe_is_read_as_a_file(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"\xef\xbb\xbfa\r\n")
    os.close(theirs)
    assert read_text(Path(f"/dev/fd/{ours}")) == "a\n"
    os.close(ours)
