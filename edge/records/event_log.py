"""The event log: SQLite, one transaction per event, nothing lost."""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from edge.errors import EventLogError
from edge.values import SortEvent

SCHEMA_VERSION = 2

APPLICATION_ID = 0x536F7274
"""Marks a SQLite file as an event log ("Sort" in ASCII)."""

SCHEMA = """
CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    started_wall_s REAL NOT NULL,
    ended_wall_s REAL,              -- NULL: running, or it stopped uncleanly
    model TEXT NOT NULL
);
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES session (id),
    number INTEGER NOT NULL,
    time_s REAL NOT NULL,
    wall_s REAL NOT NULL,
    wall_synced INTEGER NOT NULL,
    label TEXT NOT NULL,
    confidence REAL NOT NULL,
    probabilities TEXT NOT NULL,    -- JSON object, label -> probability
    bin TEXT NOT NULL,
    reason TEXT NOT NULL,
    views INTEGER NOT NULL,
    agreement REAL NOT NULL,
    rest_to_decision_s REAL NOT NULL,
    latency_ms REAL NOT NULL,
    image TEXT,
    outcome TEXT NOT NULL,          -- decided, then done, stuck or interrupted
    score REAL,                     -- NULL: the model gives none
    UNIQUE (session, number)
);
CREATE INDEX event_wall ON event (wall_s);
"""

UPGRADES = {1: "ALTER TABLE event ADD COLUMN score REAL;"}
"""Version -> what makes it the next one."""

LOCKED_S = 0.3
"""How long a write waits for somebody else who writes, in seconds: the flaps are not looked after meanwhile."""

PROBE_BYTES = 8192
"""More than an event takes, so that a disk on which a probe fits has room for the next event."""

OUTCOMES = ("decided", "done", "stuck", "interrupted")
"""decided: recorded, the flap is about to move; done: the flap went out and home and the item is gone; stuck: it stayed on
the tray; interrupted: the program stopped in between."""


class EventLog:
    """Records what was sorted. An event is on the disk before its flap moves.

    Args:
        path: the database; made with its folder where it is missing.

    Raises:
        EventLogError: the file cannot be opened, is no event log, or is from a newer version.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._held = ExitStack()
        try:
            if read_only:
                if not path.is_file():
                    raise EventLogError(f"event log {path}: no such file; nothing sorted yet, or see event_log.file")
                # After a clean stop the write-ahead log is gone, and who may not write here cannot make a new one: then
                # the file is all there is. While it is there, a reader needs no more than that.
                mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
                mode = "mode=ro" if os.access(path.parent, os.W_OK) else mode
                self._db = sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True, isolation_level=None)
                self._held.callback(self._db.close)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._held.enter_context(_lock(path))
                self._db = sqlite3.connect(path, isolation_level=None, timeout=LOCKED_S)
                self._held.callback(self._db.close)
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
        """Number of the session that ``start`` began; every start has its own, whatever the clock says."""

    def start_session(self, *, wall_s: float, model: str) -> bool:
        """Begin a session; True when the one before stopped uncleanly (its open events are then called interrupted)."""
        with self._transaction():
            unclean = self._db.execute("UPDATE session SET ended_wall_s = -1 WHERE ended_wall_s IS NULL").rowcount > 0
            self._db.execute("UPDATE event SET outcome = 'interrupted' WHERE outcome = 'decided'")
            row = self._db.execute("INSERT INTO session (started_wall_s, model) VALUES (?, ?)", (wall_s, model))
            self.session = int(row.lastrowid or 0)
        return unclean

    def end_session(self, *, wall_s: float) -> None:
        """End the session cleanly."""
        with self._transaction():
            self._db.execute(
                "UPDATE event SET outcome = 'interrupted' WHERE session = ? AND outcome = 'decided'", (self.session,)
            )
            self._db.execute("UPDATE session SET ended_wall_s = ? WHERE id = ?", (wall_s, self.session))

    def record(self, event: SortEvent) -> None:
        """Commit one event. When this returns, it is on the disk."""
        values: dict[str, Any] = {field.name: getattr(event, field.name) for field in fields(event)}
        values["probabilities"] = json.dumps(event.probabilities)
        values |= {"session": self.session, "outcome": "decided"}
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        with self._transaction():
            self._db.execute(f"INSERT INTO event ({names}) VALUES ({marks})", values)

    def record_outcome(self, number: int, outcome: str) -> None:
        """Say how the event of item ``number`` of this session ended: one of ``OUTCOMES``."""
        if outcome not in OUTCOMES:
            raise ValueError(f"outcome: expected one of {OUTCOMES}, got {outcome!r}")
        with self._transaction():
            self._db.execute(
                "UPDATE event SET outcome = ? WHERE session = ? AND number = ?", (outcome, self.session, number)
            )

    def probe(self) -> None:
        """Write something to the disk for real, and take it away again.

        Raises:
            EventLogError: the log cannot be written.
        """
        with self._transaction():
            self._db.execute("DROP TABLE IF EXISTS probe")  # left by a program killed in between
            self._db.execute(f"CREATE TABLE probe AS SELECT zeroblob({PROBE_BYTES}) AS filler")
        with self._transaction():
            self._db.execute("DROP TABLE probe")

    def events(self, *, since_wall_s: float = 0.0) -> Iterator[dict[str, Any]]:
        """The events decided at or after a time (seconds since 1970 UTC), oldest first, as plain dicts."""
        try:
            for row in self._db.execute("SELECT * FROM event WHERE wall_s >= ? ORDER BY id", (since_wall_s,)):
                event = dict(row)
                event["probabilities"] = json.loads(event["probabilities"])
                event["wall_synced"] = bool(event["wall_synced"])
                event.setdefault("score", None)  # a log of version 1 that may only be read
                yield event
        except sqlite3.Error as error:
            raise EventLogError(f"event log {self.path}: cannot be read: {error}") from error

    def integrity(self) -> str:
        """SQLite's own verdict on the file: ``ok``, or what is wrong."""
        return str(self._db.execute("PRAGMA integrity_check").fetchone()[0])

    def close(self) -> None:
        """Close the file; may be called twice."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open_schema(self, read_only: bool) -> None:
        application = int(self._db.execute("PRAGMA application_id").fetchone()[0])
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        empty = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if empty and not read_only:
            marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
            self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} {marks} COMMIT;")
        elif application != APPLICATION_ID:
            raise EventLogError(f"event log {self.path}: SQLite, but no event log; move it away or set event_log.file")
        elif version not in (*UPGRADES, SCHEMA_VERSION):
            raise EventLogError(f"event log {self.path}: has schema version {version}, expected {SCHEMA_VERSION}")
        elif not read_only:
            for step in range(version, SCHEMA_VERSION):
                mark = f"PRAGMA user_version = {step + 1};"
                self._db.executescript(f"BEGIN IMMEDIATE; {UPGRADES[step]} {mark} COMMIT;")

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db, self.path)


def _lock(path: Path) -> TextIO:
    """Lock the log for this process: two programs on one log would also be two on the same flaps.

    The kernel drops the lock when the process ends, however it ends.
    """
    lock = path.with_name(f"{path.name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise EventLogError(f"event log {path}: another sorter is running on it; stop that first") from error
    return lock


class _Transaction:
    """BEGIN IMMEDIATE ... COMMIT, with SQLite's errors turned into ours."""

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
            # SQLite rolls back by itself when the disk is full; a second time would hide that error.
            if error is None or self._db.in_transaction:
                self._db.execute("COMMIT" if error is None else "ROLLBACK")
        except sqlite3.Error as problem:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise EventLogError(f"event log {self._path}: cannot be written: {problem}") from problem
        if isinstance(error, sqlite3.Error):
            raise EventLogError(f"event log {self._path}: cannot be written: {error}") from error
