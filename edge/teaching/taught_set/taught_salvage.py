"""Takes over what can be read of a damaged taught set."""

import mmap
import sqlite3
from contextlib import closing
from pathlib import Path

from edge.records.sqlite_pages import StoredRow, read_rows
from edge.teaching.taught_set.taught_schema import COLUMNS


def salvage_taught(damaged: Path, database: sqlite3.Connection) -> int:
    """Insert every picture that teaches and can be read, with its features, within a transaction of the caller.

    The changes are lost, so that nothing of it can be undone.

    Args:
        damaged: the database that was set aside; it is not changed.
        database: the new one.

    Returns:
        Number of pictures that were taken over.

    Raises:
        OSError, sqlite3.Error: the damaged database cannot be read at all, or the new one not be written.
    """
    if not damaged.is_file() or not damaged.stat().st_size:
        return 0
    with (
        damaged.open("rb") as file,
        closing(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)) as content,
        memoryview(content) as view,
    ):
        rows = list(read_rows(view, memoryview(b"")))
    undone = {row.number for row in rows if _is_change(row) and row.values[3]}
    pictures = {row.number: row for row in rows if _is_picture(row)}
    taught = {
        number: row
        for number, row in pictures.items()
        if row.values[2] not in undone and (row.values[3] is None or row.values[3] in undone)
    }
    for number, row in taught.items():
        values = (number, row.values[1], 0, None, *row.values[4:])
        database.execute(f"INSERT INTO picture VALUES ({_places('picture')})", values)
    for row in rows:
        if _is_looks(row) and row.number in taught:
            values = (row.number, *row.values[1:])
            database.execute(f"INSERT OR REPLACE INTO looks VALUES ({_places('looks')})", values)
    return len(taught)


def _places(table: str) -> str:
    return ", ".join("?" * len(COLUMNS[table]))


def _is_change(row: StoredRow) -> bool:
    values = row.values
    return len(values) == len(COLUMNS["change"]) and isinstance(values[2], str) and values[3] in (0, 1)


def _is_picture(row: StoredRow) -> bool:
    values = row.values
    return (
        row.number is not None
        and len(values) == len(COLUMNS["picture"])
        and all(isinstance(values[place], str) for place in (1, 4, 5))
        and isinstance(values[2], int)
        and isinstance(values[3], int | None)
        and isinstance(values[6], int | float)
        and values[7] in (0, 1)
        and isinstance(values[8], int | float | None)
        and isinstance(values[9], int)
        and isinstance(values[10], bytes | None)
        and isinstance(values[11], bytes | None)
    )


def _is_looks(row: StoredRow) -> bool:
    values = row.values
    return (
        len(values) == len(COLUMNS["looks"])
        and isinstance(values[1], str)
        and isinstance(values[2], int)
        and isinstance(values[3], bytes)
        and values[2] > 0
        and len(values[3]) % values[2] == 0
    )
