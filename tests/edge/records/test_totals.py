"""The daily totals: whatever happens to the events, what was counted stays counted."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import EventLogError
from edge.records.event_database import connect, make_schema
from edge.records.event_log import EventLog
from edge.records.retention import purge
from edge.records.session_writes import begin_session, insert_event
from edge.records.totals import (
    OPEN_EVENTS,
    DayTotal,
    change_outcome,
    count_events,
    has_totals,
    make_totals,
    raise_totals,
    read_totals,
)
from tests.builders.values import make_event


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(connect(":memory:")) as connection:
        make_schema(connection)
        yield connection


@pytest.fixture
def time_zone_of_sydney(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "AEST-10AEDT,M10.1.0,M4.1.0/3")
        time.tzset()
        yield
    time.tzset()


def add(database: sqlite3.Connection, number: int, outcome: str = "done", **changes: object) -> None:
    insert_event(database, make_event(number, **changes), session=1)
    database.execute("UPDATE event SET outcome = ? WHERE number = ?", (outcome, number))


def counts(database: sqlite3.Connection, since_day: str = "") -> dict[tuple[str, str], int]:
    found: Counter[tuple[str, str]] = Counter()
    for one in read_totals(database, since_day):
        found[one.label, one.outcome] += one.events
    return dict(found)


def counted(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT counted FROM progress").fetchone()[0])


def test_totals_are_the_same_before_and_after_counting(database: sqlite3.Connection) -> None:
    for number in range(1, 6):
        add(database, number, "stuck" if number == 2 else "done", label="glass" if number % 2 else "paper")
    before = list(read_totals(database))
    assert count_events(database, most=2) == 2
    assert list(read_totals(database)) == before
    assert count_events(database) == 3
    assert count_events(database) == 0
    assert list(read_totals(database)) == before
    assert counts(database) == {("glass", "done"): 3, ("paper", "done"): 1, ("paper", "stuck"): 1}


def test_an_event_without_its_outcome_waits_and_so_do_later_ones(database: sqlite3.Connection) -> None:
    for number, outcome in enumerate(("done", "decided", "done"), 1):
        add(database, number, outcome)
    assert count_events(database) == 1
    assert count_events(database) == 0
    change_outcome(database, (1, 2), "stuck", fell=0, joined=0)
    assert count_events(database) == 2


def test_an_event_that_will_never_have_an_outcome_does_not_stop_the_counting(database: sqlite3.Connection) -> None:
    add(database, 1, "decided")
    for number in range(2, OPEN_EVENTS + 2):
        add(database, number)
    assert count_events(database) == OPEN_EVENTS + 1
    assert counts(database) == {("glass", "decided"): 1, ("glass", "done"): OPEN_EVENTS}


def test_an_outcome_that_changes_late_moves_in_the_totals(database: sqlite3.Connection) -> None:
    for number in (1, 2):
        add(database, number, "stuck")
    count_events(database)
    change_outcome(database, (1, 1), "done", fell=1, joined=0)
    change_outcome(database, (1, 2), "done", fell=1, joined=0)
    change_outcome(database, (1, 77), "done", fell=1, joined=0)  # not there
    assert counts(database) == {("glass", "done"): 2}
    assert [tuple(row) for row in database.execute("SELECT outcome, fell, joined FROM event")] == [("done", 1, 0)] * 2


def test_days_are_local_ones_and_say_whether_the_clock_was_set(
    database: sqlite3.Connection, time_zone_of_sydney: None
) -> None:
    # 2026-01-01 14:30 UTC is the second of January there.
    add(database, 1, wall_s=1_767_277_800.0)
    add(database, 2, wall_s=1_767_277_800.0, wall_synced=False)
    expected = [
        DayTotal("2026-01-02", "glass", "glass", "done", False, 1),
        DayTotal("2026-01-02", "glass", "glass", "done", True, 1),
    ]
    assert list(read_totals(database)) == expected
    count_events(database)
    assert list(read_totals(database, "2026-01-02")) == expected
    assert list(read_totals(database, "2026-01-03")) == []


def test_a_log_of_an_older_release_has_totals_too_and_is_counted_once_it_is_written(tmp_path: Path) -> None:
    with EventLog(tmp_path / "e.sqlite") as log:
        log.start_session(wall_s=0.0, model="m")
        log.record(make_event(1))
        log.record_outcome(1, "done")
        expected = list(log.totals())
    with closing(sqlite3.connect(tmp_path / "e.sqlite")) as database:
        database.executescript("DROP TABLE total; DROP TABLE progress;")
        assert not has_totals(database)
    with EventLog(tmp_path / "e.sqlite", read_only=True) as log:
        assert list(log.totals()) == expected
    with EventLog(tmp_path / "e.sqlite") as log:
        assert log.notice is None
        assert log.transact(count_events) == 1
        assert list(log.totals()) == expected


def test_an_older_release_takes_a_log_with_totals_as_its_own(database: sqlite3.Connection) -> None:
    """It looks at the version, at the columns of its two tables, and for triggers and views."""
    assert database.execute("PRAGMA user_version").fetchone()[0] == 3
    kinds = {row[0] for row in database.execute("SELECT type FROM sqlite_master")}
    assert kinds == {"table", "index"}


def test_totals_that_were_saved_raise_what_is_there_and_only_once(database: sqlite3.Connection) -> None:
    add(database, 1)
    count_events(database)
    (own,) = read_totals(database)
    saved = [
        DayTotal(own.day, "glass", "glass", "done", True, 5),
        DayTotal("2020-02-02", "paper", "paper", "stuck", False, 7),
    ]
    for _ in range(2):
        raise_totals(database, iter(saved))
        assert counts(database) == {("glass", "done"): 5, ("paper", "stuck"): 7}
    raise_totals(database, iter([DayTotal(own.day, "glass", "glass", "done", True, 2)]))
    assert counts(database)["glass", "done"] == 5


STEP = st.one_of(
    st.tuples(st.just("record"), st.sampled_from(("done", "stuck", "decided"))),
    st.tuples(st.just("count"), st.integers(1, 4)),
    st.tuples(st.just("purge"), st.integers(0, 40)),
    st.tuples(st.just("change"), st.integers(1, 10)),
    st.tuples(st.just("restart"), st.none()),
)


@settings(max_examples=60)
@given(steps=st.lists(STEP, max_size=40))
def test_no_history_of_counting_deleting_and_restarting_changes_the_number_of_events(
    steps: list[tuple[str, object]],
) -> None:
    with closing(connect(":memory:")) as database:
        make_schema(database)
        session = begin_session(database, wall_s=0.0, model="m", after=())[1]
        number = recorded = 0
        for step, value in steps:
            if step == "record":
                number, recorded = number + 1, recorded + 1
                insert_event(database, make_event(number, wall_s=1000.0 + recorded), session=session)
                change_outcome(database, (session, number), str(value), fell=None, joined=None)
            elif step == "count":
                assert isinstance(value, int)
                count_events(database, most=value)
            elif step == "purge":
                assert isinstance(value, int)
                purge(database, before_wall_s=1000.0 + value, budget_bytes=None)
            elif step == "change":
                assert isinstance(value, int)
                change_outcome(database, (session, value), "empty", fell=0, joined=0)
            else:
                session, number = begin_session(database, wall_s=0.0, model="m", after=())[1], 0
            assert sum(one.events for one in read_totals(database)) == recorded
            ids = [row[0] for row in database.execute("SELECT id FROM event")]
            deleted = database.execute("SELECT deleted FROM progress").fetchone()[0]
            assert deleted == max([0, counted(database) if not ids else max(ids)]) - len(ids)


def test_the_tables_are_added_once(database: sqlite3.Connection) -> None:
    add(database, 1)
    count_events(database)
    make_totals(database)
    make_schema(database)
    assert counted(database) == 1


DAMAGES = {
    "no row": "DELETE FROM progress",
    "text": "UPDATE progress SET counted = 'many'",
    "negative": "UPDATE progress SET deleted = -1",
    "beyond the newest event": "UPDATE progress SET counted = 99",
    "other columns": "ALTER TABLE total RENAME COLUMN day TO date",
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_totals_are_damage_of_the_log_at_its_start_and_while_it_runs(tmp_path: Path, name: str) -> None:
    path = tmp_path / "e.sqlite"
    for is_open in (False, True):
        with EventLog(path) as log:
            log.start_session(wall_s=0.0, model="m")
            log.record(make_event(1))
            if is_open and name != "other columns":  # a schema that changes while it runs is no damage of a card
                log._db.execute(DAMAGES[name])
                log.transact(count_events)
                assert "event log set aside" in str(log.notice)
        with closing(sqlite3.connect(path)) as changed:
            changed.execute(DAMAGES[name])
            changed.commit()
        with (
            pytest.raises(EventLogError, match="sorter events --repair --set "),
            EventLog(path, read_only=True) as log,
        ):
            list(log.totals())
        with EventLog(path) as log:
            assert "event log set aside" in str(log.notice)
            assert list(log.totals()) == []


def test_damaged_values_are_counted_all_the_same(database: sqlite3.Connection) -> None:
    for number in (1, 2):
        add(database, number)
    database.execute("UPDATE event SET label = x'ff', wall_s = 'noon', wall_synced = 'no' WHERE number = 1")
    before = list(read_totals(database))
    assert sum(one.events for one in before) == 2
    assert count_events(database) == 2
    assert list(read_totals(database)) == before
    assert before[0].day == ""


@pytest.mark.parametrize("counting", [True, False])
def test_totals_of_some_days_are_those_of_these_days(database: sqlite3.Connection, counting: bool) -> None:
    for number in range(1, 6):
        add(database, number, wall_s=1_767_268_800.0 + 86_400 * number)  # noon UTC of January 2nd, 3rd ...
    if counting:
        count_events(database, most=3)
    days = [one.day for one in read_totals(database)]
    assert len(days) == 5
    assert [one.day for one in read_totals(database, days[1], days[3])] == days[1:4]
