"""The socket's file: made anew at each start, and only for peers of the bin's own user, its group, and root."""

import logging
import os
import socket
import stat
import struct
from contextlib import suppress
from pathlib import Path

from edge.bin_socket.address import reachable
from edge.errors import UnavailableError
from edge.files.owner import rights_of_owner
from edge.files.state_files import set_aside

log = logging.getLogger(__name__)

MODE = 0o660
"""Mode of the file: who may not write to it cannot connect."""

BACKLOG = 16
"""Number of connections that wait to be accepted; the kernel refuses more."""

_PEERGROUPS = getattr(socket, "SO_PEERGROUPS", 59)
_CREDENTIALS = struct.Struct("3i")
_MOST_GROUPS = 1024


class Listener:
    """A Unix socket that listens. What a killed process left at its path is replaced.

    Args:
        path: its file; the folder exists.

    Attributes:
        socket: accepts without waiting.

    Raises:
        UnavailableError: another process listens there.
        OSError: it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            self.socket.setblocking(False)
            # As root beside files of the service's user: with no more rights than that user has.
            with rights_of_owner(path.parent):
                self._clear()
                with reachable(path) as address:
                    self.socket.bind(address)
                self._file = _open_socket_file(path)
                os.chmod(f"/proc/self/fd/{self._file}", MODE)
            self.socket.listen(BACKLOG)
        except BaseException:
            self.socket.close()
            raise

    def close(self) -> None:
        """Stop listening, and remove the file if it is still this socket's. May be called more than once."""
        if self.socket.fileno() < 0:
            return
        with suppress(OSError), rights_of_owner(self._path.parent):
            if os.path.samestat(os.fstat(self._file), self._path.lstat()):
                self._path.unlink()
        os.close(self._file)
        self.socket.close()

    def _clear(self) -> None:
        """Make room at the path.

        Raises:
            UnavailableError: another process listens there.
            OSError: what is there cannot be moved.
        """
        try:
            mode = self._path.lstat().st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISSOCK(mode):
            log.warning("bin socket: %s is no socket, kept as %s", self._path, set_aside(self._path, most=3).name)
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as probe:
            probe.setblocking(False)
            try:
                with reachable(self._path) as address:
                    probe.connect(address)
            except ConnectionRefusedError:
                self._path.unlink()
                return
            except BlockingIOError:
                pass  # it listens, and has more to accept than it can
        raise UnavailableError(f"bin socket {self._path}: in use by another sorter; stop that first")


def may_connect(peer: socket.socket) -> bool:
    """Whether a peer is of this process's user or group, or root."""
    credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, group = _CREDENTIALS.unpack(credentials)
    return user in (0, os.geteuid()) or os.getegid() in (group, *_further_groups(peer))


def _further_groups(peer: socket.socket) -> tuple[int, ...]:
    """The other groups of a peer; none where the kernel does not tell."""
    try:
        groups = peer.getsockopt(socket.SOL_SOCKET, _PEERGROUPS, 4 * _MOST_GROUPS)
    except OSError:
        return ()
    return struct.unpack(f"{len(groups) // 4}I", groups)


def _open_socket_file(path: Path) -> int:
    """The file of a socket itself, whatever takes its name from now on."""
    descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(f"{path} was replaced by another file")
