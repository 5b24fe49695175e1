"""The daily totals of the event log: how many events of each kind a day had. They stay when the events are deleted."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from edge.records.log_damage import LogDamageError
from edge.records.side_tables import SideTables

TOTALS_SCHEMA = """
CREATE TABLE IF NOT EXISTS total (
    day TEXT NOT NULL,              -- local date, 2026-05-01
    label TEXT NOT NULL,
    bin TEXT NOT NULL,
    outcome TEXT NOT NULL,
    wall_synced INTEGER NOT NULL,   -- 0: the clock was not set, the day may be wrong
    events INTEGER NOT NULL,
    PRIMARY KEY (day, label, bin, outcome, wall_synced)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS progress (
    counted INTEGER NOT NULL,       -- events up to this id are in the totals
    deleted INTEGER NOT NULL        -- number of ids from 1 on whose events were deleted
);
INSERT INTO progress SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM progress);
"""
"""Added beside the tables of the schema, whose version stays: a release that does not know them reads and writes the log as
before, and the events that it adds are counted later."""

OPEN_EVENTS = 64
"""Number of the newest events whose outcome may still be to come: many times what the recorder has under way."""

COUNT_ROWS = 1000
"""Largest number of events that are counted in one transaction: a few milliseconds, which an event may have to wait."""

LAST_DAY = "9999-12-31"
"""No calendar goes further."""

KEY = ("day", "label", "bin", "outcome", "wall_synced")

_TABLES = SideTables({"total": [*KEY, "events"], "progress": ["counted", "deleted"]}, TOTALS_SCHEMA)

# A damaged value is counted as what SQLite makes of it: a total is to be complete before it is pretty.
_KEY_OF_EVENT = (
    "coalesce(date(wall_s, 'unixepoch', 'localtime'), '') AS day, coalesce(CAST(label AS TEXT), '?') AS label, "
    "coalesce(CAST(bin AS TEXT), '?') AS bin, coalesce(CAST(outcome AS TEXT), '?') AS outcome, "
    "coalesce(CAST(wall_synced AS INTEGER), 0) <> 0 AS wall_synced"
)


@dataclass(frozen=True, slots=True)
class DayTotal:
    """Number of events of one kind on one day.

    Attributes:
        day: local date as ``2026-05-01``; empty: the time of the events is damaged.
        label, bin, outcome: as of ``EventRow``.
        wall_synced: whether the clock was set; otherwise the day may be wrong.
        events: their number, from 1.
    """

    day: str
    label: str
    bin: str
    outcome: str
    wall_synced: bool
    events: int


def has_totals(database: sqlite3.Connection) -> bool:
    """Whether the log has totals: one that was only ever written by an older release has none.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    return _TABLES.are_in(database)


def check_totals(database: sqlite3.Connection) -> None:
    """Check the tables of the totals of a log that has them.

    Raises:
        LogDamageError: they are damaged.
        sqlite3.Error: they cannot be read.
    """
    _TABLES.check_columns(database)
    if has_totals(database):
        counted_id(database)


def make_totals(database: sqlite3.Connection) -> None:
    """Add the tables of the totals to a log that has none. The events in it are counted later, a few at a time.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    _TABLES.make(database)


def count_events(database: sqlite3.Connection, *, most: int | None = COUNT_ROWS, with_open: bool = False) -> int:
    """Count the next events, within a transaction of the caller.

    An event that is just decided waits until its outcome is known, and with it those that came later.

    Args:
        database: an event log, with ``make_totals``.
        most: largest number of ids to count; None: all.
        with_open: also count events without an outcome.

    Returns:
        Number of ids that were counted; 0: there are no more for now.

    Raises:
        sqlite3.Error: it cannot be read or written.
    """
    counted = counted_id(database)
    newest = _newest_id(database)
    pending = "SELECT min(id) FROM event WHERE id > ? AND outcome = 'decided'"
    first_open = database.execute(pending, (max(counted, newest - OPEN_EVENTS),)).fetchone()[0]
    until = newest if first_open is None or with_open else first_open - 1
    until = until if most is None else min(counted + most, until)
    if until <= counted:
        return 0
    database.execute(
        f"INSERT INTO total SELECT {_KEY_OF_EVENT}, count(*) FROM event WHERE id > ? AND id <= ? GROUP BY 1, 2, 3, 4, 5 "
        f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET events = events + excluded.events",
        (counted, until),
    )
    database.execute("UPDATE progress SET counted = ?", (until,))
    return until - counted


def change_outcome(
    database: sqlite3.Connection, key: tuple[int, int], outcome: str, *, fell: int | None, joined: int | None
) -> None:
    """Set the outcome of an event, and move it in the totals if it is counted, within a transaction of the caller.

    Args:
        database: an event log.
        key: its session and its number.
        outcome, fell, joined: see ``EventLog.record_outcome``.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    found = database.execute("SELECT id FROM event WHERE session = ? AND number = ?", key).fetchone()
    if found is None:
        return
    is_counted = found[0] <= counted_id(database)
    if is_counted:
        _add(database, found[0], -1)
    update = "UPDATE event SET outcome = ?, fell = ?, joined = ? WHERE id = ?"
    database.execute(update, (outcome, fell, joined, found[0]))
    if is_counted:
        _add(database, found[0], 1)
        database.execute("DELETE FROM total WHERE events <= 0")


def raise_totals(database: sqlite3.Connection, found: Iterator[DayTotal]) -> None:
    """Take the totals of a damaged log into this one, whose events are all counted, within a transaction of the caller.

    Of each the larger number holds: a damaged log has counted its events, those that were saved from it are counted here as
    well, and doing it again changes nothing.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    database.executemany(
        f"INSERT INTO total VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT ({', '.join(KEY)}) "
        "DO UPDATE SET events = max(events, excluded.events)",
        ((one.day, one.label, one.bin, one.outcome, int(one.wall_synced), one.events) for one in found),
    )


def read_totals(database: sqlite3.Connection, since_day: str = "", until_day: str = LAST_DAY) -> Iterator[DayTotal]:
    """The totals of each day, oldest first: of what was counted, and of what is not counted yet.

    Args:
        database: an event log, of whatever release.
        since_day: first day, as ``2026-05-01``; empty: all.
        until_day: last day.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    known = has_totals(database)
    counted = counted_id(database) if known else 0
    events = f"SELECT {_KEY_OF_EVENT}, count(*) AS events FROM event WHERE id > :counted GROUP BY 1, 2, 3, 4, 5"
    key = ", ".join(KEY)
    days = "WHERE day >= :since AND day <= :until"
    parts = f"SELECT {key}, events FROM total {days} UNION ALL SELECT * FROM ({events}) {days}"
    rows = database.execute(
        f"SELECT {key}, sum(events) FROM ({parts if known else events}) {days} GROUP BY {key} ORDER BY {key}",
        {"counted": counted, "since": since_day, "until": until_day},
    )
    for day, label, name, outcome, synced, number in rows:
        yield DayTotal(str(day), str(label), str(name), str(outcome), bool(synced), int(number))


def _add(database: sqlite3.Connection, event: int, number: int) -> None:
    """Add to the total that an event belongs to."""
    database.execute(
        f"INSERT INTO total SELECT {_KEY_OF_EVENT}, ? FROM event WHERE id = ? "
        f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET events = events + excluded.events",
        (number, event),
    )


def counted_id(database: sqlite3.Connection) -> int:
    """Id up to which events are in the totals.

    Raises:
        LogDamageError: it is not there, or cannot be.
        sqlite3.Error: it cannot be read.
    """
    row = database.execute("SELECT counted, deleted FROM progress").fetchone()
    if row is None or not all(isinstance(value, int) and value >= 0 for value in row) or row[0] > _newest_id(database):
        # Everything would be counted twice, or never.
        raise LogDamageError("damaged", "its totals are damaged")
    return int(row[0])


def _newest_id(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT max(id) FROM event").fetchone()[0] or 0)
