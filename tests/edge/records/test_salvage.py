"""What is saved from a damaged log, and how it is inserted into the log that goes on."""

import gc
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edge.records.event_database import connect, make_schema
from edge.records.event_log import EventLog
from edge.records.event_query import read_events
from edge.records.event_row import SessionRow, check_event
from edge.records.event_schema import EventRow
from edge.records.retention import purge
from edge.records.salvage import MOST_EVENTS_A_DAY, UNCLEAN, Salvage, merge, salvage, salvage_bytes
from edge.records.totals import count_events, read_totals
from tests.builders.values import make_event
from tests.edge.records.test_damaged_log import PAGE, killed_log_bytes, log_bytes
from tests.edge.records.test_event_row import EVENT

EVENTS = 40


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "e.sqlite")) as connection:
        make_schema(connection)
        yield connection


def event(number: int, *, session: int = 3, wall_s: float = 1010.0, **changes: Any) -> EventRow:
    return check_event(
        EVENT
        | {"id": number, "number": number, "session": session, "wall_s": wall_s, "time_s": float(number)}
        | changes
    )


def session_row(number: int = 3, *, started_s: float = 1000.0, ended_s: float | None = 2000.0) -> SessionRow:
    return SessionRow(id=number, started_wall_s=started_s, ended_wall_s=ended_s, model="m")


def found(*events: EventRow, sessions: tuple[SessionRow, ...] = ()) -> Salvage:
    return Salvage({one["id"]: one for one in sessions}, events, 0)


def is_empty(saved: Salvage) -> bool:
    return (saved.sessions, list(saved.events), saved.lost, saved.totals) == ({}, [], 0, ())


def sessions(database: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return [
        tuple(row)
        for row in database.execute("SELECT id, started_wall_s, ended_wall_s, model FROM session ORDER BY id")
    ]


def events(database: sqlite3.Connection) -> list[tuple[int, int]]:
    return [(row["session"], row["number"]) for row in read_events(database, 0.0)]


# --- reading ----------------------------------------------------------------------------------------------------------


def test_of_a_sound_log_everything_is_found_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(log_bytes(EVENTS, 2))
    saved = salvage(path)
    assert [(one["session"], one["number"]) for one in saved.events] == [
        (session, number) for session in (1, 2) for number in range(1, EVENTS + 1)
    ]
    assert {number: one["model"] for number, one in saved.sessions.items()} == {1: "m", 2: "m"}
    assert (saved.lost, saved.last_session) == (0, 2)


def test_a_log_and_its_write_ahead_log_are_read_together_or_each_alone(tmp_path: Path) -> None:
    content, wal = killed_log_bytes(EVENTS)
    path = tmp_path / "log"
    path.write_bytes(content)
    path.with_name("log-wal").write_bytes(wal)
    for saved in (salvage(path), salvage(path.with_name("log-wal")), salvage_bytes(memoryview(wal))):
        assert [one["number"] for one in saved.events] == list(range(1, EVENTS + 1))
        assert (saved.lost, saved.last_session) == (0, 1)
    path.with_name("log-wal").unlink()
    assert list(salvage(path).events) == []


@pytest.mark.parametrize("at", [0, 3])
def test_a_beginning_that_says_nothing_hides_no_event(at: int) -> None:
    """It may be a database, or a write-ahead log."""
    content, wal = bytearray(log_bytes(EVENTS, 1)), bytearray(killed_log_bytes(EVENTS)[1])
    for data in (content, wal):
        data[at] ^= 0xFF
        assert len(salvage_bytes(memoryview(data)).events) == EVENTS


def test_of_nothing_nothing_is_found(tmp_path: Path) -> None:
    assert is_empty(salvage_bytes())
    path = tmp_path / "log"
    path.touch()
    assert is_empty(salvage(path))
    assert salvage(path).last_session == 0
    with pytest.raises(OSError, match=r"folder: expected a file$"):
        salvage(tmp_path / "folder")


def test_events_that_are_gone_and_still_stand_in_an_index_count_as_lost() -> None:
    whole = log_bytes(EVENTS, 1)
    said = set()
    for page in range(1, len(whole) // PAGE):
        content = bytearray(whole)
        content[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
        saved = salvage_bytes(memoryview(content))
        said.add((len(saved.events) + saved.lost, saved.lost > 0))
    assert said == {(EVENTS, True), (EVENTS, False)}, "every page but the first, one at a time"


# --- inserting --------------------------------------------------------------------------------------------------------


def test_what_is_there_already_is_left_and_what_follows_is_inserted(database: sqlite3.Connection) -> None:
    assert merge(database, found(event(2), sessions=(session_row(),))) == 1
    assert merge(database, found(event(1), event(2), event(3), sessions=(session_row(),))) == 2
    assert events(database) == [(3, 1), (3, 2), (3, 3)]
    assert sessions(database) == [(3, 1000.0, 2000.0, "m")]


def test_an_event_keeps_what_is_known_of_it_and_one_without_an_outcome_is_interrupted(
    database: sqlite3.Connection,
) -> None:
    saved = [event(number, outcome=outcome) for number, outcome in enumerate(("decided", "done", "stuck", "empty"), 1)]
    merge(database, found(*saved))
    rows = list(read_events(database, 0.0))
    assert [row["outcome"] for row in rows] == ["interrupted", "done", "stuck", "empty"]
    assert rows[1:] == saved[1:]


@pytest.mark.parametrize(("ended_s", "kept"), [(2000.0, 2000.0), (None, UNCLEAN), (UNCLEAN, UNCLEAN)])
def test_a_session_keeps_its_number_and_its_end(
    database: sqlite3.Connection, ended_s: float | None, kept: float
) -> None:
    merge(database, found(event(1), sessions=(session_row(ended_s=ended_s),)))
    assert sessions(database) == [(3, 1000.0, kept, "m")]


def test_a_session_whose_row_is_lost_begins_with_its_first_event(database: sqlite3.Connection) -> None:
    merge(database, found(event(1, wall_s=1010.0), event(2, wall_s=1020.0)))
    assert sessions(database) == [(3, 1010.0, UNCLEAN, "")]


@pytest.mark.parametrize("changes", [{"started_s": 5.0}, {"model": "n"}])
def test_a_session_whose_number_another_has_gets_one_of_its_own(
    database: sqlite3.Connection, changes: dict[str, Any]
) -> None:
    merge(database, found(event(1), sessions=(session_row(),)))
    other = session_row()
    other["started_wall_s"], other["model"] = changes.get("started_s", 1000.0), changes.get("model", "m")
    merge(database, found(event(1, wall_s=9000.0), event(2, wall_s=9001.0), sessions=(other,)))
    assert events(database) == [(3, 1), (4, 1), (4, 2)]
    assert len(sessions(database)) == 2


@pytest.mark.parametrize(
    ("first_s", "ended_s", "is_same"),
    [
        (1000.0, 2000.0, True),
        (1500.0, 2000.0, True),
        (2000.0, 2000.0, True),
        (2000.5, 2000.0, False),
        (999.5, 2000.0, False),
        (9000.0, None, True),
        (9000.0, UNCLEAN, True),
        (999.5, None, False),
    ],
)
def test_an_event_whose_session_is_lost_belongs_to_the_one_of_its_number_if_that_was_on(
    database: sqlite3.Connection, first_s: float, ended_s: float | None, is_same: bool
) -> None:
    insert = "INSERT INTO session (id, started_wall_s, ended_wall_s, model) VALUES (3, 1000.0, ?, 'm')"
    database.execute(insert, (ended_s,))
    merge(database, found(event(1, wall_s=first_s)))
    assert events(database) == [(3 if is_same else 4, 1)]


def test_two_events_with_one_number_are_both_kept(database: sqlite3.Connection) -> None:
    row = session_row()
    merge(database, found(event(1), sessions=(row,)))
    assert merge(database, found(event(1, time_s=77.0), event(2), sessions=(row,))) == 2
    assert events(database) == [(3, 1), (3, 2), (4, 1)]
    assert sessions(database) == [(3, 1000.0, 2000.0, "m"), (4, 1000.0, 2000.0, "m")]


# --- totals and deleted events ----------------------------------------------------------------------------------------


@pytest.fixture
def kept_house(tmp_path: Path) -> Path:
    """A log of 30 events, of which the first ten were deleted."""
    path = tmp_path / "old"
    with EventLog(path) as log:
        log._db.execute("PRAGMA synchronous = OFF")
        log.start_session(wall_s=1000.0, model="m")
        for number in range(1, 31):
            log.record(make_event(number, wall_s=1000.0 + number))
            log.record_outcome(number, "done")
        log.transact(count_events)
        assert log.transact(lambda database: purge(database, before_wall_s=1011.0, budget_bytes=None)).events == 10
        log.end_session(wall_s=2000.0)
    return path


def test_deleted_events_are_neither_found_nor_lost_but_counted(kept_house: Path, database: sqlite3.Connection) -> None:
    saved = salvage(kept_house)
    assert ([one["number"] for one in saved.events], saved.lost) == (list(range(11, 31)), 0)
    assert sum(one.events for one in saved.totals) == 30
    for inserted in (20, 0):
        assert merge(database, salvage(kept_house)) == inserted
        assert sum(one.events for one in read_totals(database)) == 30, "as often as it is repaired"


def test_totals_that_are_damaged_are_left_out(kept_house: Path) -> None:
    content = kept_house.read_bytes()
    for number in (MOST_EVENTS_A_DAY + 1, 0, -5):
        with closing(sqlite3.connect(kept_house)) as changed:
            changed.execute("UPDATE total SET events = ?", (number,))
            changed.commit()
        assert salvage(kept_house).totals == ()
    kept_house.write_bytes(content)
    assert len(salvage(kept_house).totals) == 1


def write_long_rows(path: Path, events: int) -> None:
    """A log of events that take half a kilobyte each."""
    with closing(connect(path)) as large:
        make_schema(large)
        large.execute("BEGIN")
        large.executemany(
            "INSERT INTO event (session, number, time_s, wall_s, wall_synced, label, confidence, probabilities, bin, reason, "
            "views, agreement, rest_to_decision_s, latency_ms, outcome) "
            "VALUES (1, ?, 1.0, 1000.0, 1, ?, 0.9, '{}', 'b', 'r', 1, 1.0, 0.1, 1.0, 'done')",
            ((number, f"x{number:0400d}") for number in range(1, events + 1)),
        )
        large.execute("COMMIT")


def test_what_is_saved_lies_on_the_disk_and_not_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "log"
    write_long_rows(path, 500)
    tracemalloc.start()
    try:
        found = salvage(path)
        assert sum(1 for _ in found.events) == len(found.events) == 500
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 100_000, "500 events take a quarter of a megabyte"
