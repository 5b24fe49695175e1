"""What the link finds in the event log: the next items, how many there were, and the newest."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from edge.errors import EventLogError
from edge.link.log_look import LogReader
from edge.link.position import START
from edge.link.reason_counts import ReasonCounter
from edge.records.event_log import EventLog
from edge.records.event_reader import open_events
from tests.builders.values import make_event

NOON = datetime(2026, 5, 2, 12, tzinfo=UTC).timestamp()
TODAY = date(2026, 5, 2)
DAY_S = 86_400


def record(log: EventLog, number: int, outcome: str | None, **changes: object) -> None:
    log.record(make_event(number, **{"wall_s": NOON, **changes}))
    if outcome is not None:
        log.record_outcome(number, outcome)


@pytest.fixture
def log(tmp_path: Path) -> EventLog:
    one = EventLog(tmp_path / "events.sqlite")
    one.start_session(wall_s=NOON, model="m")
    return one


def test_items_are_counted_by_what_became_of_them_and_those_of_today_by_bin(log: EventLog) -> None:
    with log:
        record(log, 1, "done", wall_s=NOON - DAY_S)
        record(log, 2, "done")
        record(log, 3, "stuck", bin="metal")
        record(log, 4, None)
        look = LogReader(log.path).look(START, today=TODAY, hour=0)
    assert look is not None
    assert look.counts.all == {("glass", "glass", "done"): 2, ("glass", "metal", "stuck"): 1}
    assert look.counts.today == {"glass": 1, "metal": 1}
    assert look.counts.percent_today("metal") == 50.0
    assert look.newest is not None
    assert look.newest["number"] == 4
    assert look.batch is not None
    assert [event["number"] for _, event in look.batch.events if event] == [1, 2, 3]


def test_days_that_are_over_are_read_again_after_an_hour_or_at_midnight(log: EventLog) -> None:
    with log:
        record(log, 1, "done", wall_s=NOON - DAY_S)
        reader = LogReader(log.path)
        look = reader.look(None, today=TODAY, hour=5)
        assert look is not None
        assert look.batch is None
        record(log, 2, "done", wall_s=NOON - DAY_S)
        record(log, 3, "done")
        counts = []
        for today, hour in ((TODAY, 5), (TODAY, 6), (date(2026, 5, 3), 6)):
            look = reader.look(None, today=today, hour=hour)
            assert look is not None
            counts.append((sum(look.counts.all.values()), sum(look.counts.today.values())))
    assert counts == [(2, 1), (3, 1), (3, 0)]


def test_a_bin_that_has_sorted_nothing_has_no_log(tmp_path: Path) -> None:
    assert LogReader(tmp_path / "events.sqlite").look(START, today=TODAY, hour=0) is None


def test_a_log_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(EventLogError):
        LogReader(path).look(START, today=TODAY, hour=0)


def test_reasons_are_counted_from_the_first_look_on(log: EventLog) -> None:
    with log:
        record(log, 1, "done")
        reader = LogReader(log.path)
        counted = []
        for number, reason in ((2, "confident"), (3, "unsure"), (4, "unsure")):
            look = reader.look(None, today=TODAY, hour=0)
            assert look is not None
            counted.append(dict(look.reasons))
            record(log, number, None, reason=reason)
        look = reader.look(None, today=TODAY, hour=0)
    assert look is not None
    assert counted == [{}, {"confident": 1}, {"confident": 1, "unsure": 1}]
    assert look.reasons == {"confident": 1, "unsure": 2}


def test_reasons_of_a_log_that_takes_the_place_of_another_are_added(log: EventLog) -> None:
    counter = ReasonCounter()
    with log:
        for number in (1, 2, 3):
            record(log, number, None)
        with open_events(log.path) as events:
            events.read(counter.read)
    other = EventLog(log.path.with_name("other.sqlite"))
    other.start_session(wall_s=NOON, model="m")
    with other, open_events(other.path) as events:
        record(other, 1, None)
        events.read(counter.read)
        record(other, 2, None)
        events.read(counter.read)
    assert counter.counts == {"confident": 1}
