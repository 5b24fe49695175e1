"""The database of the event log: its header, its schema, its transactions, and what counts as damage."""

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from edge.errors import EventLogError
from edge.records.event_database import (
    CACHE_KIB,
    HEADER_BYTES,
    check_header,
    check_schema,
    commit,
    connect,
    is_damage,
    is_empty,
    make_schema,
    open_for_reading,
)
from edge.records.event_schema import APPLICATION_ID, SCHEMA_VERSION
from edge.records.log_damage import LogDamageError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "e.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(path)) as connection:
        make_schema(connection)
        yield connection


def pragma(database: sqlite3.Connection, name: str) -> object:
    return database.execute(f"PRAGMA {name}").fetchone()[0]


# --- what counts as damage --------------------------------------------------------------------------------------------


def sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.DatabaseError("a database error")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (11, True),
        (267, True),
        (26, True),
        (24, True),
        (522, True),
        (10, False),
        (266, False),
        (13, False),
        (5, False),
        (0, False),
    ],
)
def test_a_damaged_file_is_told_from_a_disk_or_a_process_in_the_way(code: int, expected: bool) -> None:
    assert is_damage(sqlite_error(code)) is expected


def test_what_was_found_damaged_is_damage_and_other_errors_are_not() -> None:
    assert is_damage(LogDamageError("damaged", "it is empty"))
    assert not is_damage(OSError("no such device"))
    assert not is_damage(sqlite3.ProgrammingError("closed"))


# --- the header -------------------------------------------------------------------------------------------------------


def header_with(path: Path, *changes: tuple[int, bytes]) -> Path:
    with closing(connect(path)) as database:
        make_schema(database)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    for at, value in changes:
        content[at : at + len(value)] = value
    path.write_bytes(content)
    return path


def test_the_header_of_an_event_log_is_sound(path: Path) -> None:
    check_header(header_with(path), marked=True)


@pytest.mark.parametrize("page_bytes", [1, 512, 1024, 4096, 32768])
def test_every_page_size_of_sqlite_is_sound(path: Path, page_bytes: int) -> None:
    check_header(header_with(path, (16, struct.pack(">H", page_bytes))))


@pytest.mark.parametrize(
    "change",
    [
        *((16, struct.pack(">H", size)) for size in (0, 2, 256, 511, 513, 768, 4097)),
        *((at, bytes([version])) for at in (18, 19) for version in (0, 3)),
        (20, b"\x01"),
        (21, b"\x41"),
        (22, b"\x21"),
        (23, b"\x1f"),
        (44, struct.pack(">I", 5)),
        (56, struct.pack(">I", 2)),
        (56, struct.pack(">I", 3)),
    ],
)
def test_a_header_that_sqlite_would_read_wrongly_is_damage(path: Path, change: tuple[int, bytes]) -> None:
    with pytest.raises(LogDamageError, match=r"^its header is damaged$") as told:
        check_header(header_with(path, change))
    assert told.value.kind == "damaged"


@pytest.mark.parametrize(
    "change", [(18, b"\x01\x01"), (18, b"\x02\x02"), (44, struct.pack(">I", 0)), (56, struct.pack(">I", 0))]
)
def test_what_else_sqlite_writes_there_is_sound(path: Path, change: tuple[int, bytes]) -> None:
    check_header(header_with(path, change))


@pytest.mark.parametrize("content", [b"", b"a", b"SQLite format 3\x00", bytes(4096)])
def test_what_does_not_begin_like_a_database_is_none(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(LogDamageError, match=r"^it is not a database$") as told:
        check_header(path)
    assert told.value.kind == "damaged"


def test_a_header_that_is_cut_short_is_damage_and_one_that_is_just_there_is_not(path: Path) -> None:
    content = header_with(path).read_bytes()
    path.write_bytes(content[:HEADER_BYTES])
    check_header(path)
    path.write_bytes(content[: HEADER_BYTES - 1])
    with pytest.raises(LogDamageError, match="not a database"):
        check_header(path)


def test_the_mark_of_another_program_counts_only_where_the_mark_is_asked_for(path: Path) -> None:
    header_with(path, (68, b"Cake"))
    check_header(path)
    with pytest.raises(LogDamageError, match=r"^it is another program's database$") as told:
        check_header(path, marked=True)
    assert told.value.kind == "foreign"


# --- the schema -------------------------------------------------------------------------------------------------------


def test_a_new_log_is_marked_and_each_commit_waits_for_the_disk(database: sqlite3.Connection) -> None:
    assert pragma(database, "application_id") == APPLICATION_ID
    assert pragma(database, "user_version") == SCHEMA_VERSION
    assert pragma(database, "journal_mode") == "wal"
    assert pragma(database, "synchronous") == 2
    assert pragma(database, "journal_size_limit") == 1048576
    make_schema(database)
    check_schema(database)


def test_a_database_is_empty_until_it_has_a_table(path: Path) -> None:
    with closing(connect(path)) as database:
        assert is_empty(database)
        check_schema(database)
        database.execute("CREATE TABLE cake (slice)")
        assert not is_empty(database)


@pytest.mark.parametrize(
    ("statement", "kind", "reason"),
    [
        ("PRAGMA application_id = 7", "foreign", "it is another program's database"),
        ("PRAGMA user_version = 99", "newer", f"it has schema version 99, expected {SCHEMA_VERSION}"),
        ("PRAGMA user_version = 0", "damaged", f"it has schema version 0, expected {SCHEMA_VERSION}"),
        ("PRAGMA user_version = -1", "damaged", f"it has schema version -1, expected {SCHEMA_VERSION}"),
        ("ALTER TABLE event RENAME COLUMN label TO lebal", "damaged", "table event has other columns"),
        ("ALTER TABLE session ADD COLUMN weather TEXT", "damaged", "table session has other columns"),
    ],
)
def test_what_is_no_event_log_of_a_known_version_is_told(
    database: sqlite3.Connection, statement: str, kind: str, reason: str
) -> None:
    database.execute(statement)
    with pytest.raises(LogDamageError) as told:
        check_schema(database)
    assert (told.value.kind, str(told.value)) == (kind, reason)


def test_a_reader_says_what_is_missing(path: Path) -> None:
    with pytest.raises(EventLogError, match=r"no such file; nothing has been sorted yet, or event_log.file is wrong"):
        open_for_reading(path)
    path.touch()
    with pytest.raises(LogDamageError, match=r"^it is empty$") as told:
        open_for_reading(path)
    assert told.value.kind == "damaged"


def test_a_text_that_is_no_unicode_is_read_all_the_same(database: sqlite3.Connection) -> None:
    assert database.execute("SELECT CAST(x'47ff' AS TEXT)").fetchone()[0] == "G\ufffd"


def test_of_a_transaction_that_fails_nothing_is_written(database: sqlite3.Connection) -> None:
    def half() -> None:
        database.execute("INSERT INTO session (id, started_wall_s, model) VALUES (7, 0, 'm')")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        commit(database, half)
    assert not database.in_transaction
    assert database.execute("SELECT count(*) FROM session").fetchone()[0] == 0
    assert commit(database, lambda: 7) == 7


def test_a_log_that_is_written_keeps_few_pages_in_memory(database: sqlite3.Connection) -> None:
    """Features would fill SQLite's usual 2 MB within a day."""
    assert pragma(database, "cache_size") == -CACHE_KIB
    assert CACHE_KIB <= 512


@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "undone"])
def test_a_transaction_may_be_larger_than_the_memory_for_pages(
    database: sqlite3.Connection, path: Path, is_kept: bool
) -> None:
    def fill() -> None:
        size = 8 * CACHE_KIB * 1024
        database.execute("INSERT INTO session (id, started_wall_s, model) VALUES (7, 0, zeroblob(?))", (size,))
        database.execute("UPDATE session SET started_wall_s = 1")
        if not is_kept:
            raise ZeroDivisionError

    with nullcontext() if is_kept else pytest.raises(ZeroDivisionError):
        commit(database, fill)
    with closing(connect(path)) as other:
        assert [row[0] for row in other.execute("SELECT id FROM session WHERE started_wall_s = 1")] == [7] * is_kept
        assert pragma(other, "integrity_check") == "ok"
