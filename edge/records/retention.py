"""Deletes the oldest events: those older than a number of days, and those that take more room than a budget."""

import sqlite3
from dataclasses import dataclass

from edge.records.event_kinds import unlist_events
from edge.records.feature_table import delete_features, feature_bytes
from edge.records.totals import counted_id

PURGE_ROWS = 100
"""Largest number of events that are deleted in one transaction: a few milliseconds, which an event may have to wait."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What was deleted.

    Attributes:
        events: number of events.
        images: names of their pictures.
        oldest: session and number of the oldest event that is left; None: there is none, or it is damaged.
    """

    events: int
    images: tuple[str, ...]
    oldest: tuple[int, int] | None


def purge(database: sqlite3.Connection, *, before_wall_s: float | None, budget_bytes: int | None) -> Purged:
    """Delete the next of the oldest events, as far as they are in the totals, within a transaction of the caller.

    They go in the order in which they were recorded. An event whose clock was not set has no time that could be trusted: it goes
    with the first later one that is older than ``before_wall_s`` by a clock that was set.

    Args:
        database: an event log, with ``make_totals``, ``make_features`` and ``make_kinds``.
        before_wall_s: events from before this time are deleted, in seconds since 1970 UTC; None: none because of their age.
        budget_bytes: the oldest are deleted while the log takes more than this, without the features, which have a budget of
            their own; None: none because of the room they take.

    Raises:
        sqlite3.Error: it cannot be read or written.
    """
    rows = database.execute(
        "SELECT id, session, number, label, bin, reason, wall_s, wall_synced, image FROM event ORDER BY session, number LIMIT ?",
        (PURGE_ROWS,),
    ).fetchall()
    counted = counted_id(database)
    last = next((place for place, row in enumerate(rows) if row["id"] > counted), len(rows))
    rows = rows[:last]
    if budget_bytes is None or used_bytes(database) - feature_bytes(database) <= budget_bytes:
        rows = rows[: _expired(rows, before_wall_s)]
    if rows:
        database.executemany("DELETE FROM event WHERE id = ?", ((row["id"],) for row in rows))
        unlist_events(database, rows)
        delete_features(database, [(row["session"], row["number"]) for row in rows])
        _note_deleted(database, len(rows))
    oldest = database.execute("SELECT session, number FROM event ORDER BY session, number LIMIT 1").fetchone()
    images = tuple(row["image"] for row in rows if isinstance(row["image"], str))
    is_sound = oldest is not None and all(isinstance(value, int) and value >= 0 for value in oldest)
    return Purged(len(rows), images, (oldest[0], oldest[1]) if is_sound else None)


def used_bytes(database: sqlite3.Connection) -> int:
    """Room that the log takes, in bytes, without pages that are free: SQLite uses them for the next events.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    pages, free, size = (
        int(database.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _expired(rows: list[sqlite3.Row], before_wall_s: float | None) -> int:
    """Number of rows up to the last one that is certainly older."""
    if before_wall_s is None:
        return 0
    places = [
        place
        for place, row in enumerate(rows, 1)
        if row["wall_synced"] and isinstance(row["wall_s"], float) and row["wall_s"] < before_wall_s
    ]
    return max(places, default=0)


def _note_deleted(database: sqlite3.Connection, number: int) -> None:
    # SQLite gives the ids above the newest event once more: they are neither counted nor deleted then.
    newest = int(database.execute("SELECT max(id) FROM event").fetchone()[0] or 0)
    counted = int(database.execute("SELECT counted FROM progress").fetchone()[0])
    database.execute("UPDATE progress SET deleted = deleted + ?", (number,))
    if newest < counted:
        database.execute("UPDATE progress SET counted = ?, deleted = max(0, deleted - ?)", (newest, counted - newest))
