"""Reads rows out of the pages of a damaged SQLite file, without SQLite: every table leaf page stands for itself.

The format: https://www.sqlite.org/fileformat2.html. Nothing here is trusted: what does not fit the format is left out.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

DATABASE_MAGIC = b"SQLite format 3\x00"
WAL_MAGICS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")

DEFAULT_PAGE_BYTES = 4096
"""Page size that SQLite chooses for a new file."""

WAL_INDEX_MAGIC = b"\x18\xe2\x2d\x00"
"""Beginning of the index of a write-ahead log (``-shm``), in the byte order of all machines that a bin runs on."""

JOURNAL_MAGIC = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"

WAL_HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24

MOST_PAYLOAD_BYTES = 1_000_000
"""Largest row that is read, in bytes: a thousand times an event. A damaged length must not ask for all memory."""

TABLE_LEAF, INDEX_LEAF = 0x0D, 0x0A

Value = int | float | str | bytes | None


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as it stands in a page.

    Attributes:
        number: its rowid; None for an entry of an index, whose last value is the rowid of the row that it leads to.
        values: of its columns, of which an ``INTEGER PRIMARY KEY`` is None.
    """

    number: int | None
    values: tuple[Value, ...]


def read_rows(database: memoryview, wal: memoryview) -> Iterator[StoredRow]:
    """Every row that still reads; of a row that is there more than once, the newest comes last.

    Args:
        database: the bytes of the database; may be empty.
        wal: those of its write-ahead log; may be empty.
    """
    page_bytes = _page_bytes(database, wal)
    frames = list(_frames(wal, page_bytes))
    # A log that begins anew gets another salt, and leaves frames of the last round behind: they are older than the database.
    salts = [frame.salt for frame in frames if frame.is_whole] or [frame.salt for frame in frames]
    newer = [frame for frame in frames if frame.is_whole and frame.salt == salts[0]]
    newest = {frame.number: frame.page for frame in newer}

    def page_of(number: int) -> memoryview:
        start = (number - 1) * page_bytes
        return newest.get(number, database[start : start + page_bytes])

    for frame in (frame for is_whole in (False, True) for frame in frames if frame.is_whole is is_whole):
        if not (frame.is_whole and frame.salt == salts[0]):
            yield from _rows_of_page(frame.page, page_of)
    for start in range(page_bytes, len(database), page_bytes):  # the first page holds the schema
        yield from _rows_of_page(database[start : start + page_bytes], page_of)
    for frame in newer:
        yield from _rows_of_page(frame.page, page_of)


def frame_count(wal: memoryview) -> int:
    """Number of frames in a write-ahead log, of whatever round."""
    return max(0, len(wal) - WAL_HEADER_BYTES) // (FRAME_HEADER_BYTES + _page_bytes(memoryview(b""), wal))


@dataclass(frozen=True, slots=True)
class _Frame:
    number: int
    salt: bytes
    is_whole: bool
    page: memoryview


def _page_bytes(database: memoryview, wal: memoryview) -> int:
    size = DEFAULT_PAGE_BYTES
    if bytes(database[:16]) == DATABASE_MAGIC and len(database) >= 18:
        size = struct.unpack_from(">H", database, 16)[0]
        size = 65536 if size == 1 else size
    elif bytes(wal[:4]) in WAL_MAGICS and len(wal) >= WAL_HEADER_BYTES:
        size = struct.unpack_from(">I", wal, 8)[0]
    return size if 512 <= size <= 65536 and size & (size - 1) == 0 else DEFAULT_PAGE_BYTES


def _frames(wal: memoryview, page_bytes: int) -> Iterator[_Frame]:
    step = FRAME_HEADER_BYTES + page_bytes
    order = "<" if bytes(wal[:4]) == WAL_MAGICS[0] else ">"
    for start in range(WAL_HEADER_BYTES, len(wal) - step + 1, step):
        header, page = wal[start : start + FRAME_HEADER_BYTES], wal[start + FRAME_HEADER_BYTES : start + step]
        # Of each frame by itself, from the sum in the header before: a wrong bit does not condemn what comes after it.
        before = start - 8 if start == WAL_HEADER_BYTES else start - step + 16
        total = _checksum(order, struct.unpack_from(">II", wal, before), header[:8])
        is_whole = _checksum(order, total, page) == struct.unpack_from(">II", header, 16)
        yield _Frame(struct.unpack_from(">I", header)[0], bytes(header[8:16]), is_whole, page)


def _checksum(order: str, total: tuple[int, int], data: memoryview) -> tuple[int, int]:
    """SQLite's checksum of a frame, going on from ``total``."""
    first, second = total
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for index in range(0, len(words), 2):
        first = (first + words[index] + second) & 0xFFFFFFFF
        second = (second + words[index + 1] + first) & 0xFFFFFFFF
    return first, second


def _rows_of_page(page: memoryview, page_of: Callable[[int], memoryview]) -> Iterator[StoredRow]:
    if len(page) < 512 or page[0] not in (TABLE_LEAF, INDEX_LEAF):
        return
    cells = struct.unpack_from(">H", page, 3)[0]
    for index in range(min(cells, (len(page) - 8) // 2)):
        start = struct.unpack_from(">H", page, 8 + 2 * index)[0]
        try:
            yield _row(page, start, page_of)
        except (IndexError, ValueError, struct.error):
            continue


def _row(page: memoryview, start: int, page_of: Callable[[int], memoryview]) -> StoredRow:
    size, at = _varint(page, start)
    if not 0 < size <= MOST_PAYLOAD_BYTES:
        raise ValueError("implausible length")
    number = None
    if page[0] == TABLE_LEAF:
        number, at = _varint(page, at)
    local = _local_bytes(len(page), size, is_table=number is not None)
    if at + local > len(page):
        raise ValueError("reaches beyond the page")
    payload = bytearray(page[at : at + local])
    if local < size:
        following = struct.unpack_from(">I", page, at + local)[0]
        while len(payload) < size:
            more = page_of(following) if following > 0 else memoryview(b"")
            if len(more) != len(page):
                raise ValueError("the rest of the row is missing")
            payload += more[4 : 4 + size - len(payload)]
            following = struct.unpack_from(">I", more)[0]
    return StoredRow(number, tuple(_values(payload)))


def _local_bytes(page_bytes: int, size: int, *, is_table: bool) -> int:
    """How much of a row lies in its own page."""
    most = page_bytes - 35 if is_table else (page_bytes - 12) * 64 // 255 - 23
    least = (page_bytes - 12) * 32 // 255 - 23
    if size <= most:
        return size
    local = least + (size - least) % (page_bytes - 4)
    return local if local <= most else least


def _values(payload: bytearray) -> Iterator[Value]:
    header_bytes, at = _varint(payload, 0)
    value_at = header_bytes
    if header_bytes > len(payload):
        raise ValueError("implausible header")
    while at < header_bytes:
        kind, at = _varint(payload, at)
        value, value_at = _value(payload, kind, value_at)
        yield value
    if value_at != len(payload):
        raise ValueError("the values do not fill the row")


def _value(payload: bytearray, kind: int, at: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind in (10, 11):
        raise ValueError("reserved")
    size = (kind - 12) // 2 if kind >= 12 else (0, 1, 2, 3, 4, 6, 8, 8)[kind]
    raw = bytes(payload[at : at + size])
    if len(raw) != size:
        raise ValueError("cut short")
    if kind == 7:
        return float(struct.unpack(">d", raw)[0]), at + size
    if kind < 7:
        return int.from_bytes(raw, "big", signed=True), at + size
    return (raw.decode("utf-8") if kind % 2 else raw), at + size


def _varint(data: memoryview | bytearray, at: int) -> tuple[int, int]:
    """A number of variable length, and the place after it."""
    number = 0
    for index in range(8):
        byte = data[at + index]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at + index + 1
    number = number << 8 | data[at + 8]
    return number - (1 << 64) if number >> 63 else number, at + 9
