"""Keeps the taught set within its budget: first goes what was dropped, then what a newer picture says as well."""

import sqlite3
from collections.abc import Iterator

from edge.errors import TaughtSetError
from edge.inference.manifest import Manifest
from edge.teaching.pictures.redundancy import TaughtPoint, mean_features, most_redundant
from edge.teaching.taught_set.change_history import delete_pictures
from edge.teaching.taught_set.taught_picture import features_of
from edge.teaching.taught_set.taught_schema import TEACHES

SLACK = 0.02
"""Share of the budget that is free afterwards where pictures that teach have to go: to compare all of them takes seconds on a
Raspberry Pi, and nobody should wait for that at every picture."""


def used_bytes(database: sqlite3.Connection) -> int:
    """What all pictures take, those that are kept for ``undo`` too, in bytes.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    return int(database.execute("SELECT coalesce(sum(bytes), 0) FROM picture").fetchone()[0])


def make_room(database: sqlite3.Connection, budget_bytes: int, base: Manifest | None) -> int:
    """Delete pictures until the rest fits into the budget, within a transaction of the caller.

    Args:
        database: the database.
        budget_bytes: the budget.
        base: the model whose features tell which pictures are alike; None: the oldest go first.

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
        points = list(read_points(database, base))
        mean = used / max(len(points), 1)
        chosen = most_redundant(points, max(int((used - (1 - SLACK) * budget_bytes) / mean), 1))
        if not chosen:
            raise TaughtSetError(
                f"taught set: {len(points)} pictures take {used / 1e6:.1f} MB, and the budget is {budget_bytes / 1e6:g} MB "
                "(teach.budget_mb): raise it, or drop a label; nothing was changed"
            )
        for number in chosen:
            evicted += delete_pictures(database, "id = ?", number)
    return evicted


def read_points(database: sqlite3.Connection, base: Manifest | None) -> Iterator[TaughtPoint]:
    """The pictures that teach, as points.

    Args:
        database: the database.
        base: the model; pictures have no features without it.

    Raises:
        sqlite3.Error: they cannot be read.
    """
    spec = None if base is None else base.features
    rows = database.execute(
        f"SELECT id, label, views, features FROM picture LEFT JOIN looks ON picture = id AND model = ? WHERE {TEACHES} "
        "ORDER BY id",
        ("" if base is None else base.sha256,),
    )
    for row in rows:
        looks = None if row["features"] is None else features_of(row["views"], row["features"])
        is_known = looks is not None and spec is not None and looks.shape[1] == spec.size
        features = mean_features(looks, spec) if is_known and looks is not None and spec is not None else None
        yield TaughtPoint(row["id"], row["label"], features)
