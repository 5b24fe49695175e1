"""Keeps the taught set within its budget: first goes what was dropped, then what a newer picture says as well."""

import sqlite3
from collections.abc import Iterator

from edge.errors import TaughtSetError
from edge.teaching.change_history import delete_pictures
from edge.teaching.redundancy import TaughtPoint, ToReal, most_redundant, taught_point
from edge.teaching.taught_picture import features_of
from edge.teaching.taught_schema import TEACHES


def used_bytes(database: sqlite3.Connection) -> int:
    """What all pictures take, those that are kept for ``undo`` too, in bytes.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    return int(database.execute("SELECT coalesce(sum(bytes), 0) FROM picture").fetchone()[0])


def make_room(database: sqlite3.Connection, budget_bytes: int, to_real: ToReal) -> int:
    """Delete pictures until the rest fits into the budget, within a transaction of the caller.

    Args:
        database: the database.
        budget_bytes: the budget.
        to_real: converts features.

    Returns:
        Number of pictures that taught and were deleted.

    Raises:
        TaughtSetError: the rest, ``LEAST_KEPT`` pictures of each label, does not fit either.
        sqlite3.Error: they cannot be deleted.
    """
    for (number,) in database.execute(f"SELECT id FROM picture WHERE NOT {TEACHES} ORDER BY dropped, id").fetchall():
        if used_bytes(database) <= budget_bytes:
            return 0
        delete_pictures(database, "id = ?", number)
    evicted = 0
    while (used := used_bytes(database)) > budget_bytes:
        points = list(read_points(database, to_real))
        mean = used / max(len(points), 1)
        chosen = most_redundant(points, max(int((used - budget_bytes) / mean), 1))
        if not chosen:
            raise TaughtSetError(
                f"taught set: {len(points)} pictures take {used / 1e6:.1f} MB, and the budget is {budget_bytes / 1e6:g} MB "
                "(teach.budget_mb): raise it, or drop a label; nothing was changed"
            )
        for number in chosen:
            evicted += delete_pictures(database, "id = ?", number)
    return evicted


def read_points(database: sqlite3.Connection, to_real: ToReal) -> Iterator[TaughtPoint]:
    """The pictures that teach, as points.

    Raises:
        sqlite3.Error: they cannot be read.
    """
    # One model: the numbers of another mean something else.
    rows = database.execute(
        "SELECT id, label, views, features FROM picture LEFT JOIN looks ON picture = id AND model = "
        f"(SELECT model FROM looks GROUP BY model ORDER BY count(*) DESC LIMIT 1) WHERE {TEACHES} ORDER BY id"
    )
    for row in rows:
        looks = None if row["features"] is None else features_of(row["views"], row["features"])
        yield taught_point(row["id"], row["label"], looks, to_real)
