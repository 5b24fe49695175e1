"""Reads the event log page by page: ten million events take no more memory than a few hundred, and hold up no writer."""

import logging
import sqlite3
from collections.abc import Iterator

from edge.records.event_row import check_event
from edge.records.event_schema import EventRow
from edge.records.log_damage import LogDamageError

log = logging.getLogger(__name__)

PAGE_ROWS = 500
"""Number of events that are read at once. Between two pages nothing of the log is held: while somebody reads, SQLite cannot
shorten the write-ahead log that the bin writes to."""

_Key = tuple[object, object]
"""Session and number of an event, as they are stored."""


def read_events(
    database: sqlite3.Connection, since_wall_s: float = 0.0, *, newest: int | None = None
) -> Iterator[EventRow]:
    """Read the events, oldest first. A row that is damaged is left out, and told of in the log.

    Args:
        database: an event log.
        since_wall_s: only events decided at or after this time, in seconds since 1970 UTC.
        newest: only so many of these, the newest; None: all of them.

    Raises:
        sqlite3.Error, LogDamageError: the database cannot be read.
    """
    first = _first_key(database, since_wall_s)
    if first is None:
        return
    if newest is not None:
        first = _key_from_end(database, since_wall_s, first, newest)
    damaged = 0
    for row in _rows_from(database, since_wall_s, first):
        try:
            yield check_event(dict(row))
        except ValueError:
            damaged += 1
    if damaged:
        log.warning("%d damaged events are left out", damaged)


def read_event(database: sqlite3.Connection, number: int, session: int | None = None) -> EventRow | None:
    """One event; None: there is none, or it is damaged. Arguments as of ``EventReader.event``.

    Raises:
        sqlite3.Error: the database cannot be read.
    """
    if session is None:
        found = database.execute("SELECT * FROM event WHERE number = ? ORDER BY session DESC LIMIT 1", (number,))
    else:
        found = database.execute("SELECT * FROM event WHERE session = ? AND number = ?", (session, number))
    row = found.fetchone()
    try:
        return None if row is None else check_event(dict(row))
    except ValueError:
        return None


def _first_key(database: sqlite3.Connection, since_wall_s: float) -> _Key | None:
    """The first event since a time, by session and number: one that was saved from a damaged log is inserted late."""
    if since_wall_s <= 0:
        query = "SELECT session, number FROM event WHERE +wall_s >= ? ORDER BY session, number LIMIT 1"
    else:
        # Found by its time: the plus keeps SQLite from going through all events in their order instead.
        query = "SELECT session, number FROM event WHERE wall_s >= ? ORDER BY +session, +number LIMIT 1"
    found = database.execute(query, (since_wall_s,)).fetchone()
    return None if found is None else (found[0], found[1])


def _key_from_end(database: sqlite3.Connection, since_wall_s: float, first: _Key, newest: int) -> _Key:
    """The event that is the ``newest``-th from the end, but not before ``first``."""
    found = database.execute(
        "SELECT session, number FROM event WHERE (session, number) >= (?, ?) AND +wall_s >= ? "
        "ORDER BY session DESC, number DESC LIMIT 1 OFFSET ?",
        (*first, since_wall_s, newest - 1),
    ).fetchone()
    return first if found is None else (found[0], found[1])


def _rows_from(database: sqlite3.Connection, since_wall_s: float, first: _Key) -> Iterator[sqlite3.Row]:
    key, relation = first, ">="
    while True:
        page = database.execute(
            f"SELECT * FROM event WHERE (session, number) {relation} (?, ?) AND +wall_s >= ? "
            f"ORDER BY session, number LIMIT {PAGE_ROWS}",
            (*key, since_wall_s),
        ).fetchall()
        yield from page
        if len(page) < PAGE_ROWS:
            return
        following = (page[-1]["session"], page[-1]["number"])
        if not _rank(following) > _rank(key):
            # Otherwise it would be read in a circle.
            raise LogDamageError("damaged", "its events do not stand in their order")
        key, relation = following, ">"


def _rank(key: _Key) -> tuple[tuple[int, object], ...]:
    """Orders keys as SQLite does, whatever damage has made of them."""
    ranks = {type(None): 0, int: 1, float: 1, str: 2}
    return tuple((ranks.get(type(value), 3), 0 if value is None else value) for value in key)
