"""The changes of a taught set, the last of which can be undone and done again; within a transaction of the caller."""

import sqlite3
from dataclasses import dataclass

from edge.teaching.taught_set.taught_schema import UNDONE

MOST_CHANGES = 50
"""Number of changes that can be undone. What older ones have dropped is deleted."""


@dataclass(frozen=True, slots=True)
class TaughtChange:
    """A change of the set.

    Attributes:
        number: its number, in order of time.
        wall_s: when it was made, in seconds since 1970 UTC.
        what: what it did, in words.
        added: number of pictures that it added and that are still there.
        dropped: number of pictures that it dropped and that are still there.
        evicted: number of pictures that were deleted to make room for it: undoing it does not bring them back.
    """

    number: int
    wall_s: float
    what: str
    added: int
    dropped: int
    evicted: int


def begin_change(database: sqlite3.Connection, what: str, *, wall_s: float) -> int:
    """Begin a change; returns its number. What was undone before it is forgotten.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    for table in ("looks", "picture"):
        key = "picture" if table == "looks" else "id"
        database.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT id FROM picture WHERE added IN {UNDONE})")
    database.execute(f"UPDATE picture SET dropped = NULL WHERE dropped IN {UNDONE}")
    database.execute("DELETE FROM change WHERE undone")
    number = int(database.execute("INSERT INTO change (wall_s, what) VALUES (?, ?)", (wall_s, what)).lastrowid or 0)
    (oldest,) = database.execute(
        "SELECT min(id) FROM (SELECT id FROM change ORDER BY id DESC LIMIT ?)", (MOST_CHANGES,)
    ).fetchone()
    delete_pictures(database, "dropped < ?", oldest)
    database.execute("DELETE FROM change WHERE id < ?", (oldest,))
    return number


def newest_change(database: sqlite3.Connection) -> TaughtChange | None:
    """The change that ``undo`` would undo; None if there is none.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    return _change(database, "SELECT * FROM change WHERE NOT undone ORDER BY id DESC LIMIT 1")


def undo(database: sqlite3.Connection) -> TaughtChange | None:
    """Undo the newest change that is not; returns it, or None if there is none.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    return _mark(database, newest_change(database), undone=True)


def redo(database: sqlite3.Connection) -> TaughtChange | None:
    """Do the change again that was undone last; returns it, or None if there is none.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    oldest_undone = _change(database, "SELECT * FROM change WHERE undone ORDER BY id LIMIT 1")
    return _mark(database, oldest_undone, undone=False)


def delete_pictures(database: sqlite3.Connection, condition: str, *values: int) -> int:
    """Delete pictures for good, with their features; returns their number.

    Args:
        database: the database.
        condition: on a row of ``picture``.
        values: of its question marks.

    Raises:
        sqlite3.Error: they cannot be deleted.
    """
    database.execute(f"DELETE FROM looks WHERE picture IN (SELECT id FROM picture WHERE {condition})", values)
    return database.execute(f"DELETE FROM picture WHERE {condition}", values).rowcount


def _mark(database: sqlite3.Connection, change: TaughtChange | None, *, undone: bool) -> TaughtChange | None:
    if change is not None:
        database.execute("UPDATE change SET undone = ? WHERE id = ?", (undone, change.number))
    return change


def _change(database: sqlite3.Connection, query: str) -> TaughtChange | None:
    row = database.execute(query).fetchone()
    if row is None:
        return None
    number = int(row["id"])
    added, dropped = (
        int(database.execute(f"SELECT count(*) FROM picture WHERE {column} = ?", (number,)).fetchone()[0])
        for column in ("added", "dropped")
    )
    return TaughtChange(number, float(row["wall_s"]), str(row["what"]), added, dropped, int(row["evicted"]))
