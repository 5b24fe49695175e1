"""Lists the events of each kind, label, bin and reason, so that a filter finds the newest of a million at once.

The lists are written a few dozen events at a time, beside the daily totals: an index that every event had to write would cost
the card three pages an event.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge.records.event_row import LAST_SESSION
from edge.records.feature_table import feature_id
from edge.records.log_damage import LogDamageError
from edge.records.side_tables import SideTables

KINDS_SCHEMA = """
CREATE TABLE IF NOT EXISTS kind (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL,
    bin TEXT NOT NULL,
    reason TEXT NOT NULL,
    events INTEGER NOT NULL,        -- number of those that are listed
    UNIQUE (label, bin, reason)
);
CREATE TABLE IF NOT EXISTS kind_event (
    kind INTEGER NOT NULL,
    place INTEGER NOT NULL,         -- session * 2^32 + number of the event: of a later one it is higher
    PRIMARY KEY (kind, place)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kind_progress (
    listed INTEGER NOT NULL         -- events up to this id are listed
);
INSERT INTO kind_progress SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM kind_progress);
"""
"""Added beside the tables of the schema, whose version stays, as the totals are: a release that does not know them reads and
writes the log as before. What it adds is listed later; what it deletes is passed over."""

LIST_ROWS = 500
"""Largest number of events that are listed in one transaction: a few milliseconds, which an event may have to wait."""

CHECKED_EVENTS = 100_000
"""Logs of at most so many events have their lists checked whenever they are opened to be written: some hundredths of a second."""

MOST_KINDS = 4096
"""Kinds that are read at most: many times what a bin with hundreds of labels has."""

_TABLES = SideTables(
    {
        "kind": ["id", "label", "bin", "reason", "events"],
        "kind_event": ["kind", "place"],
        "kind_progress": ["listed"],
    },
    KINDS_SCHEMA,
)


_FIND = "SELECT id FROM kind WHERE label = ? AND bin = ? AND reason = ?"

_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class EventKind:
    """The events of one label, bin and reason.

    Attributes:
        number: its number in the log.
        label, bin, reason: as of ``EventRow``.
        events: number of those that are listed, >= 0.
    """

    number: int
    label: str
    bin: str
    reason: str
    events: int


def has_kinds(database: sqlite3.Connection) -> bool:
    """Whether the log has lists of kinds: one that was only ever written by an older release has none.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    return _TABLES.are_in(database)


def check_kinds(database: sqlite3.Connection) -> None:
    """Check the tables of the kinds of a log that has them.

    Raises:
        LogDamageError: they are damaged.
        sqlite3.Error: they cannot be read.
    """
    _TABLES.check_columns(database)
    if has_kinds(database):
        listed_id(database)


def make_kinds(database: sqlite3.Connection) -> None:
    """Add the tables of the kinds to a log that has none, or damaged ones. Its events are listed later, a few at a time.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    if _TABLES.are_in(database) and not _is_in_order(database):
        drop = "".join(f"DROP TABLE {table}; " for table in _TABLES.columns)
        database.executescript(f"BEGIN IMMEDIATE; {drop}{KINDS_SCHEMA} COMMIT;")
    _TABLES.make(database)


def listed_id(database: sqlite3.Connection) -> int:
    """Id up to which events are listed.

    Raises:
        LogDamageError: it is not there, or cannot be.
        sqlite3.Error: it cannot be read.
    """
    row = database.execute("SELECT listed FROM kind_progress").fetchone()
    if row is None or not isinstance(row[0], int) or row[0] < 0:
        raise LogDamageError("damaged", "the progress of its lists is damaged")
    return int(row[0])


def list_events(database: sqlite3.Connection, most: int = LIST_ROWS) -> int:
    """List the next events, within a transaction of the caller. An event that is damaged is passed over.

    Args:
        database: an event log, with ``make_kinds``.
        most: largest number of ids to list.

    Returns:
        Number of ids that were listed; 0: there are no more for now.

    Raises:
        sqlite3.Error: it cannot be read or written.
    """
    listed = listed_id(database)
    newest = _newest_id(database)
    if listed > newest:
        listed = (
            0  # a release that does not know the lists has deleted the newest events: their ids are given once more
        )
    until = min(listed + most, newest)
    if until == listed:
        return 0
    rows = database.execute(
        "SELECT session, number, label, bin, reason FROM event WHERE id > ? AND id <= ?", (listed, until)
    ).fetchall()
    for key, places in _by_kind(rows).items():
        kind = _kind_number(database, key)
        insert = "INSERT OR IGNORE INTO kind_event VALUES (?, ?)"
        added = database.executemany(insert, [(kind, place) for place in places]).rowcount
        database.execute("UPDATE kind SET events = events + ? WHERE id = ?", (added, kind))
    database.execute("UPDATE kind_progress SET listed = ?", (until,))
    return until - listed


def unlist_events(database: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> None:
    """Take events off their lists that were just deleted, within a transaction of the caller.

    Args:
        database: an event log, with ``make_kinds``.
        rows: the events: session, number, label, bin and reason of each.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    for key, places in _by_kind(rows).items():
        found = database.execute(_FIND, key).fetchone()
        if found is None:
            continue
        delete = "DELETE FROM kind_event WHERE kind = ? AND place = ?"
        deleted = database.executemany(delete, [(found[0], place) for place in places]).rowcount
        database.execute("UPDATE kind SET events = max(events - ?, 0) WHERE id = ?", (deleted, found[0]))
    # A label may say something of a person: it goes with its last event.
    empty = "events = 0 AND NOT EXISTS (SELECT 1 FROM kind_event WHERE kind = kind.id)"
    database.execute(f"DELETE FROM kind WHERE {empty}")
    # SQLite gives the ids above the newest event once more.
    database.execute("UPDATE kind_progress SET listed = min(listed, ?)", (_newest_id(database),))


def read_kinds(database: sqlite3.Connection) -> list[EventKind]:
    """The kinds of the listed events, the largest first; of more than ``MOST_KINDS`` the largest.

    Args:
        database: an event log, of whatever release.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    if not has_kinds(database):
        return []
    query = "SELECT id, label, bin, reason, events FROM kind WHERE events > 0 ORDER BY events DESC, id LIMIT ?"
    return [
        EventKind(row[0], str(row[1]), str(row[2]), str(row[3]), row[4])
        for row in database.execute(query, (MOST_KINDS,))
    ]


def count_unlisted(database: sqlite3.Connection) -> dict[tuple[str, str, str], int] | None:
    """Label, bin and reason -> events that are not listed yet; None: more of them than are looked through.

    Args:
        database: an event log, with ``make_kinds``.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    listed = listed_id(database)
    if not 0 <= _newest_id(database) - listed <= LIST_ROWS:
        return None
    query = "SELECT session, number, label, bin, reason FROM event WHERE id > ?"
    return {key: len(places) for key, places in _by_kind(database.execute(query, (listed,))).items()}


def _is_in_order(database: sqlite3.Connection) -> bool:
    """Whether the lists are sound. SQLite's quick check, which every log is opened with, passes over the order of rows."""
    if listed_id(database) > CHECKED_EVENTS:
        return True
    return bool(database.execute("PRAGMA integrity_check(kind_event)").fetchone()[0] == "ok")


def _by_kind(rows: Iterable[sqlite3.Row]) -> dict[_Key, list[int]]:
    """Places of events by their kinds."""
    places: dict[_Key, list[int]] = defaultdict(list)
    for row in rows:
        session, number = row["session"], row["number"]
        names = (row["label"], row["bin"], row["reason"])
        is_place = isinstance(session, int) and isinstance(number, int) and number >> 32 == 0
        if is_place and 0 < session <= LAST_SESSION and all(isinstance(name, str) for name in names):
            places[names].append(feature_id(session, number))
    return places


def _newest_id(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT max(id) FROM event").fetchone()[0] or 0)


def _kind_number(database: sqlite3.Connection, key: _Key) -> int:
    database.execute("INSERT OR IGNORE INTO kind (label, bin, reason, events) VALUES (?, ?, ?, 0)", key)
    return int(database.execute(_FIND, key).fetchone()[0])
