"""The SQLite database of the event log: opened, checked and given its schema."""

import os
import sqlite3
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from edge.errors import EventLogError
from edge.records.event_kinds import check_kinds, make_kinds
from edge.records.event_row import columns_of
from edge.records.event_schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION, UPGRADES
from edge.records.feature_table import check_features, make_features
from edge.records.log_damage import LogDamageError
from edge.records.sqlite_pages import DATABASE_MAGIC
from edge.records.totals import check_totals, make_totals

Result = TypeVar("Result")

READER_TIMEOUT_S = 5.0
"""Longest wait of a reader for another process, in seconds."""

LOCK_TIMEOUT_S = 0.3
"""Longest wait of a write for another process that writes, in seconds. The item waits meanwhile."""

PROBE_BYTES = 16_384
"""Size of a test write, in bytes: larger than an event with its features, so that the next event fits on the disk too."""

CACHE_KIB = 512
"""Memory for pages of a log that is written, in KiB. An event writes nine pages of 4 KiB; SQLite's usual 2 MB would fill with
features that a running bin never reads."""

HEADER_BYTES = 100

_CORRUPT, _NOT_A_DATABASE, _FORMAT, _SHORT_READ = 11, 26, 24, 522
"""SQLite's result codes for a damaged file, https://www.sqlite.org/rescode.html."""

FULL, CANNOT_OPEN = 13, 14
"""SQLite's result codes for a full disk, and for a file that cannot be opened or made."""


def is_damage(error: Exception) -> bool:
    """Whether the file is damaged; else the disk, or another process, is in the way."""
    if isinstance(error, LogDamageError):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    return code == _SHORT_READ or (code is not None and code & 0xFF in (_CORRUPT, _NOT_A_DATABASE, _FORMAT))


def connect(database: Path | str, *, uri: bool = False, timeout_s: float = READER_TIMEOUT_S) -> sqlite3.Connection:
    """Connect to a database. Nothing is opened or created before the first statement.

    Args:
        database: path, or URI if ``uri``.
        uri: whether ``database`` is a URI.
        timeout_s: longest wait for another process that writes, in seconds.
    """
    # Any thread: the log may be written by one, and closed by another.
    connection = sqlite3.connect(database, uri=uri, timeout=timeout_s, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open an existing event log, which another process may write to.

    Raises:
        EventLogError: there is none.
        LogDamageError, sqlite3.Error: it cannot be read.
    """
    if not path.is_file():
        raise EventLogError(f"event log {path}: no such file; nothing has been sorted yet, or event_log.file is wrong")
    path = path.resolve()
    # A clean stop removes the write-ahead log, and without write permission for the folder SQLite cannot create a new one.
    # The file is complete then, and can be opened as immutable.
    mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    mode = "mode=ro" if os.access(path.parent, os.W_OK) else mode
    database = connect(f"{path.as_uri()}?{mode}", uri=True)
    try:
        if is_empty(database):
            raise LogDamageError("damaged", "it is empty")
        check_schema(database)
    except BaseException as error:
        database.close()
        if getattr(error, "sqlite_errorcode", None) == CANNOT_OPEN and not os.access(path.parent, os.W_OK):
            # A card that was pulled out, in a reader that does not write.
            raise EventLogError(
                f"event log {path}: was not closed, and cannot be read in a folder that cannot be written: copy it and "
                f"{path.name}-wal to another folder, and read it there with --set event_log.file=COPY"
            ) from error
        raise
    return database


def make_schema(database: sqlite3.Connection) -> None:
    """Create or upgrade the schema of a database that is open for writing, and set how it writes.

    Raises:
        LogDamageError: it is not an event log of a version that is known.
        sqlite3.Error: it cannot be written.
    """
    check_schema(database)
    if is_empty(database):
        marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
        database.executescript(f"BEGIN IMMEDIATE; {SCHEMA} {marks} COMMIT;")
    for step in range(int(database.execute("PRAGMA user_version").fetchone()[0]), SCHEMA_VERSION):
        database.executescript(f"BEGIN IMMEDIATE; {UPGRADES[step]} PRAGMA user_version = {step + 1}; COMMIT;")
    make_totals(database)
    make_features(database)
    make_kinds(database)
    # A deleted event is gone: its place in the file is overwritten, and 'events --repair' does not find it either.
    database.execute("PRAGMA secure_delete = ON")
    database.execute("PRAGMA journal_mode = WAL")
    # FULL: a committed event survives a power cut, not only a killed process. One sync per item.
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA journal_size_limit = 1048576")
    database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")  # negative: in KiB, not in pages


def write_wal_back(database: sqlite3.Connection) -> None:
    """Write what the write-ahead log holds into the database itself.

    Raises:
        sqlite3.Error: it cannot be written, or another process reads the log.
    """
    is_busy = database.execute("PRAGMA wal_checkpoint(FULL)").fetchone()[0]
    if is_busy:
        raise sqlite3.OperationalError("the write-ahead log is in use")


def commit(database: sqlite3.Connection, action: Callable[[], Result]) -> Result:
    """Do ``action`` in a transaction; nothing of it is written if it fails.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    database.execute("BEGIN IMMEDIATE")
    try:
        result = action()
        database.execute("COMMIT")
    except BaseException:
        # SQLite rolls back by itself when the disk is full; another ROLLBACK would fail and hide that error.
        if database.in_transaction:
            with suppress(sqlite3.Error):
                database.execute("ROLLBACK")
        raise
    return result


def is_empty(database: sqlite3.Connection) -> bool:
    """Whether the database has no table yet.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    return int(database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]) == 0


def check_header(path: Path, *, marked: bool = False) -> None:
    """Check the first bytes of a database: what SQLite ignores there would make it read texts wrongly, or write nothing.

    Args:
        path: the file.
        marked: whether it must have the mark of an event log.

    Raises:
        LogDamageError: it is no database, or the header is damaged.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    if head[:16] != DATABASE_MAGIC or len(head) < HEADER_BYTES:
        raise LogDamageError("damaged", "it is not a database")
    page_bytes = struct.unpack_from(">H", head, 16)[0]
    sound = (
        (page_bytes == 1 or (page_bytes >= 512 and page_bytes & (page_bytes - 1) == 0))
        and all(version in (1, 2) for version in head[18:20])
        and head[21:24] == bytes((64, 32, 32))
    )
    if not sound:
        raise LogDamageError("damaged", "its header is damaged")
    schema_format, encoding = (struct.unpack_from(">I", head, at)[0] for at in (44, 56))
    if struct.unpack_from(">I", head, 68)[0] != APPLICATION_ID:
        if marked:
            raise LogDamageError("foreign", "it is another program's database")
        return  # told by ``check_schema``, which also knows what is in the write-ahead log
    if head[20] or schema_format > 4 or encoding > 1:
        raise LogDamageError("damaged", "its header is damaged")


def check_schema(database: sqlite3.Connection) -> None:
    """Check that an opened database is an event log of a version that is known.

    Raises:
        LogDamageError: it is not.
        sqlite3.Error: it cannot be read.
    """
    if is_empty(database):
        return
    application = int(database.execute("PRAGMA application_id").fetchone()[0])
    version = int(database.execute("PRAGMA user_version").fetchone()[0])
    if application != APPLICATION_ID:
        raise LogDamageError("foreign", "it is another program's database")
    if version > SCHEMA_VERSION:
        raise LogDamageError("newer", f"it has schema version {version}, expected {SCHEMA_VERSION}")
    if version not in (*UPGRADES, SCHEMA_VERSION):
        raise LogDamageError("damaged", f"it has schema version {version}, expected {SCHEMA_VERSION}")
    if database.execute("SELECT 1 FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchone() is not None:
        # They would run whenever something is written.
        raise LogDamageError("foreign", "it has triggers or views, which no event log has")
    if version == SCHEMA_VERSION:
        for table in ("session", "event"):
            found = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            if found != [column.name for column in columns_of(table)]:
                raise LogDamageError("damaged", f"table {table} has other columns")
        check_totals(database)
        check_features(database)
        check_kinds(database)
