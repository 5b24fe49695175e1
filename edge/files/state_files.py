"""Files of the state folder: what is damaged or foreign is set aside by name, and what is written is written whole."""

import glob
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

from edge.files.owner import rights_of_owner

MOST_DISPOSABLE = 3
"""Number of damaged copies kept of a file that is made anew anyway: enough to see what happens, and they take little space."""


def set_aside(path: Path, kind: str = "damaged", *, most: int | None = None) -> Path:
    """Rename a file, folder or link to ``NAME.KIND-N``; nothing that it leads to is touched.

    Args:
        path: what is in the way.
        kind: what is wrong with it, e.g. ``damaged``; becomes part of the name.
        most: number of files of this kind to keep, the oldest is replaced; None keeps all of them.

    Returns:
        The new path.

    Raises:
        OSError: it cannot be renamed.
    """
    refuse_device(path)
    with rights_of_owner(path.parent):
        target = free_name(path, kind, most=most)
        with suppress(FileNotFoundError):
            target.unlink()
        os.rename(path, target)
        sync_folder(path.parent)
    return target


def free_name(path: Path, kind: str = "damaged", *, most: int | None = None) -> Path:
    """The name that ``path`` is to be set aside under. Arguments as of ``set_aside``."""
    taken: list[Path] = []
    for number in count(1):
        target = path.with_name(f"{path.name}.{kind}-{number}")
        # Also a file that lies beside one of that name, e.g. NAME.damaged-1-wal, keeps its own.
        if not any(path.parent.glob(f"{glob.escape(target.name)}[!0-9]*")) and not os.path.lexists(target):
            return target
        if is_regular(target):
            # A folder is never deleted, whoever made it.
            taken.append(target)
        if most is not None and number >= most and taken:
            return min(taken, key=lambda old: old.stat().st_mtime)
    raise AssertionError("unreachable")


def is_regular(path: Path) -> bool:
    """Whether this is a file, and not a link, folder, pipe or device."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def is_in_the_way(path: Path) -> bool:
    """Whether there is something that is no regular file."""
    return os.path.lexists(path) and not is_regular(path)


def refuse_device(path: Path) -> None:
    """Who names ``/dev/null`` wants nothing kept, and root could rename it for the whole machine.

    Raises:
        OSError: it is a device.
    """
    with suppress(FileNotFoundError, NotADirectoryError):
        mode = path.lstat().st_mode
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            raise OSError(f"{path} is a device, expected a file or a free name")


def write_whole(
    path: Path,
    data: bytes,
    *,
    durable: bool,
    like: Path | None = None,
    check: Callable[[Path], None] | None = None,
) -> None:
    """Write a file so that its name stands for the old content or for the new one, never for a part.

    A link at ``path`` is replaced, not followed; root writes with no more rights than the folder's owner has.

    Args:
        path: the file; its folder exists.
        data: its content.
        durable: return only when it survives a power cut.
        like: file whose mode and owner it gets; None: the usual mode, and the owner of its folder.
        check: called with the file's temporary name before it takes its place; what it raises leaves the old one.

    Raises:
        OSError: it cannot be written; what was there before stays.
    """
    refuse_device(path)
    with rights_of_owner(path.parent):
        part = path.with_name(f".{path.name}.part")
        if is_in_the_way(part):
            set_aside(part, most=MOST_DISPOSABLE)
        with suppress(FileNotFoundError):
            part.unlink()
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
            with os.fdopen(descriptor, "wb") as file:
                if like is None:
                    own_as_folder(descriptor, path.parent)
                else:
                    _own_like(descriptor, like)
                file.write(data)
                if durable:
                    file.flush()
                    os.fsync(descriptor)
            if check is not None:
                check(part)
            os.replace(part, path)
            if durable:
                sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise


def own_as_folder(descriptor: int, folder: Path) -> None:
    """Give a file that root has made to the owner of its folder, who is to write it.

    Raises:
        OSError: it cannot be given.
    """
    if os.geteuid() == 0:
        status = folder.stat()
        os.fchown(descriptor, status.st_uid, status.st_gid)


def _own_like(descriptor: int, other: Path) -> None:
    status = other.stat()
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
    with suppress(PermissionError):  # only root may give files away
        os.fchown(descriptor, status.st_uid, status.st_gid)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut, where the file system can."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # Some file systems cannot sync a folder; the rename itself has worked.
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
