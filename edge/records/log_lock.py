"""The lock of an event log: one writer, however the path of the log is spelt."""

import fcntl
import logging
import os
from contextlib import suppress
from pathlib import Path

from edge.errors import LogInUseError
from edge.files.state_files import is_in_the_way, own_as_folder, set_aside

log = logging.getLogger(__name__)

_HELD: set[tuple[int, int]] = set()
"""Device and inode of every log that this process has locked. SQLite's own locks on a file end when any descriptor of it is
closed in the process, so that a log that is in use here must not be opened to try its lock."""


class LogLock:
    """Locks a log for this process: two programs with the same log would also drive the same flaps.

    Two locks: one on a file beside the log, which holds while the log itself is replaced, and one on the log, which also
    finds it under a hard link or a bind mount. SQLite's locks are of another kind, and do not interact with these on a local
    file system. The kernel releases both when the process ends, however it ends.

    Args:
        log: the log, with all links resolved. Its folder exists.

    Raises:
        LogInUseError: another process has locked it.
        OSError: it cannot be locked.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._file: int | None = None
        self._key: tuple[int, int] | None = None
        self._beside: int | None = _lock_beside(log)

    def lock_file(self) -> None:
        """Lock the log itself; an empty one is made if there is none. Call it before SQLite opens the log.

        Raises:
            LogInUseError: another process has locked it.
            OSError: it cannot be locked.
        """
        self.release_file()
        with suppress(FileNotFoundError):
            status = self._log.stat()
            if (status.st_dev, status.st_ino) in _HELD:
                raise _in_use(self._log)
        descriptor = os.open(self._log, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            if not os.fstat(descriptor).st_size:
                own_as_folder(descriptor, self._log.parent)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise _in_use(self._log) from error
        except OSError:
            os.close(descriptor)
            raise
        status = os.fstat(descriptor)
        self._file, self._key = descriptor, (status.st_dev, status.st_ino)
        _HELD.add(self._key)

    def is_current(self) -> bool:
        """Whether the file that is locked still has the log's name."""
        try:
            status = self._log.stat()
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._key

    def is_beside_current(self) -> bool:
        """Whether the file beside the log that is locked still has its name."""
        try:
            return self._beside is not None and os.path.samestat(os.fstat(self._beside), lock_name(self._log).lstat())
        except OSError:
            return False

    def release_file(self) -> None:
        """Release the log itself, before another takes its place. Call it after SQLite has closed the log."""
        if self._file is not None:
            os.close(self._file)
        if self._key is not None:
            _HELD.discard(self._key)
        self._file = self._key = None

    def close(self) -> None:
        """Release both locks. May be called more than once."""
        self.release_file()
        if self._beside is not None:
            os.close(self._beside)
        self._beside = None


def lock_name(log: Path) -> Path:
    """The file beside a log, with all links resolved, that is locked while the log is written."""
    return log.with_name(f"{log.name}.lock")


def _lock_beside(log: Path) -> int:
    path = lock_name(log)
    while True:
        if is_in_the_way(path):
            _set_aside(path)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            status = os.fstat(descriptor)
            # Whoever held it before may have set it aside, and then locks another file of this name.
            is_current = os.path.samestat(status, path.lstat())
            if is_current and not status.st_size:
                own_as_folder(descriptor, log.parent)
                return descriptor
            if is_current:
                _set_aside(path)  # a lock file is empty: this is another file under its name
        except BlockingIOError as error:
            os.close(descriptor)
            raise _in_use(log) from error
        except FileNotFoundError:
            pass
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _set_aside(path: Path) -> None:
    log.error("event log: %s is no lock file, kept as %s", path, set_aside(path).name)


def _in_use(log: Path) -> LogInUseError:
    return LogInUseError(f"event log {log}: in use by another sorter; stop that first")
