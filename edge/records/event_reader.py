"""Reads an event log that is open: its events, their totals, and whether it is sound."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from edge.errors import EventLogError
from edge.records.event_database import connect, is_damage, make_schema, open_for_reading
from edge.records.event_query import read_event, read_events
from edge.records.event_schema import EventRow
from edge.records.feature_table import offered_events
from edge.records.log_damage import LogDamageError
from edge.records.repair_command import repair_command
from edge.records.totals import LAST_DAY, DayTotal, read_totals

if TYPE_CHECKING:
    from edge.records.event_features import EventFeatures

Read = TypeVar("Read")


def open_events(path: Path) -> "EventReader":
    """Open an event log to read it, also while another process writes to it; close it, or use it as a context manager.

    ``EventLog(path, read_only=True)`` does the same, and loads all that writes.

    Args:
        path: the database.

    Raises:
        EventLogError: there is none, or it is no sound event log of a version that is known.
    """
    reader = EventReader(path)
    try:
        reader._connection = open_for_reading(path)
    except EventLogError:
        raise
    except (sqlite3.Error, OSError, RuntimeError, LogDamageError) as error:
        raise opening_error(path, error) from error
    return reader


def empty_events() -> "EventReader":
    """A log without events, in memory: what a bin has that has sorted nothing yet."""
    reader = EventReader(Path("none"))
    reader._connection = connect(":memory:")
    make_schema(reader._connection)
    return reader


def opening_error(path: Path, error: Exception) -> EventLogError:
    """What is told of an event log that cannot be opened.

    Args:
        path: the database.
        error: what opening it raised.
    """
    if is_damage(error):
        return EventLogError(f"event log {path}: {error}; '{repair_command(path)}' saves what can be read")
    return EventLogError(f"event log {path}: cannot be opened: {error}")


class EventReader:
    """What can be read of an event log that was opened, by ``open_events`` or as an ``EventLog``.

    Args:
        path: the database.

    Attributes:
        path: the database.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def events(self, *, since_wall_s: float = 0.0, newest: int | None = None) -> Iterator[EventRow]:
        """Read the events, oldest first. A row that is damaged is left out, and told of in the log.

        Args:
            since_wall_s: only events decided at or after this time, in seconds since 1970 UTC.
            newest: only so many of these, the newest; None: all of them.

        Raises:
            EventLogError: the database cannot be read.
        """
        return self._reading(lambda: read_events(self._db, since_wall_s, newest=newest))

    def totals(self, *, since_day: str = "", until_day: str = LAST_DAY) -> Iterator[DayTotal]:
        """Read the totals of each day, oldest first; they count deleted events as well.

        Args:
            since_day: first day, as ``2026-05-01``; empty: all.
            until_day: last day.

        Raises:
            EventLogError: the database cannot be read.
        """
        return self._reading(lambda: read_totals(self._db, since_day, until_day))

    def count(self) -> int:
        """Number of events in the log.

        Raises:
            EventLogError: the database cannot be read.
        """
        (number,) = self._reading(lambda: iter(self._db.execute("SELECT count(*) FROM event").fetchone()))
        return int(number)

    def event(self, number: int, session: int | None = None) -> EventRow | None:
        """One event; None: there is none, or it is damaged.

        Args:
            number: the item's number.
            session: its session; None: the newest that has such an item.

        Raises:
            EventLogError: the database cannot be read.
        """
        return next(self._reading(lambda: iter([read_event(self._db, number, session)])), None)

    def offered(self) -> Iterator[tuple[int, int]]:
        """Session and number of the events that are offered for review, the newest first.

        Raises:
            EventLogError: the database cannot be read.
        """
        return self._reading(lambda: offered_events(self._db))

    def features(self, session: int, number: int) -> "EventFeatures | None":
        """What an event was decided from; None: nothing of it is kept, or no longer.

        Args:
            session, number: those of the event.

        Raises:
            EventLogError: the database cannot be read.
        """
        # Loads numpy, which the bin's page must not: it reads events alone.
        from edge.records.event_features import read_features

        return self.read(lambda database: read_features(database, (session, number)))

    def read(self, query: Callable[[sqlite3.Connection], Read]) -> Read:
        """What a query of another module finds.

        Raises:
            EventLogError: the database cannot be read.
        """
        (found,) = self._reading(lambda: iter([query(self._db)]))
        return found

    def model_of(self, session: int) -> str | None:
        """SHA-256 of the model of a session; None: there is no such session.

        Raises:
            EventLogError: the database cannot be read.
        """
        query = "SELECT model FROM session WHERE id = ?"
        found = list(self._reading(lambda: iter(self._db.execute(query, (session,)).fetchall())))
        return str(found[0][0]) if found else None

    def integrity(self) -> str:
        """Result of SQLite's integrity check: ``ok``, or a description of the damage."""
        return str(self._db.execute("PRAGMA integrity_check").fetchone()[0])

    def close(self) -> None:
        """Close the database. May be called more than once."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise EventLogError(f"event log {self.path}: is closed")
        return self._connection

    def _reading(self, read: Callable[[], Iterator[Read]]) -> Iterator[Read]:
        try:
            yield from read()
        except (sqlite3.Error, LogDamageError) as error:
            hint = f"; '{repair_command(self.path)}' saves what can be read" if is_damage(error) else ""
            raise EventLogError(f"event log {self.path}: cannot be read: {error}{hint}") from error
