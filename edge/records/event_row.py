"""Checks and converts a row of the event log's tables: a damaged one must be noticed, not listed."""

import json
import math
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import TypedDict, cast

from edge.records.event_schema import SCHEMA, EventRow

LAST_WALL_S = 253_402_300_800.0
"""The year 10000, in seconds since 1970 UTC: no calendar goes further."""

LAST_SESSION = 99_999_999
"""Highest number of a session: pictures are named after it, with eight digits."""


def image_name(session: int, number: int) -> str:
    """Name of an item's image. Session and number only increase, unlike the wall clock.

    Args:
        session: number of the session of the event log, from 1.
        number: the item's number in it, from 1.
    """
    return f"s{session:08d}-{number:06d}"


class SessionRow(TypedDict):
    """A row of the table ``session``."""

    id: int
    started_wall_s: float
    ended_wall_s: float | None
    model: str


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table.

    Attributes:
        name: its name.
        kind: its declared type: INTEGER, REAL or TEXT.
        required: whether it may not be NULL.
    """

    name: str
    kind: str
    required: bool


@cache
def columns_of(table: str) -> tuple[TableColumn, ...]:
    """The columns of a table of the schema, in their order."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(SCHEMA)
        rows = database.execute(f"PRAGMA table_info({table})").fetchall()
    return tuple(TableColumn(name, kind, bool(required)) for _, name, kind, required, _, _ in rows)


def from_stored(table: str, number: int, values: tuple[object, ...]) -> dict[str, object] | None:
    """A row as it is stored: without its ``id``, and shorter if columns were added to the table after it was written.

    Returns:
        Column -> value; None if it cannot be a row of this table.
    """
    columns = columns_of(table)
    if len(values) > len(columns) or values[:1] != (None,):
        return None
    missing = columns[len(values) :]
    if any(column.required for column in missing):
        return None
    names = [column.name for column in columns]
    return dict(zip(names, [number, *values[1:], *(None for _ in missing)], strict=True))


def check_session(values: Mapping[str, object]) -> SessionRow:
    """Check a row of the table ``session``.

    Raises:
        ValueError: it is damaged.
    """
    row = _checked("session", values)
    _check_session_number(row["id"])
    return cast(SessionRow, row)


def check_event(values: Mapping[str, object]) -> EventRow:
    """Check a row of the table ``event``. Columns that it lacks (a log of an older version) become None.

    Raises:
        ValueError: it is damaged.
    """
    row = _checked("event", values)
    _check_session_number(row["session"])
    probabilities = json.loads(cast(str, row["probabilities"]))
    if not isinstance(probabilities, dict):
        raise ValueError("probabilities: expected an object")
    if not all(isinstance(value, int | float) and math.isfinite(value) for value in probabilities.values()):
        raise ValueError("probabilities: expected numbers")
    row["probabilities"] = probabilities
    row["wall_synced"] = bool(row["wall_synced"])
    return cast(EventRow, row)


def _check_session_number(number: object) -> None:
    if not isinstance(number, int) or not 0 < number <= LAST_SESSION:
        raise ValueError(f"session: expected 1 to {LAST_SESSION}")


def _checked(table: str, values: Mapping[str, object]) -> dict[str, object]:
    row: dict[str, object] = {}
    for column in columns_of(table):
        value = values.get(column.name)
        if value is None:
            if column.required and column.name in values:
                raise ValueError(f"{column.name}: is missing")
        elif column.kind == "TEXT":
            if not isinstance(value, str):
                raise ValueError(f"{column.name}: expected a text")
        elif column.kind == "INTEGER":
            if not isinstance(value, int):
                raise ValueError(f"{column.name}: expected a whole number")
        else:
            if not isinstance(value, int | float) or not math.isfinite(value):
                raise ValueError(f"{column.name}: expected a number")
            value = float(value)
            if column.name.endswith("wall_s") and not -1 <= value < LAST_WALL_S:
                raise ValueError(f"{column.name}: expected seconds since 1970")
        row[column.name] = value
    return row
