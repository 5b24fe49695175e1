"""The event log: a SQLite database with one transaction per event, so that no event is lost."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from edge.errors import EventLogError
from edge.records.event_database import (
    FULL,
    LOCK_TIMEOUT_S,
    PROBE_BYTES,
    Result,
    commit,
    connect,
    is_damage,
    make_schema,
    open_for_reading,
    write_wal_back,
)
from edge.records.event_features import EventFeatures, insert_features
from edge.records.event_reader import EventReader, opening_error
from edge.records.event_schema import OUTCOMES
from edge.records.log_damage import LogDamageError
from edge.records.log_file import LogFile
from edge.records.salvage import Salvage, merge
from edge.records.session_writes import begin_session, continue_session, finish_session, insert_event
from edge.records.totals import change_outcome
from edge.records.wal_watch import WalWatch
from edge.values import SortEvent

CLOSE_TIMEOUT_S = 1.0
"""Longest wait for a write in another thread when the log is closed, in seconds: a disk that hangs must not keep the program."""

MOST_REPLACEMENTS = 3
"""Number of logs that are set aside while one program runs: a card that damages more is dying, and each costs space."""


class EventLog(EventReader):
    """Records what was sorted. An event is on the disk before its flap moves. Any thread may use it.

    A log that is damaged, another program's, or of a newer version is set aside by name and a new one begun, also while running.

    Args:
        path: the database. It and its folder are created if necessary.
        read_only: open an existing database for reading, even while another process writes to it.

    Attributes:
        path: the database.
        session: number of the session that ``start_session`` began; 0 before.
        make_room: gives up something else on a full disk; returns whether it did. The write is then tried again.

    Raises:
        LogInUseError: another process writes to the log, under this or another path.
        EventLogError: it cannot be opened; if ``read_only``, also if it is no sound event log of a version that is known.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        super().__init__(path)
        self.make_room: Callable[[], bool] = lambda: False
        self.session = 0
        self._session_row = (0, 0.0, "")
        self._last: SortEvent | None = None
        self._replacements = 0
        self._mutex = threading.RLock()
        self._wal_watch = WalWatch()
        self._file: LogFile | None = None
        try:
            if read_only:
                self._connection = open_for_reading(path)
            else:
                self._file = LogFile(path)
                self._open(self._file)
        except (sqlite3.Error, OSError, RuntimeError, LogDamageError) as error:
            if self._file is not None:
                with suppress(OSError):
                    self._file.abandon()
            self.close()
            if isinstance(error, EventLogError):
                raise
            raise opening_error(path, error) from error

    @property
    def notice(self) -> str | None:
        """What was set aside, for the operator; None if nothing was, or all of it is repaired. What earlier runs have set aside
        is told from the beginning of the session on."""
        return None if self._file is None else self._file.told

    def start_session(self, *, wall_s: float, model: str, after: int = 0) -> bool:
        """Begin a session.

        The events of an unclean session that have no outcome become ``interrupted``.

        Args:
            wall_s: wall-clock time, in seconds since 1970 UTC.
            model: name of the model.
            after: the session gets a higher number than this: the last one that something else than the log knows of.

        Returns:
            True if the session before did not end cleanly, or nothing is known of it because the log was set aside.
        """
        known = (after, 0 if self._file is None else self._file.last_session)
        unclean, number = self._write(lambda: begin_session(self._db, wall_s=wall_s, model=model, after=known))
        self.session, self._session_row = number, (number, wall_s, model)
        # Into the log itself: a start that finds the write-ahead log gone knows nevertheless that a run did not end properly.
        with suppress(sqlite3.Error):
            write_wal_back(self._db)
        unclean |= self.notice is not None
        if self._file is not None:
            self._file.tell_earlier()  # after clean stops as well: until it is repaired, the totals lack its events
        return unclean

    def end_session(self, *, wall_s: float) -> None:
        """End the session cleanly.

        Args:
            wall_s: wall-clock time, in seconds since 1970 UTC.
        """
        self._write(lambda: finish_session(self._db, self.session, wall_s=wall_s))

    def record(self, event: SortEvent, features: EventFeatures | None = None) -> None:
        """Commit one event. It is on the disk when this returns.

        Args:
            event: the event.
            features: what it was decided from; None: nothing of it is kept.

        Raises:
            EventLogError: it cannot be written; nothing of it was.
        """

        def insert() -> None:
            insert_event(self._db, event, session=self.session)
            if features is not None:
                insert_features(self._db, (self.session, event.number), features)

        self._write(insert)
        self._last = event

    def record_outcome(self, number: int, outcome: str, *, fell: int | None = None, joined: int | None = None) -> None:
        """Record how the event of an item ended.

        Args:
            number: the item's number in this session.
            outcome: one of ``OUTCOMES``.
            fell, joined: numbers of things, see ``EventRow``; None: not known.

        Raises:
            ValueError: the outcome is unknown.
            EventLogError: it cannot be written.
        """
        if outcome not in OUTCOMES:
            raise ValueError(f"outcome: expected one of {OUTCOMES}, got {outcome!r}")
        key = self.session, number
        self._write(lambda: change_outcome(self._db, key, outcome, fell=fell, joined=joined))

    def merge(self, found: Salvage) -> int:
        """Insert the events of a damaged log that are not there yet; returns their number.

        Raises:
            EventLogError: they cannot be written; none of them was.
        """
        inserted: int = self._write(lambda: merge(self._db, found))
        return inserted

    def probe(self) -> None:
        """Test whether the disk can be written, by creating and dropping a table.

        Raises:
            EventLogError: the log cannot be written.
        """
        drop = "DROP TABLE IF EXISTS probe"  # also one left by a process that was killed
        steps = (drop, f"CREATE TABLE probe AS SELECT zeroblob({PROBE_BYTES}) AS filler")
        self._write(lambda: [self._db.execute(step) for step in steps])
        self._write(lambda: self._db.execute(drop))

    def transact(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """Change the log in one transaction, as every event is recorded; returns what ``action`` does.

        Raises:
            EventLogError: it cannot be written; nothing of it was.
        """
        done: Result = self._write(lambda: action(self._db))
        return done

    def close(self) -> None:
        """Close the database, unless a write in another thread hangs. May be called more than once."""
        if not self._mutex.acquire(timeout=CLOSE_TIMEOUT_S):
            return
        try:
            for part in (self._connection, self._file):
                if part is not None:
                    part.close()
            self._connection = self._file = None
        finally:
            self._mutex.release()

    def _open(self, file: LogFile) -> None:
        """Open the log for writing; what shows to be damaged only now is set aside as well."""
        file.prepare()
        try:
            self._connect(file)
        except (sqlite3.Error, LogDamageError) as error:
            if not is_damage(error):
                raise
            self._set_aside(file, error)
            file.prepare()
            self._connect(file)

    def _connect(self, file: LogFile) -> None:
        self._connection = connect(file.path, timeout_s=LOCK_TIMEOUT_S)
        make_schema(self._db)
        file.keep_lost_frames(self._db)

    def _set_aside(self, file: LogFile, error: Exception) -> None:
        # Renamed first: on closing, SQLite writes the write-ahead log into the database, and deletes it by its name.
        file.set_aside(error.kind if isinstance(error, LogDamageError) else "damaged", str(error))
        self._db.close()
        self._connection = None

    def _reopen(self, file: LogFile) -> None:
        """Begin a new log while running, with the session and the event whose outcome is still to come."""

        def go_on() -> None:
            if self.session:
                continue_session(self._db, self._session_row, self._last)

        try:
            self._open(file)
            commit(self._db, go_on)
        except BaseException:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            raise

    def _write(self, action: Callable[[], Result]) -> Result:
        """Do ``action`` in a transaction; what hinders it is mended if that can be, and it is done again.

        Raises:
            EventLogError: it failed; nothing of it was written.
        """
        with self._mutex:
            while True:
                try:
                    if self._file is not None:
                        self._follow(self._file)
                    result = commit(self._db, action)
                    if self._file is not None:
                        self._wal_watch.note_commit(self._file.path)
                    return result
                except (sqlite3.Error, OSError, LogDamageError) as error:
                    if not self._mend(error):
                        raise EventLogError(f"event log {self.path}: cannot be written: {error}") from error

    def _follow(self, file: LogFile) -> None:
        """Begin a new log where there is none any more, or another file has its name."""
        is_missing = self._connection is not None and not file.is_current()
        if self._connection is not None and (is_missing or self._wal_watch.save_removed(self._connection)):
            self._connection.close()
            self._connection = None
        if is_missing:
            file.tell_missing()
        if self._connection is None:
            self._reopen(file)

    def _mend(self, error: Exception) -> bool:
        """Whether what hindered a write was removed."""
        if getattr(error, "sqlite_errorcode", None) == FULL:
            return self.make_room()
        if self._file is None or not is_damage(error) or self._replacements >= MOST_REPLACEMENTS:
            return False
        self._replacements += 1
        try:
            self._set_aside(self._file, error)
        except OSError:
            return False
        return True
