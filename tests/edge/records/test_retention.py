"""What is deleted: the oldest events, in their order, once they are counted, and by a clock that was set."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from edge.records.event_database import connect, make_schema
from edge.records.retention import PURGE_ROWS, Purged, purge, used_bytes
from edge.records.session_writes import insert_event
from edge.records.totals import count_events
from tests.builders.values import make_event


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(connect(":memory:")) as connection:
        make_schema(connection)
        yield connection


def add(database: sqlite3.Connection, number: int, wall_s: float, *, session: int = 1, synced: bool = True) -> None:
    event = make_event(number, wall_s=wall_s, wall_synced=synced, image=f"s{session}-{number}.jpg")
    insert_event(database, event, session=session)


def count(database: sqlite3.Connection) -> None:
    database.execute("UPDATE event SET outcome = 'done'")
    while count_events(database):
        pass


def left(database: sqlite3.Connection) -> list[tuple[int, int]]:
    return [tuple(row) for row in database.execute("SELECT session, number FROM event ORDER BY session, number")]


def test_what_is_older_goes_with_its_picture_and_what_is_not_stays(database: sqlite3.Connection) -> None:
    for number in range(1, 6):
        add(database, number, 100.0 * number)
    count(database)
    found = purge(database, before_wall_s=300.0, budget_bytes=None)
    assert found == Purged(2, ("s1-1.jpg", "s1-2.jpg"), (1, 3))
    assert left(database) == [(1, 3), (1, 4), (1, 5)]
    assert purge(database, before_wall_s=300.0, budget_bytes=None) == Purged(0, (), (1, 3))


def test_nothing_goes_before_it_is_counted(database: sqlite3.Connection) -> None:
    for number in range(1, 4):
        add(database, number, 100.0)
    assert purge(database, before_wall_s=300.0, budget_bytes=1).events == 0
    database.execute("UPDATE event SET outcome = 'done' WHERE number < 3")
    count_events(database)
    assert purge(database, before_wall_s=300.0, budget_bytes=1).events == 2


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        # A clock that was not set says nothing: 100 may have been yesterday.
        (((100, False), (100, False)), [1, 2]),
        # But who came before an event that is certainly old is old as well, whatever its own clock said.
        (((9000, False), (100, True), (100, False)), [3]),
        (((100, True), (9000, True), (100, True)), []),
        (((100, True), (9000, True), (9000, True)), [2, 3]),
    ],
)
def test_only_a_clock_that_was_set_makes_an_event_old(
    database: sqlite3.Connection, times: tuple[tuple[float, bool], ...], expected: list[int]
) -> None:
    for number, (wall_s, synced) in enumerate(times, 1):
        add(database, number, wall_s, synced=synced)
    count(database)
    purge(database, before_wall_s=1000.0, budget_bytes=None)
    assert [number for _, number in left(database)] == expected


def test_events_that_were_saved_late_go_in_the_order_of_their_sessions(database: sqlite3.Connection) -> None:
    add(database, 1, 5000.0, session=2)
    add(database, 1, 100.0, session=1)
    count(database)
    assert purge(database, before_wall_s=1000.0, budget_bytes=None) == Purged(1, ("s1-1.jpg",), (2, 1))


def test_a_step_is_bounded_and_the_next_goes_on(database: sqlite3.Connection) -> None:
    for number in range(1, PURGE_ROWS + 11):
        add(database, number, 100.0)
    count(database)
    assert purge(database, before_wall_s=300.0, budget_bytes=None).events == PURGE_ROWS
    assert purge(database, before_wall_s=300.0, budget_bytes=None) == Purged(
        10, tuple(f"s1-{number}.jpg" for number in range(PURGE_ROWS + 1, PURGE_ROWS + 11)), None
    )


def test_a_budget_is_kept_without_any_clock_and_the_room_is_used_again(database: sqlite3.Connection) -> None:
    for number in range(1, 1001):
        add(database, number, 100.0, synced=False)
    count(database)
    full = used_bytes(database)
    while purge(database, before_wall_s=None, budget_bytes=full // 2).events:
        pass
    assert full // 4 < used_bytes(database) <= full // 2
    assert left(database)[-1] == (1, 1000), "the newest stays"
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    for number in range(1001, 1300):
        add(database, number, 100.0)
    assert database.execute("PRAGMA page_count").fetchone()[0] == pages


def test_of_a_deleted_event_nothing_is_left_in_the_file(database: sqlite3.Connection) -> None:
    for number in range(1, 51):
        insert_event(database, make_event(number, label="a-secret-label", wall_s=1.0), session=1)
    database.execute("UPDATE event SET outcome = 'done'")
    count_events(database)
    database.execute("DELETE FROM total")
    assert b"a-secret-label" in database.serialize()
    purge(database, before_wall_s=300.0, budget_bytes=None)
    assert b"a-secret-label" not in database.serialize()
