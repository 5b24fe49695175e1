"""The files of an event log: found, locked, examined before SQLite touches them, and set aside if they are damaged."""

import logging
import os
import sqlite3
from contextlib import closing, nullcontext
from pathlib import Path

from edge.files.owner import make_folder, rights_of_owner
from edge.files.state_files import (
    free_name,
    is_in_the_way,
    is_regular,
    refuse_device,
    set_aside,
    sync_folder,
    write_whole,
)
from edge.records.event_database import check_header, check_schema, connect, is_damage
from edge.records.log_damage import LogDamageError
from edge.records.log_lock import LogLock, lock_name
from edge.records.repair_command import repair_command
from edge.records.salvage import salvage_bytes
from edge.records.set_aside_logs import set_aside_logs
from edge.records.sqlite_pages import JOURNAL_MAGIC, WAL_INDEX_MAGIC, WAL_MAGICS, frame_count

log = logging.getLogger(__name__)

CHECK_BYTES = 100_000_000
"""Largest log whose structure is checked as a whole at the start, in bytes: some seconds on an SD card. Damage in a larger one
is found when its page is read."""

TAIL_BYTES = 256 * 4096
"""End of a log that is searched for its last session when it is set aside, in bytes: a second on a Raspberry Pi."""

NAMES_TOLD = 3
"""Number of file names in a sentence to the operator."""

WAL_BYTES = 64_000_000
"""Largest write-ahead log that is examined, in bytes. SQLite keeps it at a few megabytes."""


class LogFile:
    """The files of an event log that is written, locked for this process.

    Args:
        path: the log as it is configured. Its folder is created if necessary.

    Attributes:
        path: the log with all links resolved.
        told: what was set aside and why, for the operator; None if nothing was.
        last_session: highest session number known of the logs that were set aside; 0 if none is.

    Raises:
        EventLogError: another process has locked the log.
        OSError: the files cannot be reached.
    """

    def __init__(self, path: Path) -> None:
        try:
            make_folder(path.parent)
        except FileExistsError as error:
            raise NotADirectoryError(f"{path.parent} is no folder, expected one, or a link to one") from error
        self.told: str | None = None
        self.last_session = 0
        self._wal_content = b""
        self._folder = path.parent
        # Not resolved itself: if it is a link, only the link is ever renamed, and not what it leads to.
        self._name = path.parent.resolve() / path.name
        if self._name.is_symlink() and not _leads_to_event_log(self._name):
            self._tell("a link that leads to no event log", set_aside(self._name))
        self._use_name()
        if not self._is_new and not os.path.lexists(self._wal) and _is_missing_or_empty(self.path):
            self.tell_missing()  # its lock says that there was one

    def _use_name(self) -> None:
        """Find the log, and lock what lies beside it."""
        self.path = self._name.resolve()
        refuse_device(self.path)
        self._wal, self._shm, self._journal = (
            self.path.with_name(f"{self.path.name}-{suffix}") for suffix in ("wal", "shm", "journal")
        )
        self._is_new = not os.path.lexists(lock_name(self.path))
        # Root begins a log only where the owner of its folder may: a link of this user could lead elsewhere.
        with rights_of_owner(self._folder) if self._is_new else nullcontext():
            self._lock = LogLock(self.path)

    def prepare(self) -> None:
        """Set aside what SQLite could not use or would overwrite, so that it can open the log; lock it.

        Raises:
            EventLogError: another process has locked the log.
            OSError: a file cannot be read or set aside.
        """
        if not self._lock.is_beside_current():
            # The folder was emptied, removed, or moved away while the log was open.
            self._lock.close()
            make_folder(self.path.parent)
            self._use_name()
        if is_regular(self.path) and not self.is_current():
            self._lock.lock_file()  # first: what another process writes must not be taken for damaged
        # Also another file under the name of one of these, which SQLite would overwrite.
        for path, magics in (
            (self._wal, WAL_MAGICS),
            (self._shm, (WAL_INDEX_MAGIC,)),
            (self._journal, (JOURNAL_MAGIC,)),
        ):
            if is_in_the_way(path):
                log.error("event log: %s is no file, kept as %s", path, set_aside(path).name)
            elif is_regular(path) and not _begins_with(path, magics):
                self._tell_part(set_aside(path))
        try:
            self._examine()
        except (sqlite3.Error, LogDamageError) as error:
            if not is_damage(error):
                raise
            self.set_aside(error.kind if isinstance(error, LogDamageError) else "damaged", str(error))
        if not self.is_current():
            self._lock.lock_file()
        if self.path.stat().st_nlink > 1:
            log.warning(
                "event log %s: has another name (a hard link): keep one, else SQLite may lose events", self.path
            )

    def set_aside(self, kind: str, reason: str) -> None:
        """Rename the log, with its write-ahead log, to ``NAME.KIND-N``. SQLite must not open it until ``prepare``.

        Of a link only the link itself is renamed: what it leads to may be anything.

        Args:
            kind: one of ``KINDS``.
            reason: what is wrong, for the operator.

        Raises:
            OSError: it cannot be renamed.
        """
        if self.path != self._name:
            self._find_last_session(self.path)
            self._tell(reason, set_aside(self._name, kind))
            self._lock.close()
            self._use_name()
            return
        target = free_name(self.path, kind)
        kept: list[Path] = []
        for path, new in (
            (self.path, target),
            (self._wal, target.with_name(f"{target.name}-wal")),
            (self._journal, target.with_name(f"{target.name}-journal")),
        ):
            if path != self.path and _is_empty_file(path):
                path.unlink()
            elif os.path.lexists(path):
                os.rename(path, new)
                kept.append(new)
        if is_regular(self._shm):
            self._shm.unlink()  # an index of the write-ahead log, made anew from it
        sync_folder(self.path.parent)
        self._tell(reason, kept[0] if kept else target)  # of a log that is missing, only the write-ahead log
        self._find_last_session(target)

    def _find_last_session(self, log_path: Path) -> None:
        for path in (log_path, log_path.with_name(f"{log_path.name}-wal")):
            if is_regular(path):
                self.last_session = max(self.last_session, salvage_bytes(memoryview(_tail(path))).last_session)

    def keep_lost_frames(self, database: sqlite3.Connection) -> None:
        """Keep the write-ahead log that ``prepare`` found, if it has events that SQLite does not read: it ends reading
        where the first bit is wrong, and overwrites the rest.

        Args:
            database: the opened log, before anything is written to it.

        Raises:
            sqlite3.Error, OSError: the files cannot be read or written.
        """
        content, self._wal_content = self._wal_content, b""
        if not content:
            return
        _, read, _ = database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if read >= frame_count(memoryview(content)):
            return
        # Also frames of an earlier round are left in it, whose events the database has.
        known = "SELECT 1 FROM event WHERE wall_s = ? AND time_s = ? AND number = ?"
        found = salvage_bytes(memoryview(content)).events
        keys = [(event["wall_s"], event["time_s"], event["number"]) for event in found]
        if all(database.execute(known, key).fetchone() for key in keys):
            return
        target = free_name(self._wal)
        write_whole(target, content, durable=True)
        self._tell_part(target)

    def is_current(self) -> bool:
        """Whether the log still has its name."""
        return self._lock.is_current()

    def tell_earlier(self) -> None:
        """Tell again of logs that were set aside earlier and not repaired."""
        if self.told is None and (aside := set_aside_logs(self._name)):
            names = ", ".join(path.name for path in aside[-NAMES_TOLD:])
            self.told = f"event log set aside earlier as {names}: {self._advice}"

    def tell_missing(self) -> None:
        """Tell that there is no log where there was one."""
        self.told = "the event log was empty or missing, a new one was begun"
        log.error("event log %s: %s", self.path, self.told)

    def abandon(self) -> None:
        """Take back the first start of a log that could not be begun, so that the next one does not miss it."""
        if self._is_new and _is_missing_or_empty(self.path):
            for path in (self.path, lock_name(self.path)):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Release the locks."""
        self._lock.close()

    def _examine(self) -> None:
        """Raises LogDamageError or sqlite3.Error if the log is damaged; OSError if it cannot be read."""
        has_wal = is_regular(self._wal) and not _is_empty_file(self._wal)
        if is_in_the_way(self.path):
            raise LogDamageError("damaged", "it is no file")
        if _is_missing_or_empty(self.path):
            if has_wal:
                # SQLite would delete it.
                raise LogDamageError("damaged", "it is empty, its write-ahead log is not")
            return
        check_header(self.path)
        if is_regular(self._journal) and not _is_empty_file(self._journal):
            # From before the log was begun, or another's: it would be written into the log.
            self._tell_part(set_aside(self._journal))
        self._wal_content = b""
        if has_wal and self._wal.stat().st_size <= WAL_BYTES:
            self._wal_content = self._wal.read_bytes()
        # Read-only: closing it must not write the write-ahead log into a file that is damaged.
        with closing(connect(f"{self.path.as_uri()}?mode=ro", uri=True)) as database:
            check_schema(database)
            if self.path.stat().st_size <= CHECK_BYTES:
                found = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
                if found != "ok":
                    raise LogDamageError("damaged", found)

    @property
    def _advice(self) -> str:
        return f"'{repair_command(self._name)}' saves its events"

    def _tell(self, reason: str, target: Path) -> None:
        what = f"event log set aside as {target.name} ({' '.join(reason.split())})"
        self.told = f"{what}, a new one was begun: {self._advice}"
        log.error("%s, in %s", what, target.parent)

    def _tell_part(self, target: Path) -> None:
        what = f"the newest part of the event log was damaged and is kept as {target.name}"
        self.told = f"{what}: {self._advice}"
        log.error("%s, in %s", what, target.parent)


def _leads_to_event_log(link: Path) -> bool:
    """Whether a link leads to a file with the mark of an event log. Nothing is made or changed where it leads to."""
    try:
        target = link.resolve(strict=True)
        if not is_regular(target):
            return False
        check_header(target, marked=True)
    except (OSError, RuntimeError, LogDamageError):  # RuntimeError: it leads in a circle
        return False
    return True


def _is_missing_or_empty(path: Path) -> bool:
    return not os.path.lexists(path) or _is_empty_file(path)


def _is_empty_file(path: Path) -> bool:
    return is_regular(path) and path.stat().st_size == 0


def _begins_with(path: Path, magics: tuple[bytes, ...]) -> bool:
    """Whether a file begins with one of these, or is empty, or was never written to by a power cut."""
    with path.open("rb") as file:
        head = file.read(len(magics[0]))
    return head in magics or not any(head)


def _tail(path: Path) -> bytes:
    """The end of a file, from the beginning of a page on: what is newest."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES) // 4096 * 4096)
        return file.read()
