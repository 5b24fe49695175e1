"""Root's rights end where others may write: there, files are made with the rights of whoever owns the place.

Otherwise a link that the service's user leaves in its own folder would lead what an administrator's command writes to any
file of the machine.
"""

import ctypes
import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST_LINKS = 40
"""Largest number of links on the way to a folder, as in Linux."""

_UNCHANGED = 0xFFFFFFFF
"""The user that setfsuid(2) rejects, so that it only tells the present one."""


@contextmanager
def rights_of_owner(folder: Path) -> Iterator[None]:
    """While this lasts, the calling thread has no more rights to files than the owner of a folder, if that is not root.

    Only root's rights change, and only on Linux. Root's groups stay.

    Args:
        folder: the folder; it need not exist.

    Raises:
        OSError: the owner cannot be found, or this process may not take on the owner's rights.
    """
    user, group = find_owner(folder) if sys.platform == "linux" and os.geteuid() == 0 else (0, 0)
    if user == 0:
        yield
        return
    # Of this thread alone, unlike os.seteuid(): others go on opening the devices that root may use.
    libc = ctypes.CDLL(None)
    former_group, former_user = libc.setfsgid(group), libc.setfsuid(user)
    try:
        if (libc.setfsuid(_UNCHANGED), libc.setfsgid(_UNCHANGED)) != (user, group):
            raise PermissionError(errno.EPERM, f"root may not take on the rights of user {user}", str(folder))
        yield
    finally:
        libc.setfsuid(former_user)
        libc.setfsgid(former_group)


def make_folder(folder: Path) -> None:
    """Make a folder and the missing ones above it, with the rights of the owner of the place.

    Raises:
        OSError: it cannot be made.
    """
    with rights_of_owner(folder):
        folder.mkdir(parents=True, exist_ok=True)


def find_owner(folder: Path) -> tuple[int, int]:
    """User and group of a folder; of the last one on the way to it that exists. A link that is not root's is not followed.

    Raises:
        OSError: the way cannot be followed.
    """
    at, owner, links = Path("/"), os.stat("/"), 0
    names = list((Path.cwd() / folder).parts[1:])
    while names:
        name = names.pop(0)
        try:
            status = os.lstat(at / name)
        except (FileNotFoundError, NotADirectoryError):
            break
        if stat.S_ISLNK(status.st_mode):
            if status.st_uid != 0:
                owner = status
                break
            links += 1
            if links > MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder))
            target = Path(os.readlink(at / name))
            at = Path("/") if target.is_absolute() else at
            names[:0] = target.parts[1:] if target.is_absolute() else target.parts
        else:
            at, owner = at.parent if name == ".." else at / name, status
    return owner.st_uid, owner.st_gid
