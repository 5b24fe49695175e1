"""The event log: what was recorded survives full disks, other processes, and unclean stops."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import EventLogError
from edge.records.event_database import PROBE_BYTES
from edge.records.event_log import EventLog
from edge.records.event_row import LAST_SESSION
from edge.records.event_schema import OUTCOMES, SCHEMA_VERSION
from edge.records.log_damage import LogDamageError
from tests.builders.values import make_event
from tests.doubles.full_disk import fill_disk, free_disk


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    with EventLog(tmp_path / "events.sqlite") as log:
        log.start_session(wall_s=1.0, model="m")
        yield log


def test_an_event_comes_back_as_it_was_recorded(log: EventLog) -> None:
    event = make_event(7, label="gläß", image="a.jpg", wall_synced=False)
    log.record(event)
    (found,) = log.events()
    for name in event.__slots__:
        assert found[name] == getattr(event, name), name
    assert found["outcome"] == "decided"
    assert isinstance(found["wall_synced"], bool)


def test_a_recorded_event_is_committed(log: EventLog, tmp_path: Path) -> None:
    """Another process sees it at once: nothing waits in this one."""
    log.record(make_event(1))
    with EventLog(tmp_path / "events.sqlite", read_only=True) as reader:
        assert [event["number"] for event in reader.events()] == [1]
    log.record_outcome(1, "done")
    with EventLog(tmp_path / "events.sqlite", read_only=True) as reader:
        assert [event["outcome"] for event in reader.events()] == ["done"]


def test_the_file_is_in_wal_mode_and_synced_at_every_commit(log: EventLog) -> None:
    assert log._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert log._db.execute("PRAGMA synchronous").fetchone()[0] == 2


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), st.just("")),
        st.tuples(st.just("finish"), st.sampled_from(OUTCOMES)),
        st.tuples(st.just("stop"), st.just("")),
        st.tuples(st.just("crash"), st.just("")),
    ),
    max_size=25,
)


@settings(max_examples=30)
@given(STEPS)
def test_any_history_is_kept_over_clean_and_unclean_stops(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("log") / "events.sqlite"
    expected: list[list[object]] = []  # [session, number, outcome]
    session, number, clean = 1, 0, True
    log = EventLog(path)
    assert log.start_session(wall_s=0.0, model="m") is False
    for step, outcome in steps:
        if step == "record":
            number += 1
            log.record(make_event(number))
            expected.append([session, number, "decided"])
        elif step == "finish" and number:
            log.record_outcome(number, outcome)
            expected[-1][2] = outcome
        elif step in ("stop", "crash"):
            clean = step == "stop"
            if clean:
                log.end_session(wall_s=9.0)
            log.close()
            log = EventLog(path)
            assert log.start_session(wall_s=10.0, model="m") is not clean
            for row in expected:
                row[2] = "interrupted" if row[2] == "decided" else row[2]
            session, number = session + 1, 0
    found = [[event["session"], event["number"], event["outcome"]] for event in log.events()]
    assert found == expected
    assert log.integrity() == "ok"
    log.close()


def test_a_number_cannot_be_recorded_twice_and_the_first_stays(log: EventLog) -> None:
    log.record(make_event(1, label="glass"))
    with pytest.raises(EventLogError, match=r"cannot be written.*UNIQUE"):
        log.record(make_event(1, label="paper"))
    assert [event["label"] for event in log.events()] == ["glass"]
    log.record(make_event(2))
    assert len(list(log.events())) == 2


def test_finishing_changes_only_this_sessions_item(tmp_path: Path) -> None:
    with EventLog(tmp_path / "e.sqlite") as log:
        for _ in range(2):
            log.start_session(wall_s=1.0, model="m")
            log.record(make_event(1))
        log.record_outcome(1, "done")
        assert [event["outcome"] for event in log.events()] == ["interrupted", "done"]
        with pytest.raises(ValueError, match="lost"):
            log.record_outcome(1, "lost")


def test_since_leaves_out_what_was_before(log: EventLog) -> None:
    for number in range(1, 6):
        log.record(make_event(number, wall_s=100.0 * number))
    assert [event["number"] for event in log.events(since_wall_s=300.0)] == [3, 4, 5]
    assert [event["number"] for event in log.events()] == [1, 2, 3, 4, 5]


def test_a_full_disk_is_reported_and_what_was_there_stays(log: EventLog) -> None:
    log.record(make_event(1))
    pages = log._db.execute("PRAGMA page_count").fetchone()[0]
    log._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(EventLogError, match="cannot be written: database or disk is full"):
        log.record(make_event(2, label="x" * 20_000))
    assert [event["number"] for event in log.events()] == [1]
    log._db.execute("PRAGMA max_page_count = 1000000")
    log.record(make_event(500))
    assert [event["number"] for event in log.events()] == [1, 500]
    assert log.integrity() == "ok"


def test_a_probe_writes_for_real_and_leaves_nothing(log: EventLog, tmp_path: Path) -> None:
    log.record(make_event(1))
    tables = "SELECT name FROM sqlite_master ORDER BY name"
    before = [tuple(row) for row in log._db.execute(tables)]
    written = (tmp_path / "events.sqlite-wal").stat().st_size
    log.probe()
    assert (tmp_path / "events.sqlite-wal").stat().st_size > written + PROBE_BYTES
    assert [tuple(row) for row in log._db.execute(tables)] == before
    log._db.execute("CREATE TABLE probe (filler)")  # as a program killed in the middle leaves it
    log.probe()
    assert [tuple(row) for row in log._db.execute(tables)] == before
    assert [event["number"] for event in log.events()] == [1]


def test_a_probe_fails_where_an_event_would(log: EventLog) -> None:
    fill_disk(log)
    with pytest.raises(EventLogError, match="cannot be written: database or disk is full"):
        log.probe()
    free_disk(log)
    log.probe()
    log._db.execute("PRAGMA query_only = 1")
    with pytest.raises(EventLogError, match="cannot be written: attempt to write a readonly database"):
        log.probe()
    log._db.execute("PRAGMA query_only = 0")
    log.record(make_event(1))
    assert log.integrity() == "ok"


def test_every_start_has_a_session_of_its_own(tmp_path: Path) -> None:
    sessions = []
    for _ in range(3):
        with EventLog(tmp_path / "e.sqlite") as log:
            log.start_session(wall_s=5.0, model="m")
            sessions.append(log.session)
    assert sessions == [1, 2, 3]


def test_a_log_that_another_program_locks_is_reported(log: EventLog, tmp_path: Path) -> None:
    log._db.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(tmp_path / "events.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(EventLogError, match=r"events.sqlite: cannot be written: database is locked"):
        log.record(make_event(1))
    other.execute("ROLLBACK")
    other.close()
    log.record(make_event(1))
    assert len(list(log.events())) == 1


def test_a_reader_changes_nothing_and_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(EventLogError, match="no such file"):
        EventLog(tmp_path / "none.sqlite", read_only=True)
    assert list(tmp_path.iterdir()) == []
    with EventLog(tmp_path / "e.sqlite") as log:
        log.start_session(wall_s=1.0, model="m")
    with EventLog(tmp_path / "e.sqlite", read_only=True) as reader, pytest.raises(EventLogError, match="readonly"):
        reader.start_session(wall_s=2.0, model="m")


def test_events_are_read_from_the_first_on_unless_a_time_is_given(log: EventLog) -> None:
    for number, wall_s in ((1, 0.0), (2, 0.5), (3, 7.0)):
        log.record(make_event(number, wall_s=wall_s))
    assert [event["number"] for event in log.events()] == [1, 2, 3]
    assert [event["number"] for event in log.events(since_wall_s=7.0)] == [3]


def test_a_log_that_cannot_be_read_is_told_and_only_a_damaged_one_is_to_be_repaired(log: EventLog) -> None:
    log._db.execute("DROP TABLE event")
    with pytest.raises(EventLogError, match=r"events\.sqlite: cannot be read: no such table: event$"):
        list(log.events())


def test_a_log_that_turns_out_to_be_another_programs_is_set_aside_as_that(log: EventLog) -> None:
    def find_foreign() -> None:
        if log.path.with_name("events.sqlite.foreign-1").exists():
            return
        raise LogDamageError("foreign", "it is another program's database")

    log._write(find_foreign)
    assert log.notice is not None
    assert log.notice.startswith("event log set aside as events.sqlite.foreign-1 (it is another program's database)")


def test_a_reader_sees_what_is_written_after_it_has_opened_the_log(tmp_path: Path) -> None:
    with EventLog(tmp_path / "e.sqlite") as log:
        log.start_session(wall_s=1.0, model="m")
        log.record(make_event(1))
    with EventLog(tmp_path / "e.sqlite", read_only=True) as reader, EventLog(tmp_path / "e.sqlite") as log:
        log.start_session(wall_s=2.0, model="m")
        log.record(make_event(2))
        assert [event["number"] for event in reader.events()] == [1, 2]


def test_who_may_not_write_beside_the_log_can_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a clean stop there is no write-ahead log, and such a reader could not make one."""
    with EventLog(tmp_path / "e.sqlite") as log:
        log.start_session(wall_s=1.0, model="m")
        log.record(make_event(1))
    monkeypatch.setattr("edge.records.event_database.os.access", lambda path, mode: False)
    with EventLog(tmp_path / "e.sqlite", read_only=True) as reader:
        assert [event["number"] for event in reader.events()] == [1]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["e.sqlite", "e.sqlite.lock"]
    with EventLog(tmp_path / "e.sqlite") as log:
        log.start_session(wall_s=2.0, model="m")
        log.record(make_event(2))
        with EventLog(tmp_path / "e.sqlite", read_only=True) as reader:
            assert [event["number"] for event in reader.events()] == [1, 2], (
                "what is still in the write-ahead log counts"
            )


def test_the_folder_is_made(tmp_path: Path) -> None:
    with EventLog(tmp_path / "a" / "b" / "e.sqlite") as log:
        log.start_session(wall_s=1.0, model="m")
    assert (tmp_path / "a" / "b" / "e.sqlite").is_file()


def test_closing_twice_is_allowed(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "e.sqlite")
    log.close()
    log.close()


def as_version(version: int, path: Path) -> None:
    """What an earlier release wrote: version 2 did not count things, and version 1 had no score either."""
    columns = ["things", "joined", "fell", "score"][: 4 if version == 1 else 3]
    with EventLog(path) as log:
        log.start_session(wall_s=1.0, model="m")
        log.record(make_event(1))
        log.end_session(wall_s=2.0)
        for column in columns:
            log._db.execute(f"ALTER TABLE event DROP COLUMN {column}")
        log._db.execute(f"PRAGMA user_version = {version}")


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_a_log_of_an_earlier_version_is_read_as_it_is_and_goes_on(tmp_path: Path, version: int) -> None:
    path = tmp_path / "e.sqlite"
    as_version(version, path)
    with EventLog(path, read_only=True) as log:
        (event,) = log.events()
        assert (event["number"], event["score"], event["things"], event["fell"]) == (1, None, None, None)
    with EventLog(path) as log:
        log.start_session(wall_s=3.0, model="m")
        log.record(make_event(2, score=4.5, things=2))
        log.record_outcome(2, "done", fell=3, joined=1)
        rows = [(event["number"], event["score"], event["things"], event["fell"]) for event in log.events()]
        assert rows == [(1, None, None, None), (2, 4.5, 2, 3)]
        assert log._db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
        assert log.integrity() == "ok"


def test_a_second_sorter_on_one_log_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    with EventLog(path) as log:
        log.start_session(wall_s=1.0, model="m")
        with pytest.raises(EventLogError, match="in use by another sorter"):
            EventLog(path)
        log.record(make_event(1))
    with EventLog(path) as again:
        assert [event["number"] for event in again.events()] == [1]


@pytest.mark.parametrize("number", [LAST_SESSION - 1, LAST_SESSION, LAST_SESSION + 1, 2**62, -5])
@pytest.mark.parametrize("is_in_log", [False, True])
def test_a_damaged_session_number_does_not_keep_the_program_from_starting(
    number: int, is_in_log: bool, tmp_path: Path
) -> None:
    path = tmp_path / "events.sqlite"
    with EventLog(path) as log:
        log.start_session(wall_s=1.0, model="m")
        log.end_session(wall_s=2.0)
    if is_in_log:
        with closing(sqlite3.connect(path)) as database:
            database.execute("INSERT INTO session VALUES (?, 1.0, 2.0, 'm')", (number,))
            database.commit()
    started = []
    for _ in range(3):
        with EventLog(path) as log:
            log.start_session(wall_s=3.0, model="m", after=0 if is_in_log else number)
            log.record(make_event(1))
            log.end_session(wall_s=4.0)
            started.append(log.session)
    assert len(set(started)) == 3
    with EventLog(path, read_only=True) as log:
        assert sorted(event["session"] for event in log.events()) == sorted(started), "each is listed"


def test_events_whose_session_is_lost_keep_their_number_to_themselves(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite"
    with EventLog(path) as log:
        log.start_session(wall_s=1.0, model="m")
        log.record(make_event(1))
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM session")
        database.commit()
    with EventLog(path) as log:
        log.start_session(wall_s=3.0, model="m")
        log.record(make_event(1))
        assert [event["session"] for event in log.events()] == [1, 2]
