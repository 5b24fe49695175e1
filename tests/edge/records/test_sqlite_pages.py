"""Rows are read out of the pages of a SQLite file as SQLite wrote them, and what does not fit the format is left out."""

import sqlite3
import struct
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from edge.records.sqlite_pages import (
    DEFAULT_PAGE_BYTES,
    FRAME_HEADER_BYTES,
    INDEX_LEAF,
    MOST_PAYLOAD_BYTES,
    TABLE_LEAF,
    WAL_HEADER_BYTES,
    StoredRow,
    frame_count,
    read_rows,
)

NOTHING = memoryview(b"")

INTEGERS = [
    0,
    1,
    -1,
    2,
    127,
    128,
    -128,
    -129,
    2**15,
    -(2**15) - 1,
    2**23,
    2**31,
    -(2**31) - 1,
    2**47,
    -(2**63),
    2**63 - 1,
]


def database(
    path: Path, rows: Iterable[tuple[int, object]], *, page_bytes: int = 4096, index: bool = False
) -> memoryview:
    """The bytes of a database with one table, ``(id INTEGER PRIMARY KEY, value)``."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA page_size = {page_bytes}")
    connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, value)")
    if index:
        connection.execute("CREATE INDEX by_value ON thing (value)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO thing VALUES (?, ?)", rows)
    connection.execute("COMMIT")
    connection.close()
    return memoryview(path.read_bytes())


def table_rows(data: memoryview, wal: memoryview = NOTHING) -> dict[int, object]:
    return {row.number: row.values[1] for row in read_rows(data, wal) if row.number is not None}


@pytest.mark.parametrize("page_bytes", [512, 1024, 4096, 65536])
def test_every_row_is_read_of_whatever_length_and_in_pages_of_every_size(tmp_path: Path, page_bytes: int) -> None:
    """Long rows go on in pages of their own; how much stays in the first depends on the length."""
    lengths = [*range(40), *range(420, 560), *range(930, 1090, 7), 5000, 70_000]
    rows: dict[int, object] = {number: chr(97 + number % 26) * length for number, length in enumerate(lengths, 1)}
    data = database(tmp_path / "log", rows.items(), page_bytes=page_bytes)
    found = list(read_rows(data, NOTHING))
    assert {row.number: row.values for row in found} == {number: (None, text) for number, text in rows.items()}
    assert len(found) == len(rows)


@pytest.mark.parametrize("page_bytes", [512, 1024])
def test_the_entries_of_an_index_are_read_too(tmp_path: Path, page_bytes: int) -> None:
    lengths = [*range(140), *range(150, 700, 3)]
    rows: dict[int, object] = {number: f"{number:04}" + "x" * length for number, length in enumerate(lengths, 1)}
    data = database(tmp_path / "log", rows.items(), page_bytes=page_bytes, index=True)
    entries = {row.values for row in read_rows(data, NOTHING) if row.number is None}
    expected = {(text, number) for number, text in rows.items()}
    assert entries <= expected
    # The rest stands in the pages above the leaves.
    assert len(entries) > 0.7 * len(expected)


def test_an_entry_of_an_index_is_read_of_whatever_length() -> None:
    """Of two entries each index is one leaf; how much of an entry stays in it depends on the length."""
    for length in [*range(140), *range(540, 700)]:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("PRAGMA page_size = 512")
            connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, value)")
            connection.execute("CREATE INDEX by_value ON thing (value)")
            connection.executemany("INSERT INTO thing VALUES (?, ?)", [(1, "a" * length), (2, "b" * length)])
            connection.commit()
            data = memoryview(connection.serialize())
        entries = [row.values for row in read_rows(data, NOTHING) if row.number is None]
        assert entries == [("a" * length, 1), ("b" * length, 2)], length


def test_values_of_every_kind_are_read_as_they_were_written(tmp_path: Path) -> None:
    values: list[object] = [None, *INTEGERS, 0.1, -1e300, "", "Grün", "日", b"", b"\x00\xff", b"x" * 300]
    rows = dict(enumerate(values, 1))
    assert table_rows(database(tmp_path / "log", rows.items())) == rows


def test_numbers_of_rows_may_have_any_length(tmp_path: Path) -> None:
    numbers = [
        -(2**63),
        -5,
        -1,
        0,
        1,
        127,
        128,
        16383,
        16384,
        2**28,
        2**35 - 1,
        2**42,
        2**49,
        2**55,
        2**56 - 1,
        2**56,
        2**63 - 1,
    ]
    rows: dict[int, object] = {number: str(number) for number in numbers}
    assert table_rows(database(tmp_path / "log", rows.items())) == rows


class WalRig:
    """A database with a write-ahead log that is never written back by itself."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log"
        self._connection = sqlite3.connect(self.path, isolation_level=None)
        for line in ("page_size = 1024", "journal_mode = WAL", "wal_autocheckpoint = 0"):
            self._connection.execute(f"PRAGMA {line}")
        self._connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, value)")

    def write(self, number: int, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO thing VALUES (?, ?)", (number, value))

    def begin_anew(self) -> None:
        """Write the log back, so that the next write begins at its start."""
        self._connection.execute("PRAGMA wal_checkpoint(RESTART)")

    @property
    def wal(self) -> bytearray:
        return bytearray(self.path.with_name("log-wal").read_bytes())

    def rows(self, wal: bytearray | None = None) -> list[StoredRow]:
        return list(read_rows(memoryview(self.path.read_bytes()), memoryview(self.wal if wal is None else wal)))

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterable[WalRig]:
    rig = WalRig(tmp_path)
    yield rig
    rig.close()


FRAME_BYTES = FRAME_HEADER_BYTES + 1024


def newest(rows: list[StoredRow]) -> dict[int | None, object]:
    return {row.number: row.values[1] for row in rows if len(row.values) == 2}


def test_of_a_row_that_was_written_twice_the_newest_comes_last(rig: WalRig) -> None:
    rig.write(1, "first")
    rig.write(1, "second")
    rig.write(2, "long " * 1000)
    assert newest(rig.rows()) == {1: "second", 2: "long " * 1000}
    assert "first" in [row.values[1] for row in rig.rows() if len(row.values) == 2]
    rig.begin_anew()
    assert newest(rig.rows()) == {1: "second", 2: "long " * 1000}
    rig.write(1, "third")
    assert newest(rig.rows())[1] == "third", "frames of the last round stand behind it"


def test_frames_of_the_last_round_are_read_as_older_than_the_database(rig: WalRig) -> None:
    for text in ("first", "second", "third"):
        rig.write(1, text)
    rig.begin_anew()
    rig.write(1, "fourth")
    texts = [row.values[1] for row in rig.rows() if len(row.values) == 2]
    assert (texts.count("second"), texts.index("second") < texts.index("fourth")) == (1, True)
    assert texts[-1] == "fourth"


def test_a_frame_with_a_wrong_bit_counts_as_older_than_all_others(rig: WalRig) -> None:
    for text in ("first", "second", "third"):
        rig.write(1, text)
    wal = rig.wal
    # A byte of the newest page in which nothing stands.
    wal[len(wal) - 1024 + 200] ^= 1
    assert newest(rig.rows(wal))[1] == "second"
    assert "third" in [row.values[1] for row in rig.rows(wal) if len(row.values) == 2]


def test_the_frames_of_a_log_are_counted(rig: WalRig) -> None:
    rig.write(1, "first")
    count, rest = divmod(len(rig.wal) - WAL_HEADER_BYTES, FRAME_BYTES)
    assert rest == 0
    assert frame_count(memoryview(rig.wal)) == count
    assert frame_count(memoryview(rig.wal)[:-1]) == count - 1
    assert frame_count(memoryview(rig.wal)[: WAL_HEADER_BYTES - 1]) == frame_count(NOTHING) == 0


def test_a_log_of_a_machine_of_the_other_byte_order_is_read(rig: WalRig) -> None:
    for text in ("first", "second"):
        rig.write(1, text)
    wal = rig.wal
    assert wal[3] == 0x82, "sums of little-endian words"
    wal[3] = 0x83
    total = (0, 0)
    for start, length in [(0, 24), *((at, FRAME_BYTES) for at in range(WAL_HEADER_BYTES, len(wal), FRAME_BYTES))]:
        head = wal[start : start + 24 if not start else start + 8]
        words = struct.unpack(f">{len(head) // 4}I", head)
        if start:
            words += struct.unpack(">256I", wal[start + FRAME_HEADER_BYTES : start + length])
        first, second = total
        for one, other in zip(words[::2], words[1::2], strict=True):
            first = (first + one + second) % 2**32
            second = (second + other + first) % 2**32
        total = first, second
        struct.pack_into(">II", wal, start + 16 if start else 24, *total)
    assert newest(rig.rows(wal))[1] == "second"
    assert newest(rig.rows(wal)) == newest(rig.rows())


# --- what does not fit the format -------------------------------------------------------------------------------------


def cell(payload: bytes, *, number: int = 1, size: int | None = None) -> bytes:
    """A cell of a table's leaf; lengths below 128 alone, or of two bytes."""
    length = len(payload) if size is None else size
    head = bytes([length]) if length < 128 else bytes([0x80 | length >> 7, length & 0x7F])
    return head + bytes([number]) + payload


def page(
    *cells: bytes, kind: int = TABLE_LEAF, page_bytes: int = DEFAULT_PAGE_BYTES, count: int | None = None
) -> bytes:
    """A leaf page with these cells at its end."""
    body, starts = bytearray(page_bytes), []
    end = page_bytes
    for one in cells:
        end -= len(one)
        body[end : end + len(one)] = one
        starts.append(end)
    struct.pack_into(">BHHHB", body, 0, kind, 0, len(cells) if count is None else count, end, 0)
    struct.pack_into(f">{len(starts)}H", body, 8, *starts)
    return bytes(body)


def rows_of(*pages: bytes) -> list[StoredRow]:
    """What is read of these pages, which follow the one with the schema."""
    return list(read_rows(memoryview(bytes(DEFAULT_PAGE_BYTES) + b"".join(pages)), NOTHING))


SOUND = cell(b"\x03\x00\x01\x07", number=9)
"""NULL and 7."""
READ = [StoredRow(9, (None, 7))]


@pytest.mark.parametrize(
    "bad",
    [
        cell(b"", size=0),
        cell(b"\x03\x00\x0a\x07"),
        cell(b"\x03\x00\x0b\x07"),
        cell(b"\x03\x00\x01\x07\x08"),
        cell(b"\x03\x00\x01"),
        cell(b"\x09\x00\x01\x07"),
        cell(b"\x03\x00\x0f\xff"),
    ],
    ids=["empty", "reserved", "reserved too", "too long", "cut short", "header too long", "no text"],
)
def test_a_row_that_does_not_fit_the_format_is_left_out_and_those_beside_it_are_read(bad: bytes) -> None:
    assert rows_of(page(bad, SOUND)) == READ
    assert rows_of(page(SOUND, bad)) == READ


def test_a_row_that_reaches_beyond_its_page_is_left_out() -> None:
    damaged = bytearray(page(SOUND, SOUND))
    struct.pack_into(">H", damaged, 8, DEFAULT_PAGE_BYTES - 3)
    assert rows_of(bytes(damaged)) == READ
    struct.pack_into(">H", damaged, 8, DEFAULT_PAGE_BYTES + 9)
    assert rows_of(bytes(damaged)) == READ


def test_pages_that_are_no_leaves_and_ends_of_pages_are_left_out() -> None:
    assert rows_of(page(SOUND, kind=0x05), page(SOUND)) == READ
    assert rows_of(page(SOUND), page(SOUND)[:511]) == READ
    assert rows_of(page(SOUND, count=60_000))[:1] == READ, "a wrong number of cells"


def test_an_entry_of_an_index_has_no_number_of_its_own() -> None:
    assert rows_of(page(b"\x04\x03\x09\x01\x07", kind=INDEX_LEAF)) == [StoredRow(None, (1, 7))]


@pytest.mark.parametrize("following", [0, 77])
def test_a_row_whose_rest_is_missing_is_left_out(following: int) -> None:
    """It names no page, or one beyond the end of the file."""
    # A text of 6,013 bytes, of which 1,921 stand in the page of its row.
    payload = b"\x04\x00\xde\x07" + b"x" * 1921
    size = 6017
    local = bytes([0x80 | size >> 7, size & 0x7F, 1]) + payload + struct.pack(">I", following)
    assert rows_of(page(local, SOUND)) == READ


def test_a_length_that_no_row_has_asks_for_no_memory() -> None:
    assert MOST_PAYLOAD_BYTES < 2**20
    huge = bytes([0xC0, 0x80, 0x00]) + b"\x01" + b"\x03\x00\x01\x07"
    assert rows_of(page(huge, SOUND)) == READ


@pytest.mark.parametrize(
    ("written", "expected"), [(1, 65536), (512, 512), (768, DEFAULT_PAGE_BYTES), (256, DEFAULT_PAGE_BYTES)]
)
def test_a_page_size_that_cannot_be_is_not_believed(written: int, expected: int) -> None:
    head = bytearray(expected)
    head[:16] = b"SQLite format 3\x00"
    struct.pack_into(">H", head, 16, written)
    assert list(read_rows(memoryview(bytes(head) + page(SOUND, page_bytes=expected)), NOTHING)) == READ
