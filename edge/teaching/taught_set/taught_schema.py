"""The schema of the taught set's database, and what makes a file one."""

import sqlite3

from edge.records.log_damage import LogDamageError

SCHEMA_VERSION = 1
"""Version of the schema, stored as ``user_version``."""

APPLICATION_ID = 0x54656163
"""Marks a SQLite file as a taught set ("Teac" in ASCII)."""

SCHEMA = """
CREATE TABLE change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    wall_s REAL NOT NULL,
    what TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0,
    evicted INTEGER NOT NULL DEFAULT 0  -- pictures that were deleted to make room for this change
);
CREATE TABLE picture (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    label TEXT NOT NULL,
    added INTEGER NOT NULL,             -- change
    dropped INTEGER,                    -- change; NULL: it was not dropped
    source TEXT NOT NULL,               -- file, camera or event
    origin TEXT NOT NULL,               -- name of the file, or of the event
    wall_s REAL NOT NULL,
    cut_off INTEGER NOT NULL,           -- whether the item runs out of the picture
    brightness REAL,                    -- mean grey level, 0..255; NULL: not known
    bytes INTEGER NOT NULL,             -- what it takes of the budget
    jpeg BLOB,                          -- NULL: an event of which only the features are known
    mask BLOB                           -- PNG; NULL: the whole picture
);
CREATE TABLE looks (
    picture INTEGER PRIMARY KEY,
    model TEXT NOT NULL,                -- SHA-256 of the model that the features are of
    views INTEGER NOT NULL,
    features BLOB NOT NULL              -- int8, views x numbers
);
CREATE INDEX picture_label ON picture (label);
"""

COLUMNS = {
    "change": ["id", "wall_s", "what", "undone", "evicted"],
    "picture": [
        "id",
        "label",
        "added",
        "dropped",
        "source",
        "origin",
        "wall_s",
        "cut_off",
        "brightness",
        "bytes",
        "jpeg",
        "mask",
    ],
    "looks": ["picture", "model", "views", "features"],
}
"""Table -> its columns in their order."""

UNDONE = "(SELECT id FROM change WHERE undone)"
TEACHES = f"(added NOT IN {UNDONE} AND (dropped IS NULL OR dropped IN {UNDONE}))"
"""Condition on a row of ``picture``: it belongs to the set as it is now. The others are kept for ``undo`` and ``redo``."""

WRONG_ROWS = {
    "change": "typeof(wall_s) NOT IN ('real', 'integer') OR typeof(what) != 'text' OR undone NOT IN (0, 1) "
    "OR typeof(evicted) != 'integer'",
    "picture": "typeof(label) != 'text' OR typeof(added) != 'integer' OR typeof(dropped) NOT IN ('integer', 'null') "
    "OR typeof(source) != 'text' OR typeof(origin) != 'text' OR typeof(wall_s) NOT IN ('real', 'integer') "
    "OR cut_off NOT IN (0, 1) OR typeof(brightness) NOT IN ('real', 'integer', 'null') OR typeof(bytes) != 'integer' "
    "OR typeof(jpeg) NOT IN ('blob', 'null') OR typeof(mask) NOT IN ('blob', 'null')",
    "looks": "typeof(model) != 'text' OR typeof(views) != 'integer' OR views < 1 OR typeof(features) != 'blob' "
    "OR length(features) = 0 OR length(features) % views != 0",
}
"""Table -> condition on a row that no taught set has: SQLite itself keeps any value in any column."""


def check_schema(database: sqlite3.Connection) -> bool:
    """Check that an opened database is a taught set of a version that is known.

    Returns:
        False if it has no table yet.

    Raises:
        LogDamageError: it is not one.
        sqlite3.Error: it cannot be read.
    """
    if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        return False
    application = int(database.execute("PRAGMA application_id").fetchone()[0])
    version = int(database.execute("PRAGMA user_version").fetchone()[0])
    if application != APPLICATION_ID:
        raise LogDamageError("foreign", "it is another program's database")
    if version > SCHEMA_VERSION:
        raise LogDamageError("newer", f"it has schema version {version}, expected {SCHEMA_VERSION}; upgrade the sorter")
    if database.execute("SELECT 1 FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchone() is not None:
        # They would run whenever something is written.
        raise LogDamageError("foreign", "it has triggers or views, which no taught set has")
    for table, columns in COLUMNS.items():
        found = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        if found != columns:
            raise LogDamageError("damaged", f"table {table} has other columns")
        if database.execute(f"SELECT 1 FROM {table} WHERE {WRONG_ROWS[table]} LIMIT 1").fetchone() is not None:
            raise LogDamageError("damaged", f"table {table} has values of other kinds")
    return True
