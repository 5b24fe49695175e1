"""Sessions and events as they are written into the database: who was interrupted, and which number comes next."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.records.event_database import connect, make_schema
from edge.records.event_query import read_events
from edge.records.event_row import LAST_SESSION
from edge.records.session_writes import begin_session, finish_session, insert_event
from tests.builders.values import make_event


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "e.sqlite")) as connection:
        make_schema(connection)
        yield connection


def test_a_session_that_did_not_end_is_marked_by_the_next(database: sqlite3.Connection) -> None:
    assert begin_session(database, wall_s=1000.0, model="m", after=()) == (False, 1)
    insert_event(database, make_event(1), session=1)
    assert begin_session(database, wall_s=2000.0, model="n", after=()) == (True, 2)
    assert [tuple(row) for row in database.execute("SELECT id, started_wall_s, ended_wall_s, model FROM session")] == [
        (1, 1000.0, -1.0, "m"),
        (2, 2000.0, None, "n"),
    ]
    assert [row["outcome"] for row in read_events(database, 0.0)] == ["interrupted"]
    finish_session(database, 2, wall_s=3000.0)
    assert begin_session(database, wall_s=4000.0, model="m", after=()) == (False, 3)


def test_only_a_decided_event_is_interrupted(database: sqlite3.Connection) -> None:
    begin_session(database, wall_s=1000.0, model="m", after=())
    for number, outcome in enumerate(("done", "decided", "stuck"), 1):
        insert_event(database, make_event(number), session=1)
        database.execute("UPDATE event SET outcome = ? WHERE number = ?", (outcome, number))
    insert_event(database, make_event(1), session=7)
    finish_session(database, 1, wall_s=2000.0)
    outcomes = {(row["session"], row["number"]): row["outcome"] for row in read_events(database, 0.0)}
    assert outcomes == {(1, 1): "done", (1, 2): "interrupted", (1, 3): "stuck", (7, 1): "decided"}


@pytest.mark.parametrize(("after", "expected"), [(0, 6), (5, 6), (6, 7), (40, 41)])
def test_a_session_comes_after_all_that_are_known(database: sqlite3.Connection, after: int, expected: int) -> None:
    database.execute("INSERT INTO session (id, started_wall_s, model) VALUES (5, 0, 'm')")
    # A number that a wrong bit has made of another.
    database.execute("INSERT INTO session (id, started_wall_s, model) VALUES (?, 0, 'm')", (LAST_SESSION,))
    assert begin_session(database, wall_s=1000.0, model="m", after=(after,))[1] == expected


def test_events_are_read_in_the_order_of_their_sessions_from_a_time_on(database: sqlite3.Connection) -> None:
    for session, number, wall_s in ((2, 1, 50.0), (1, 2, 30.0), (1, 1, 40.0), (2, 2, 29.0)):
        insert_event(database, make_event(number, wall_s=wall_s), session=session)
    found = [(row["session"], row["number"]) for row in read_events(database, 30.0)]
    assert found == [(1, 1), (1, 2), (2, 1)]
