"""Searching the event log: nothing is left out or found twice, whatever is listed, and little is looked at in vain."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import EventLogError
from edge.records import event_search
from edge.records.event_database import connect, make_schema
from edge.records.event_kinds import list_events
from edge.records.event_log import EventLog
from edge.records.event_reader import open_events
from edge.records.event_search import EventFilter, search
from edge.records.feature_table import feature_id
from edge.records.session_writes import insert_event
from tests.builders.values import make_event

Key = tuple[int, int]


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(connect(":memory:")) as connection:
        make_schema(connection)
        yield connection


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(event_search, "SCAN_ROWS", 3)
        patched.setattr(event_search, "MOST_UNLISTED", 4)
        patched.setattr(event_search, "MOST_LOOKED_AT", 5)
        yield


def found(database: sqlite3.Connection, wanted: EventFilter, count: int = 2) -> list[Key]:
    keys: list[Key] = []
    before = None
    while True:
        page = search(database, wanted, before=before, count=count)
        assert len(page.events) <= count
        keys += [(event["session"], event["number"]) for event in page.events]
        if page.next is None:
            return keys
        before = page.next


EVENTS = st.lists(
    st.tuples(
        st.tuples(st.integers(1, 3), st.integers(1, 6)),
        st.sampled_from(["glass", "paper"]),
        st.sampled_from(["confident", "unsure"]),
        st.integers(1, 4),
    ),
    max_size=14,
    unique_by=lambda event: event[0],
)
NAMES = st.sampled_from([None, "glass", "paper"])
PLACES = st.frozensets(st.builds(feature_id, st.integers(1, 3), st.integers(1, 6)), max_size=6)


@settings(max_examples=150)
@given(
    events=EVENTS,
    label=NAMES,
    reason=st.sampled_from([None, "confident", "unsure"]),
    since_s=st.none() | st.integers(0, 5),
    only=st.none() | PLACES,
    without=PLACES,
    listed=st.integers(0, 15),
    count=st.integers(1, 4),
)
def test_all_that_is_wanted_is_found_once_newest_first(
    events: list[tuple[Key, str, str, int]],
    label: str | None,
    reason: str | None,
    since_s: int | None,
    only: frozenset[int] | None,
    without: frozenset[int],
    listed: int,
    count: int,
) -> None:
    with closing(connect(":memory:")) as database:
        make_schema(database)
        for (session, number), *values, wall_s in events:
            one = make_event(number, label=values[0], reason=values[1], wall_s=float(wall_s))
            insert_event(database, one, session=session)
        if listed:
            list_events(database, most=listed)
        wanted = EventFilter(label, None, reason, since_s, None if since_s is None else since_s + 2, only, without)
        expected = [
            key
            for key, of_label, of_reason, wall_s in events
            if label in (None, of_label)
            and reason in (None, of_reason)
            and (since_s is None or since_s <= wall_s < since_s + 2)
            and (only is None or feature_id(*key) in only)
            and feature_id(*key) not in without
        ]
        assert found(database, wanted, count) == sorted(expected, reverse=True)


def test_a_rare_label_is_found_by_its_list_alone(database: sqlite3.Connection) -> None:
    for number in range(1, 41):
        insert_event(database, make_event(number, label="battery" if number == 2 else "glass"), session=1)
    list_events(database)
    page = search(database, EventFilter(label="battery"))
    assert [event["number"] for event in page.events] == [2]
    assert page.next is None


def test_without_lists_a_page_looks_at_few_events_and_the_next_goes_on(database: sqlite3.Connection) -> None:
    for number in range(1, 13):
        insert_event(database, make_event(number, label="battery" if number == 2 else "glass"), session=1)
    first = search(database, EventFilter(label="battery"))
    assert first.events == ()
    assert first.next == feature_id(1, 8)
    assert found(database, EventFilter(label="battery")) == [(1, 2)]


def test_what_was_deleted_by_a_release_that_knows_no_lists_is_passed_over(database: sqlite3.Connection) -> None:
    for number in (1, 2, 3):
        insert_event(database, make_event(number), session=1)
    list_events(database)
    database.execute("DELETE FROM event WHERE number = 2")
    assert found(database, EventFilter(label="glass")) == [(1, 3), (1, 1)]


def test_a_damaged_event_is_left_out(database: sqlite3.Connection) -> None:
    for number in range(1, 6):
        insert_event(database, make_event(number), session=1)
    database.execute("UPDATE event SET probabilities = 'x' WHERE number = 2")
    database.execute("UPDATE event SET number = 'x' WHERE number = 4")
    for wanted in (EventFilter(), EventFilter(label="glass"), EventFilter(since_wall_s=0.0)):
        assert found(database, wanted) == [(1, 5), (1, 3), (1, 1)]


def test_a_log_that_is_written_is_searched(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    with EventLog(path) as log:
        log.start_session(wall_s=1.0, model="m")
        log.record(make_event(1))
        with open_events(path) as reader:
            assert len(reader.read(lambda database: search(database, EventFilter())).events) == 1
            log.record(make_event(2))
            assert len(reader.read(lambda database: search(database, EventFilter())).events) == 2


def test_a_log_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(EventLogError, match="no such file"):
        open_events(tmp_path / "none.sqlite")
    (tmp_path / "text.sqlite").write_text("no database" * 200)
    with pytest.raises(EventLogError, match="--repair"):
        open_events(tmp_path / "text.sqlite")
