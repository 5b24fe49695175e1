"""Reads no more than is expected: of a file, and of what a zip archive unpacks to."""

import errno
import os
import stat
import zipfile
from pathlib import Path


class TooLargeError(ValueError):
    """Something is larger than anything that is expected; its text gives both sizes."""


def read_bounded(path: Path, most_bytes: int) -> bytes:
    """Read a file whose size is bounded; a pipe or a device does not make the program wait.

    Raises:
        FileNotFoundError: there is none.
        IsADirectoryError: it is a folder.
        OSError: it cannot be read.
        TooLargeError: it is larger than ``most_bytes``.
        ValueError: it is no regular file.
    """
    mode = path.stat().st_mode  # before it is opened, too: opening some devices has effects
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise ValueError("expected a regular file")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("expected a regular file")
        if status.st_size > most_bytes:
            raise TooLargeError(f"has {status.st_size} bytes, expected at most {most_bytes}")
        # Python makes room at once for what it is asked to read. One byte more than there is: the end is noticed in one go.
        return file.read(min(most_bytes, status.st_size + 1))


def unpack_bounded(archive: zipfile.ZipFile, name: str, most_bytes: int) -> bytes:
    """One entry of a zip archive, unpacked.

    Raises:
        KeyError: there is no such entry.
        TooLargeError: it unpacks to more than ``most_bytes``.
        ValueError: it is compressed in a way that zip tools seldom use.
        Exception: of many kinds, if the archive is damaged.
    """
    entry = archive.getinfo(name)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name}: is compressed in a way whose size zipfile does not bound")
    if entry.file_size > most_bytes:
        raise TooLargeError(f"{name}: unpacks to {entry.file_size} bytes, expected at most {most_bytes}")
    with archive.open(entry) as file:
        # Not archive.read(): that unpacks all there is, and then cuts it to the size that the entry states.
        content = file.read(most_bytes + 1)
        file.read(1)  # the end, where the checksum is compared
    return content
