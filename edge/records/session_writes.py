"""What is written of a session into an open event log: its beginning, its events, its end."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import fields
from itertools import chain, count

from edge.records.event_row import LAST_SESSION
from edge.records.totals import OPEN_EVENTS, change_outcome
from edge.values import SortEvent


def begin_session(database: sqlite3.Connection, *, wall_s: float, model: str, after: Sequence[int]) -> tuple[bool, int]:
    """Begin a session, within a transaction of the caller: see ``EventLog.start_session``.

    Returns:
        Whether the session before did not end cleanly, and the number of the new one.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    unclean = database.execute("UPDATE session SET ended_wall_s = -1 WHERE ended_wall_s IS NULL").rowcount > 0
    interrupt_open_events(database)
    number = _next_session(database, after)
    database.execute("INSERT INTO session (id, started_wall_s, model) VALUES (?, ?, ?)", (number, wall_s, model))
    return unclean, number


def interrupt_open_events(database: sqlite3.Connection, session: int | None = None) -> None:
    """Those of the newest events that have no outcome become ``interrupted``, within a transaction of the caller.

    Of the newest only: whoever looks through ten million events at each start keeps the bin waiting.

    Args:
        database: an event log.
        session: number of their session; None: of whatever session.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    query = "SELECT session, number, fell, joined FROM event WHERE id > (SELECT max(id) FROM event) - ? AND outcome = 'decided'"
    for found, number, fell, joined in database.execute(query, (OPEN_EVENTS,)).fetchall():
        if session in (None, found):
            change_outcome(database, (found, number), "interrupted", fell=fell, joined=joined)


def _next_session(database: sqlite3.Connection, after: Sequence[int]) -> int:
    """Number of a new session: above all that are known, but for damaged ones, above which there is none; else a free one."""
    known = [number for number in after if number < LAST_SESSION]
    for column, table in (("id", "session"), ("session", "event")):
        found = database.execute(f"SELECT max({column}) FROM {table} WHERE {column} < ?", (LAST_SESSION,))
        known.append(found.fetchone()[0] or 0)
    taken = "SELECT EXISTS (SELECT 1 FROM session WHERE id = :number) OR EXISTS (SELECT 1 FROM event WHERE session = :number)"
    numbers = chain((max(0, *known) + 1,), count(1))
    return next(number for number in numbers if not database.execute(taken, {"number": number}).fetchone()[0])


def continue_session(database: sqlite3.Connection, session: tuple[int, float, str], newest: SortEvent | None) -> None:
    """Go on with a session in a log that was begun or opened again, within a transaction of the caller.

    Args:
        database: the log.
        session: its number, its start in seconds since 1970 UTC, and its model.
        newest: its newest event, whose outcome may still come; None: it has none.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    database.execute("INSERT OR IGNORE INTO session (id, started_wall_s, model) VALUES (?, ?, ?)", session)
    if newest is None:
        return
    known = database.execute("SELECT 1 FROM event WHERE session = ? AND number = ?", (session[0], newest.number))
    if known.fetchone() is None:
        insert_event(database, newest, session=session[0])


def finish_session(database: sqlite3.Connection, session: int, *, wall_s: float) -> None:
    """End a session cleanly, within a transaction of the caller: see ``EventLog.end_session``.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    interrupt_open_events(database, session)
    database.execute("UPDATE session SET ended_wall_s = ? WHERE id = ?", (wall_s, session))


def insert_event(database: sqlite3.Connection, event: SortEvent, *, session: int) -> None:
    """Insert an event that was just decided, within a transaction of the caller.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    values: dict[str, object] = {field.name: getattr(event, field.name) for field in fields(event)}
    values["probabilities"] = json.dumps(event.probabilities)
    values |= {"session": session, "outcome": "decided"}
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    database.execute(f"INSERT INTO event ({names}) VALUES ({marks})", values)
