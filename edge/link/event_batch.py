"""The next events of the log that are final, from a position on."""

import sqlite3
from dataclasses import dataclass

from edge.link.position import START, Position
from edge.records.event_row import check_event
from edge.records.event_schema import EventRow
from edge.records.totals import OPEN_EVENTS

MOST = 50
"""Events that are read at once."""


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Events in the order in which they were recorded.

    Attributes:
        after: the position that they come after: the one asked for, or the start of a log that has taken the place of its own.
        events: each with its position; None in place of a damaged one.
        left: number of final events after these.
    """

    after: Position
    events: tuple[tuple[Position, EventRow | None], ...]
    left: int = 0


def read_batch(database: sqlite3.Connection, after: Position, *, most: int = MOST) -> EventBatch:
    """The next events whose outcome will not change any more.

    One that is just decided waits until its outcome is known, and with it those that came later. Of older ones than the recorder
    can have under way, nothing more will be known: they are final as they are.

    Args:
        database: an event log.
        after: the position of the event before; of another log it counts as the start.
        most: most of them.

    Raises:
        sqlite3.Error: the log cannot be read.
    """
    newest = int(database.execute("SELECT max(id) FROM event").fetchone()[0] or 0)
    if not _is_of(database, after, newest):
        after = START
    pending = "SELECT min(id) FROM event WHERE id > ? AND outcome = 'decided'"
    first_open = database.execute(pending, (max(after.id, newest - OPEN_EVENTS),)).fetchone()[0]
    until = newest if first_open is None else first_open - 1
    rows = database.execute(
        "SELECT * FROM event WHERE id > ? AND id <= ? ORDER BY id LIMIT ?", (after.id, until, most)
    ).fetchall()
    last = rows[-1]["id"] if rows else until
    return EventBatch(after, tuple((_position(row), _checked(row)) for row in rows), max(until - last, 0))


def _is_of(database: sqlite3.Connection, position: Position, newest: int) -> bool:
    """Whether a position is one of this log: a new log, and one whose events were all deleted, count their ids anew."""
    if position.id > newest:
        return False
    row = database.execute("SELECT id, session, number FROM event WHERE id = ?", (position.id,)).fetchone()
    return row is None or _position(row) == position


def _position(row: sqlite3.Row) -> Position:
    session, number = (value if isinstance(value, int) else -1 for value in (row["session"], row["number"]))
    return Position(row["id"], session, number)


def _checked(row: sqlite3.Row) -> EventRow | None:
    try:
        return check_event(dict(row))
    except ValueError:
        return None
