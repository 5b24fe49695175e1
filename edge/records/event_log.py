"""The event log: a SQLite database with one transaction per event, so that no event is lost."""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO, cast

from edge.errors import EventLogError
from edge.records.event_schema import APPLICATION_ID, OUTCOMES, SCHEMA, SCHEMA_VERSION, UPGRADES, EventRow
from edge.values import SortEvent

LOCK_TIMEOUT_S = 0.3
"""Longest wait of a write for another process that writes, in seconds. The item waits meanwhile."""

PROBE_BYTES = 8192
"""Size of a test write, in bytes: larger than an event, so that the next event fits on the disk too."""


class EventLog:
    """Records what was sorted. An event is on the disk before its flap moves.

    Args:
        path: the database. It and its folder are created if necessary.
        read_only: open an existing database for reading, even while another process writes to it.

    Attributes:
        path: the database.
        session: number of the session that ``start_session`` began; 0 before.

    Raises:
        EventLogError: the file cannot be opened, is not an event log, or has an unknown schema version.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._resources = ExitStack()
        try:
            if read_only:
                if not path.is_file():
                    raise EventLogError(
                        f"event log {path}: no such file; nothing has been sorted yet, or event_log.file is wrong"
                    )
                # A clean stop removes the write-ahead log, and without write permission for the folder SQLite cannot
                # create a new one. The file is complete then, and can be opened as immutable.
                mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
                mode = "mode=ro" if os.access(path.parent, os.W_OK) else mode
                self._db = sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True, isolation_level=None)
                self._resources.callback(self._db.close)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._resources.enter_context(_lock(path))
                # Written by the recorder's writer, one job after the other, and ended by the program's own thread after it.
                self._db = sqlite3.connect(path, isolation_level=None, timeout=LOCK_TIMEOUT_S, check_same_thread=False)
                self._resources.callback(self._db.close)
            self._db.row_factory = sqlite3.Row
            self._open_schema(read_only)
            if not read_only:
                self._db.execute("PRAGMA journal_mode = WAL")
                # FULL: a committed event survives a power cut, not only a killed process. One sync per item.
                self._db.execute("PRAGMA synchronous = FULL")
                self._db.execute("PRAGMA journal_size_limit = 1048576")
        except (sqlite3.Error, OSError) as error:
            self.close()
            if isinstance(error, EventLogError):
                raise
            raise EventLogError(f"event log {path}: cannot be opened: {error}") from error
        self.session = 0

    def start_session(self, *, wall_s: float, model: str) -> bool:
        """Begin a session.

        The events of an unclean session that have no outcome become ``interrupted``.

        Args:
            wall_s: wall-clock time, in seconds since 1970 UTC.
            model: name of the model.

        Returns:
            True if the session before did not end cleanly.
        """
        with self._transaction():
            unclean = self._db.execute("UPDATE session SET ended_wall_s = -1 WHERE ended_wall_s IS NULL").rowcount > 0
            self._db.execute("UPDATE event SET outcome = 'interrupted' WHERE outcome = 'decided'")
            row = self._db.execute("INSERT INTO session (started_wall_s, model) VALUES (?, ?)", (wall_s, model))
            self.session = int(row.lastrowid or 0)
        return unclean

    def end_session(self, *, wall_s: float) -> None:
        """End the session cleanly.

        Args:
            wall_s: wall-clock time, in seconds since 1970 UTC.
        """
        with self._transaction():
            self._db.execute(
                "UPDATE event SET outcome = 'interrupted' WHERE session = ? AND outcome = 'decided'", (self.session,)
            )
            self._db.execute("UPDATE session SET ended_wall_s = ? WHERE id = ?", (wall_s, self.session))

    def record(self, event: SortEvent) -> None:
        """Commit one event. It is on the disk when this returns.

        Raises:
            EventLogError: it cannot be written; nothing of it was.
        """
        values: dict[str, object] = {field.name: getattr(event, field.name) for field in fields(event)}
        values["probabilities"] = json.dumps(event.probabilities)
        values |= {"session": self.session, "outcome": "decided"}
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        with self._transaction():
            self._db.execute(f"INSERT INTO event ({names}) VALUES ({marks})", values)

    def record_outcome(self, number: int, outcome: str) -> None:
        """Record how the event of an item ended.

        Args:
            number: the item's number in this session.
            outcome: one of ``OUTCOMES``.

        Raises:
            ValueError: the outcome is unknown.
            EventLogError: it cannot be written.
        """
        if outcome not in OUTCOMES:
            raise ValueError(f"outcome: expected one of {OUTCOMES}, got {outcome!r}")
        with self._transaction():
            self._db.execute(
                "UPDATE event SET outcome = ? WHERE session = ? AND number = ?", (outcome, self.session, number)
            )

    def probe(self) -> None:
        """Test whether the disk can be written, by creating and dropping a table.

        Raises:
            EventLogError: the log cannot be written.
        """
        with self._transaction():
            self._db.execute("DROP TABLE IF EXISTS probe")  # left by a process that was killed
            self._db.execute(f"CREATE TABLE probe AS SELECT zeroblob({PROBE_BYTES}) AS filler")
        with self._transaction():
            self._db.execute("DROP TABLE probe")

    def events(self, *, since_wall_s: float = 0.0) -> Iterator[EventRow]:
        """Read the events, oldest first.

        Args:
            since_wall_s: only events decided at or after this time, in seconds since 1970 UTC.

        Raises:
            EventLogError: the database cannot be read.
        """
        try:
            for row in self._db.execute("SELECT * FROM event WHERE wall_s >= ? ORDER BY id", (since_wall_s,)):
                event = dict(row)
                event["probabilities"] = json.loads(event["probabilities"])
                event["wall_synced"] = bool(event["wall_synced"])
                event.setdefault("score", None)  # a log of version 1, opened for reading
                yield cast(EventRow, event)
        except sqlite3.Error as error:
            raise EventLogError(f"event log {self.path}: cannot be read: {error}") from error

    def integrity(self) -> str:
        """Result of SQLite's integrity check: ``ok``, or a description of the damage."""
        return str(self._db.execute("PRAGMA integrity_check").fetchone()[0])

    def close(self) -> None:
        """Close the database. May be called more than once."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open_schema(self, read_only: bool) -> None:
        """Create or upgrade the schema, or check it if ``read_only``. Raises EventLogError if it does not fit."""
        application = int(self._db.execute("PRAGMA application_id").fetchone()[0])
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        empty = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if empty and not read_only:
            marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
            self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} {marks} COMMIT;")
        elif application != APPLICATION_ID:
            raise EventLogError(
                f"event log {self.path}: a SQLite database, but not an event log; move it away or set event_log.file"
            )
        elif version not in (*UPGRADES, SCHEMA_VERSION):
            raise EventLogError(f"event log {self.path}: has schema version {version}, expected {SCHEMA_VERSION}")
        elif not read_only:
            for step in range(version, SCHEMA_VERSION):
                mark = f"PRAGMA user_version = {step + 1};"
                self._db.executescript(f"BEGIN IMMEDIATE; {UPGRADES[step]} {mark} COMMIT;")

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db, self.path)


def _lock(path: Path) -> TextIO:
    """Lock the log for this process: two programs with the same log would also drive the same flaps.

    The kernel releases the lock when the process ends, however it ends.
    """
    lock = path.with_name(f"{path.name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise EventLogError(f"event log {path}: in use by another sorter; stop that first") from error
    return lock


class _Transaction:
    """BEGIN IMMEDIATE ... COMMIT, with SQLite's errors converted to EventLogError."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def __enter__(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise EventLogError(f"event log {self._path}: cannot be written: {error}") from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            # SQLite rolls back by itself when the disk is full; another ROLLBACK would fail and hide that error.
            if error is None or self._db.in_transaction:
                self._db.execute("COMMIT" if error is None else "ROLLBACK")
        except sqlite3.Error as problem:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise EventLogError(f"event log {self._path}: cannot be written: {problem}") from problem
        if isinstance(error, sqlite3.Error):
            raise EventLogError(f"event log {self._path}: cannot be written: {error}") from error
