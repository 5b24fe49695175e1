"""The table of the event log that features are kept in: made, checked, and the oldest deleted. Loads no numpy."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from edge.records.log_damage import LogDamageError
from edge.records.side_tables import SideTables

FEATURES_SCHEMA = """
CREATE TABLE IF NOT EXISTS features (
    id INTEGER PRIMARY KEY,         -- session * 2^32 + number of the event: the oldest first, and no index to keep
    head TEXT,                      -- SHA-256 of the taught head that decided; NULL: the model alone
    share REAL NOT NULL,            -- probability with which such a decision is offered for review, 0..1
    offered INTEGER NOT NULL,       -- 1: it is offered
    views INTEGER NOT NULL,         -- 0: the model gives no features
    vector BLOB NOT NULL            -- int8, views times the model's features
);
CREATE TABLE IF NOT EXISTS features_size (
    bytes INTEGER NOT NULL          -- of all vectors
);
INSERT INTO features_size SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM features_size);
"""
"""Added beside the tables of the schema, whose version stays, as the totals are: a release that does not know them reads and
writes the log as before. The model is that of the event's session."""

COLUMNS = ("id", "head", "share", "offered", "views", "vector")

DROP_ROWS = 200
"""Largest number of features that are deleted in one transaction: a few milliseconds, which an event may have to wait."""

PAGE_ROWS = 200
"""Number of offered events that are read at once; between two pages nothing of the log is held."""


@dataclass(frozen=True, slots=True)
class ReviewOffer:
    """Whether a decision is offered for review, and what decided.

    Attributes:
        head: SHA-256 of the taught head that decided; None: the model alone.
        share: probability with which such a decision is offered, 0..1.
        offered: whether it is.
    """

    head: str | None
    share: float
    offered: bool


_TABLES = SideTables({"features": COLUMNS, "features_size": ["bytes"]}, FEATURES_SCHEMA)


def check_features(database: sqlite3.Connection) -> None:
    """Check the tables of the features of a log that has them.

    Raises:
        LogDamageError: they are damaged.
        sqlite3.Error: they cannot be read.
    """
    _TABLES.check_columns(database)
    if has_features(database):
        feature_bytes(database)


def has_features(database: sqlite3.Connection) -> bool:
    """Whether the log has features: one that was only ever written by an older release has none.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    return _TABLES.are_in(database)


def make_features(database: sqlite3.Connection) -> None:
    """Add the tables of the features to a log that has none.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    _TABLES.make(database)


def read_offer(database: sqlite3.Connection, key: tuple[int, int]) -> ReviewOffer | None:
    """Whether an event is offered for review; None: nothing is kept of it, or it is damaged.

    Args:
        database: an event log.
        key: session and number of the event.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    if not has_features(database):
        return None
    query = "SELECT head, share, offered FROM features WHERE id = ?"
    row = database.execute(query, (feature_id(*key),)).fetchone()
    if row is None or not isinstance(row[1], float) or not 0 <= row[1] <= 1:
        return None
    return ReviewOffer(row[0] if isinstance(row[0], str) else None, row[1], bool(row[2]))


def newest_head(database: sqlite3.Connection) -> str | None:
    """SHA-256 of the taught head that decided last; None: the model alone, or nothing is kept.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    if not has_features(database):
        return None
    row = database.execute("SELECT head FROM features ORDER BY id DESC LIMIT 1").fetchone()
    return row[0] if row is not None and isinstance(row[0], str) else None


def offered_events(database: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    """Session and number of the events that are offered for review, the newest first, as far as their features are kept.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    if not has_features(database):
        return
    before = 1 << 62
    while True:
        query = "SELECT id FROM features WHERE offered = 1 AND id < ? ORDER BY id DESC LIMIT ?"
        page = [int(row[0]) for row in database.execute(query, (before, PAGE_ROWS)).fetchall()]
        yield from ((number >> 32, number & 0xFFFFFFFF) for number in page)
        if len(page) < PAGE_ROWS:
            return
        before = page[-1]


def delete_features(database: sqlite3.Connection, keys: list[tuple[int, int]]) -> None:
    """Delete the features of events, within a transaction of the caller.

    Args:
        database: an event log, with ``make_features``.
        keys: sessions and numbers of the events.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    for key in keys:
        if all(isinstance(part, int) for part in key):
            _delete(database, "id = ?", (feature_id(*key),))


def drop_oldest_features(database: sqlite3.Connection, budget_bytes: int) -> int:
    """Delete the oldest features while all take more than a budget, within a transaction of the caller.

    Args:
        database: an event log, with ``make_features``.
        budget_bytes: room for features in bytes.

    Returns:
        Number of events that lost theirs, at most ``DROP_ROWS``.

    Raises:
        sqlite3.Error: it cannot be read or written.
    """
    excess = feature_bytes(database) - budget_bytes
    if excess <= 0:
        return 0
    last = None
    for row in database.execute("SELECT id, length(vector) FROM features ORDER BY id LIMIT ?", (DROP_ROWS,)):
        if excess <= 0:
            break
        last, excess = row[0], excess - row[1]
    if last is None:
        # Nothing is left: the sum was wrong.
        database.execute("UPDATE features_size SET bytes = 0")
        return 0
    return _delete(database, "id <= ?", (last,))


def feature_bytes(database: sqlite3.Connection) -> int:
    """Room that all features take, in bytes.

    Raises:
        LogDamageError: it is not there, or cannot be.
        sqlite3.Error: it cannot be read.
    """
    row = database.execute("SELECT bytes FROM features_size").fetchone()
    if row is None or not isinstance(row[0], int) or row[0] < 0:
        raise LogDamageError("damaged", "the size of its features is damaged")
    return int(row[0])


def _delete(database: sqlite3.Connection, which: str, values: tuple[object, ...]) -> int:
    database.execute(
        "UPDATE features_size SET bytes = max(0, bytes - "
        f"coalesce((SELECT sum(length(vector)) FROM features WHERE {which}), 0))",
        values,
    )
    return database.execute(f"DELETE FROM features WHERE {which}", values).rowcount


def feature_id(session: int, number: int) -> int:
    """Id of the features of an event: of a later one it is higher."""
    return (session << 32) + number
