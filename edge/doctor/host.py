"""Read-only access to the machine that is checked: its files, users, commands and I2C devices."""

import errno
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from edge.board import read_text
from edge.config.python_child import WORKING_FOLDER

TIMED_OUT, NOT_FOUND = 124, 127
"""Exit codes of a command that took too long, and of one that does not exist, as of timeout(1) and the shell."""

I2C_SLAVE = 0x0703
"""ioctl of Linux' i2c-dev that sets the address of the next transfer."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """Result of a command.

    Attributes:
        code: exit code; negative: the number of the signal that ended it.
        out, err: standard output and standard error.
    """

    code: int
    out: str = ""
    err: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """A user of the machine, with all groups."""

    name: str
    uid: int
    gids: frozenset[int]

    def may_use(self, path: Path) -> bool:
        """Whether owner, group and mode of a file let this user read and write it.

        Raises:
            OSError: the file does not exist.
        """
        if self.uid == 0:
            return True
        stat = path.stat()
        shift = 6 if stat.st_uid == self.uid else 3 if stat.st_gid in self.gids else 0
        return stat.st_mode >> shift & 0o6 == 0o6


def run_command(command: Sequence[str], timeout_s: float) -> CommandResult:
    """Run a command in ``WORKING_FOLDER``, without input, for at most ``timeout_s`` seconds.

    A failure is an exit code, never an exception.
    """
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            cwd=WORKING_FOLDER,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return CommandResult(TIMED_OUT, err=f"no answer within {timeout_s:g} s")
    except OSError as error:
        return CommandResult(NOT_FOUND, err=str(error))
    return CommandResult(done.returncode, done.stdout, done.stderr)


def i2c_answers(bus: Path, address: int) -> bool:
    """Whether an I2C device answers at an address. One byte is read, nothing is written.

    Raises:
        OSError: the bus does not exist or may not be used, or (EBUSY) a kernel driver holds the device.
    """
    with open(bus, "rb", buffering=0) as file:
        fcntl.ioctl(file, I2C_SLAVE, address)
        try:
            return len(file.read(1)) == 1
        except OSError as error:
            if error.errno in (errno.ENXIO, errno.EREMOTEIO, errno.EIO, errno.ETIMEDOUT):
                return False
            raise


def installed_version(distribution: str) -> str | None:
    """Version of an installed distribution; None if it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


@dataclass(frozen=True)
class Host:
    """A machine. Every part is replaceable, so that tests can check an imaginary one.

    Attributes:
        root: root folder of its files.
        runner: runs a command with a timeout in seconds (``run_command``).
        python: version of Python, (major, minor, micro).
        version_of: version of an installed distribution, or None (``installed_version``).
        answers: whether an I2C device answers (``i2c_answers``).
        disk_usage: (total, used, free) bytes of the file system that a path is on.
        uid, gids: user and groups of this process.
    """

    root: Path = Path("/")
    runner: Callable[[Sequence[str], float], CommandResult] = run_command
    python: tuple[int, int, int] = sys.version_info[:3]
    version_of: Callable[[str], str | None] = installed_version
    answers: Callable[[Path, int], bool] = i2c_answers
    disk_usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage
    uid: int = field(default_factory=os.geteuid)
    gids: frozenset[int] = field(default_factory=lambda: frozenset({os.getegid(), *os.getgroups()}))

    def run(self, *command: str, timeout_s: float = 5.0) -> CommandResult:
        """Run a command and wait for at most ``timeout_s`` seconds."""
        return self.runner(command, timeout_s)

    def text(self, name: str) -> str | None:
        """Content of a small text file; None if it cannot be read."""
        return read_text(self.root / name)

    def paths(self, pattern: str) -> list[Path]:
        """Paths that match a glob pattern, sorted."""
        return sorted(self.root.glob(pattern))

    def group(self, gid: int) -> str:
        """Name of a group, or its number if it has none."""
        return next((row[0] for row in self._rows("etc/group", 4) if row[2] == str(gid)), str(gid))

    def gid(self, group: str) -> int | None:
        """Number of a group; None if there is no such group."""
        return next((int(row[2]) for row in self._rows("etc/group", 4) if row[0] == group), None)

    def user(self, name: str, groups: Sequence[str] = ()) -> User | None:
        """The user of that name, in their own groups and in ``groups``; None if there is no such user."""
        own = next((row for row in self._rows("etc/passwd", 7) if row[0] == name), None)
        if own is None:
            return None
        rows = self._rows("etc/group", 4)
        gids = {int(row[2]) for row in rows if name in row[3].split(",") or row[0] in groups}
        return User(name, int(own[2]), frozenset({int(own[3]), *gids}))

    def current_user(self) -> User:
        """The user of this process."""
        rows = self._rows("etc/passwd", 7)
        name = next((row[0] for row in rows if row[2] == str(self.uid)), str(self.uid))
        return User(name, self.uid, self.gids)

    def _rows(self, name: str, fields: int) -> Iterator[list[str]]:
        for line in (self.text(name) or "").splitlines():
            row = line.split(":")
            if len(row) == fields and row[2].isdecimal():
                yield row
