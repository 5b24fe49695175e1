"""Reading the event log page by page: nothing is left out or read twice, and nothing is looked through in vain."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import EventLogError
from edge.records import event_query
from edge.records.event_database import connect, make_schema
from edge.records.event_log import EventLog
from edge.records.event_query import read_events
from edge.records.log_damage import LogDamageError
from edge.records.session_writes import insert_event
from tests.builders.values import make_event


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(connect(":memory:")) as connection:
        make_schema(connection)
        yield connection


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(event_query, "PAGE_ROWS", 3)
        yield


KEYS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 9)), max_size=14, unique_by=lambda key: key[:2]
)


@settings(max_examples=60)
@given(keys=KEYS, since_s=st.integers(0, 10), newest=st.none() | st.integers(1, 15))
def test_whatever_was_recorded_when_is_read_once_and_in_order(
    keys: list[tuple[int, int, int]], since_s: int, newest: int | None
) -> None:
    with closing(connect(":memory:")) as database:
        make_schema(database)
        for session, number, wall_s in keys:
            insert_event(database, make_event(number, wall_s=float(wall_s)), session=session)
        found = [(row["session"], row["number"]) for row in read_events(database, float(since_s), newest=newest)]
        expected = sorted((session, number) for session, number, wall_s in keys if wall_s >= since_s)
        assert found == expected[-(newest or len(keys)) :]


def test_what_is_recorded_while_somebody_reads_comes_at_the_end(database: sqlite3.Connection) -> None:
    for number in range(1, 8):
        insert_event(database, make_event(number), session=1)
    reader = read_events(database)
    found = [next(reader)["number"]]
    insert_event(database, make_event(8), session=1)
    found += [row["number"] for row in reader]
    assert found == list(range(1, 9))


def test_nothing_is_held_between_two_pages(database: sqlite3.Connection) -> None:
    """An open statement would keep the write-ahead log from being shortened for as long as a person scrolls."""
    for number in range(1, 8):
        insert_event(database, make_event(number), session=1)
    reader = read_events(database)
    next(reader)
    database.execute("DROP TABLE event")  # an open statement would lock it


@pytest.mark.parametrize("since_s", [0.0, 500.0])
def test_the_last_events_and_those_since_a_time_are_found_by_an_index(
    database: sqlite3.Connection, since_s: float
) -> None:
    statements: list[str] = []
    database.set_trace_callback(statements.append)
    for number in range(1, 8):
        insert_event(database, make_event(number, wall_s=100.0 * number), session=1)
    del statements[:]
    assert list(read_events(database, since_s, newest=2))
    database.set_trace_callback(None)
    plans = [row["detail"] for one in statements for row in database.execute(f"EXPLAIN QUERY PLAN {one}")]
    assert not [plan for plan in plans if plan.startswith("SCAN") and "INDEX" not in plan]
    sorts = [plan for plan in plans if "TEMP B-TREE" in plan]
    assert len(sorts) == (1 if since_s else 0), "only those since the time are put in order"


def test_rows_that_do_not_stand_in_their_order_are_damage_and_not_a_circle(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 8):
        insert_event(database, make_event(number), session=1)
    monkeypatch.setattr(event_query, "_rank", lambda key: ())
    with pytest.raises(LogDamageError, match="do not stand in their order"):
        list(read_events(database))


def test_a_reader_of_a_log_tells_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with EventLog(tmp_path / "e.sqlite") as log:
        log.start_session(wall_s=0.0, model="m")
        for number in range(1, 8):
            log.record(make_event(number))
        monkeypatch.setattr(event_query, "_rank", lambda key: ())
        with pytest.raises(EventLogError, match=r"do not stand in their order; 'sorter events --repair .*' saves"):
            list(log.events())


def test_keys_are_ordered_as_sqlite_orders_them(database: sqlite3.Connection) -> None:
    values: list[object] = [None, -1, 0.5, 2, "", "a", "b", b"", b"a"]
    database.execute("CREATE TABLE t (value)")
    database.executemany("INSERT INTO t VALUES (?)", [(value,) for value in reversed(values)])
    ordered = [row[0] for row in database.execute("SELECT value FROM t ORDER BY value")]
    assert ordered == sorted(values, key=lambda value: event_query._rank((value, 0)))
    assert ordered == values
