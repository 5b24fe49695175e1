"""Saves the events that can still be read in a damaged event log."""

import json
import mmap
import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from edge.files.state_files import is_regular
from edge.records.event_row import SessionRow, check_event, check_session, columns_of, from_stored
from edge.records.event_schema import EventRow
from edge.records.sqlite_pages import DATABASE_MAGIC, WAL_MAGICS, StoredRow, read_rows
from edge.records.staged_events import StagedEvents
from edge.records.totals import DayTotal, count_events, raise_totals

UNCLEAN = -1.0
"""``ended_wall_s`` of a session that did not end properly."""

MOST_EVENTS_A_DAY = 24 * 60 * 120
"""Largest number of events that a day can have: as many as flaps.max_openings_per_min allows. More is damage."""

LEAST_EVENT_BYTES = 100
"""An event takes more room than this in a file, in bytes."""


@dataclass(frozen=True, slots=True)
class Salvage:
    """What was found in a damaged event log.

    Attributes:
        sessions: number -> session.
        events: the events, oldest first.
        lost: number of events that certainly were there and cannot be read; those of pages that are gone altogether are
            not known of.
        totals: the daily totals, which count events that were deleted as well.
    """

    sessions: Mapping[int, SessionRow]
    events: Collection[EventRow]
    lost: int
    totals: tuple[DayTotal, ...] = ()

    @property
    def last_session(self) -> int:
        """Highest number of a session; 0 if there is none."""
        return max([0, *self.sessions, *(event["session"] for event in self.events)])


def salvage(path: Path) -> Salvage:
    """Read what can be read of an event log, and of its write-ahead log if there is one beside it.

    Args:
        path: the database, or a write-ahead log alone. It is not changed.

    Raises:
        OSError: it cannot be read.
    """
    path = path.resolve()
    wal = path.with_name(f"{path.name}-wal")
    with ExitStack() as held:
        parts = [held.enter_context(_mapped(one)) for one in (path, wal) if one == path or is_regular(one)]
        return salvage_bytes(*parts)


def salvage_bytes(*parts: memoryview) -> Salvage:
    """As ``salvage``, of the bytes of a database, of a write-ahead log, or of both; what each is, it says itself."""
    databases = [part for part in parts if bytes(part[:16]) == DATABASE_MAGIC]
    logs = [part for part in parts if bytes(part[:4]) in WAL_MAGICS]
    # Whose beginning is damaged may be either; the checks of its rows tell.
    unknown = [part for part in parts if not any(part is one for one in (*databases, *logs))]
    nothing = memoryview(b"")
    sessions: dict[int, SessionRow] = {}
    events = StagedEvents()
    totals: dict[DayTotal, DayTotal] = {}
    last = deleted = 0
    pairs = [(database, log) for database in databases or [nothing] for log in logs or [nothing]]
    pairs = [pair for part in unknown for pair in ((part, nothing), (nothing, part))] + pairs
    for database, log in pairs:
        for stored in read_rows(database, log):
            if stored.number is None:
                last = max(last, _indexed_row(stored.values))
                if (total := _total(stored.values)) is not None:
                    key = replace(total, events=1)
                    # The newest version is the highest: what was counted stays counted.
                    totals[key] = max(total, totals.get(key, total), key=lambda one: one.events)
                continue
            deleted = max(deleted, _deleted_events(stored))
            if (event := _event(stored.number, stored.values)) is not None:
                events.add(event)
            elif (session := _session(stored.number, stored.values)) is not None:
                sessions[session["id"]] = session
    # A damaged number must not make it millions that are lost.
    most = sum(map(len, parts)) // LEAST_EVENT_BYTES
    last = max(last if last <= most else 0, events.highest_id(most))
    # Their numbers have no gap but for those that were deleted.
    lost = max(0, last - events.distinct_ids() - deleted)
    return Salvage(sessions, events, lost, tuple(totals.values()))


def merge(database: sqlite3.Connection, found: Salvage) -> int:
    """Insert what was found into an event log, within a transaction of the caller; what is there already is left.

    Sessions keep their numbers, unless another session has it.

    Returns:
        Number of events that were inserted.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    numbers: dict[int, int] = {}
    names = [column.name for column in columns_of("event") if column.name != "id"]
    insert = f"INSERT OR IGNORE INTO event ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
    inserted = 0
    for event in found.events:
        key = (event["wall_s"], event["time_s"], event["number"])
        if database.execute("SELECT 1 FROM event WHERE wall_s = ? AND time_s = ? AND number = ?", key).fetchone():
            continue
        number = event["session"]
        if number not in numbers:
            numbers[number] = _session_number(
                database, number, found.sessions.get(number), first_wall_s=event["wall_s"]
            )
        # Its flap does not move any more.
        outcome = "interrupted" if event["outcome"] == "decided" else event["outcome"]
        values = dict(event) | {"session": numbers[number], "outcome": outcome}
        values["probabilities"] = json.dumps(event["probabilities"])
        if not database.execute(insert, values).rowcount:
            # Another event has its number: that of one of them is damaged, and both are kept.
            other = _insert_session(database, None, found.sessions.get(number), first_wall_s=event["wall_s"])
            database.execute(insert, values | {"session": other})
        inserted += 1
    # First what was inserted is counted: both logs have counted it then.
    count_events(database, most=None, with_open=True)
    raise_totals(database, iter(found.totals))
    return inserted


def _session_number(
    database: sqlite3.Connection, number: int, session: SessionRow | None, *, first_wall_s: float
) -> int:
    """Number in the log of a session that was found, or whose row is lost (None); it is inserted if it is not there."""
    there = database.execute(
        "SELECT started_wall_s, ended_wall_s, model FROM session WHERE id = ?", (number,)
    ).fetchone()
    if there is not None:
        started_s, ended_s, model = there
        if session is not None and (session["started_wall_s"], session["model"]) == (started_s, model):
            return number
        if (
            session is None
            and started_s <= first_wall_s
            and (ended_s is None or ended_s < 0 or first_wall_s <= ended_s)
        ):
            return number
    return _insert_session(database, None if there else number, session, first_wall_s=first_wall_s)


def _insert_session(
    database: sqlite3.Connection, number: int | None, session: SessionRow | None, *, first_wall_s: float
) -> int:
    if session is None:
        row = (first_wall_s, UNCLEAN, "")
    else:
        row = (session["started_wall_s"], session["ended_wall_s"] or UNCLEAN, session["model"])
    insert = "INSERT INTO session (id, started_wall_s, ended_wall_s, model) VALUES (?, ?, ?, ?)"
    return int(database.execute(insert, (number, *row)).lastrowid or 0)


def _event(number: int, values: tuple[object, ...]) -> EventRow | None:
    # A log of a newer version has more columns; those that this version knows come first.
    stored = from_stored("event", number, values[: len(columns_of("event"))])
    try:
        return None if stored is None or number < 1 else check_event(stored)
    except ValueError:
        return None


def _session(number: int, values: tuple[object, ...]) -> SessionRow | None:
    stored = from_stored("session", number, values)
    try:
        return None if stored is None or number < 1 else check_session(stored)
    except ValueError:
        return None


def _indexed_row(values: tuple[object, ...]) -> int:
    """The row that an entry of an index of the events leads to: (wall_s, row) or (session, number, row)."""
    row = values[-1] if len(values) in (2, 3) else 0
    return row if isinstance(row, int) and all(isinstance(value, int | float) for value in values) else 0


def _total(values: tuple[object, ...]) -> DayTotal | None:
    """A row of the totals; None if it is none, or damaged."""
    if len(values) != len(DayTotal.__slots__):
        return None
    *texts, synced, events = values
    if not all(isinstance(text, str) for text in texts) or re.fullmatch(r"(\d{4}-\d\d-\d\d)?", str(texts[0])) is None:
        return None
    if synced not in (0, 1) or not isinstance(events, int) or not 0 < events <= MOST_EVENTS_A_DAY:
        return None
    day, label, name, outcome = map(str, texts)
    return DayTotal(day, label, name, outcome, bool(synced), events)


def _deleted_events(stored: StoredRow) -> int:
    """Number of deleted events that the row of the table ``progress`` tells; 0 if it is another row."""
    values = stored.values
    is_progress = stored.number == 1 and len(values) == 2 and all(isinstance(value, int) for value in values)
    return int(str(values[1])) if is_progress else 0


@contextmanager
def _mapped(path: Path) -> Iterator[memoryview]:
    """The bytes of a file, read as they are needed."""
    if not is_regular(path):
        raise OSError(f"{path}: expected a file")
    with path.open("rb") as file:
        if not path.stat().st_size:
            yield memoryview(b"")
            return
        # Closed with its last view: a page that is still referred to, by a traceback for one, would make closing it an error.
        yield memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
