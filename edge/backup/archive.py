"""Reads the files of a backup one after the other: plain files alone, in bounded memory."""

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from edge.errors import BackupError
from edge.files.input_kind import InputKind

COPY_BYTES = 1 << 20
"""Bytes that are read at a time."""

MOST_FILES = 1_000_000
"""Largest number of files: the pictures of some years."""

MOST_RATIO, FREE_BYTES = 200, 4_000_000_000
"""A backup unpacks to at most this many times its size, or to this many bytes. Event logs shrink to a tenth or a twentieth; those
that a dying card has filled with zeros, to a thousandth, and they are as large as they were: ten million events take 3 GB."""

PADDING_BYTES = 1 << 16
"""Most that follows the last file: tar fills its last block of 10 kB with zeros."""

_DAMAGED = (OSError, EOFError, ValueError, zlib.error, tarfile.TarError)

BACKUP = InputKind("backup", BackupError, "expected a file made by sorter backup")


class _PlainInfo(tarfile.TarInfo):
    """The header of a plain file; every other kind is refused before tarfile acts on it.

    A link or a device cannot be restored by mistake, and no extended header makes the reader allocate memory.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        info = super().frombuf(buf, encoding, errors)
        if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise BackupError(f"{info.name!r} is a link, folder or device; a backup has plain files only")
        return info


def most_unpacked(packed_bytes: int) -> int:
    """Bytes that a backup of this size may unpack to."""
    return max(FREE_BYTES, MOST_RATIO * packed_bytes)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what reading a damaged archive raises into a BackupError that names the file."""
    try:
        yield
    except BackupError as error:
        raise BackupError(f"backup {path}: {error}") from error
    except _DAMAGED as error:
        raise BackupError(f"backup {path}: is cut, damaged, or no backup ({error}); take another one") from error


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """One file of an archive; to be read before the next one.

    Attributes:
        archive: the archive.
        name: its name, as the archive has it.
        size: its size in bytes.
        stream: its content.
    """

    archive: Path
    name: str
    size: int
    stream: IO[bytes]

    def chunks(self) -> Iterator[bytes]:
        """Its content, ``COPY_BYTES`` at a time.

        Raises:
            BackupError: the archive is cut or damaged there.
        """
        while True:
            with _explained(self.archive):
                chunk = self.stream.read(COPY_BYTES)
            if not chunk:
                return
            yield chunk


def read_members(path: Path) -> Iterator[ArchiveMember]:
    """The files of a gzipped tar archive. After the last one, the archive has been read to its end, and its checksum compared.

    Raises:
        InputMissingError: there is no such file.
        BackupError: it is no such archive, cut or damaged, has more than plain files, or unpacks to too much.
    """
    with ExitStack() as stack:
        with BACKUP.reading(path):
            file = stack.enter_context(path.open("rb"))
        with _explained(path):
            most = most_unpacked(path.stat().st_size)
            unpacked = stack.enter_context(gzip.GzipFile(fileobj=file))
            archive = stack.enter_context(tarfile.open(fileobj=unpacked, mode="r|", tarinfo=_PlainInfo))
        total = count = 0
        while True:
            with _explained(path):
                info = archive.next()
                if info is None:
                    _read_rest(unpacked)
                    return
                total, count = total + info.size, count + 1
                if total > most or count > MOST_FILES:
                    raise BackupError(
                        f"unpacks to more than {most / 1e6:,.0f} MB or {MOST_FILES:,} files: no backup does"
                    )
                stream = archive.extractfile(info)
            assert stream is not None  # a plain file has a content
            yield ArchiveMember(path, info.name, info.size, stream)
            archive.members.clear()  # type: ignore[attr-defined]  # tarfile keeps every header


def _read_rest(unpacked: gzip.GzipFile) -> None:
    rest = unpacked.read(PADDING_BYTES)
    if unpacked.read(1) or rest.strip(b"\0"):
        raise BackupError("something follows its last file")
