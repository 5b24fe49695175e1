"""The recorder: a disk that fails stops the sorting, not the program, and nothing is left out or doubled."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.alarms import Alarm, Alarms
from edge.errors import EventLogError
from edge.records.event_log import EventLog
from edge.records.image_ring import ImageRing
from edge.records.recorder import RETRY_S, Recorder
from hardware.clock import ManualClock
from tests.builders.values import make_event
from tests.doubles.full_disk import FILLER, fill_disk, free_disk


class RecorderRig:
    """A recorder over a real event log whose disk can fail."""

    def __init__(self, path: Path) -> None:
        self.clock = ManualClock()
        self.alarms = Alarms()
        self.events = EventLog(path)
        self.events.start_session(wall_s=0.0, model="m")
        images = ImageRing(path.parent / "images", budget_bytes=0)
        self.recorder = Recorder(self.events, images, clock=self.clock, alarms=self.alarms)

    @property
    def rows(self) -> list[tuple[int, str]]:
        return [(row["number"], row["outcome"]) for row in self.events.events() if row["number"] < FILLER]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RecorderRig]:
    desk = RecorderRig(tmp_path / "events.sqlite")
    yield desk
    desk.events.close()


def read_only(log: EventLog, on: bool = True) -> None:
    log._db.execute(f"PRAGMA query_only = {int(on)}")


def test_what_works_is_written_at_once(desk: RecorderRig) -> None:
    assert desk.recorder.record(make_event(1))
    desk.recorder.record_outcome(1, "done")
    assert desk.rows == [(1, "done")]
    assert desk.recorder.is_available
    assert desk.alarms.most_urgent is None


def test_a_full_disk_is_noticed_told_and_found_free_again(desk: RecorderRig) -> None:
    fill_disk(desk.events)
    assert not desk.recorder.record(make_event(1))
    assert not desk.recorder.is_available
    assert "events cannot be written, nothing is sorted: " in (desk.alarms.most_urgent or "")
    for _ in range(4):
        desk.clock.advance(RETRY_S)
        desk.recorder.retry_pending()
        assert not desk.recorder.is_available, "a probe must not fit where an event does not"
    free_disk(desk.events)
    desk.clock.advance(RETRY_S)
    desk.recorder.retry_pending()
    assert desk.recorder.is_available
    assert desk.alarms.most_urgent is None
    assert desk.recorder.record(make_event(1))
    assert desk.rows == [(1, "decided")]
    assert desk.alarms.counts == {Alarm.EVENTS: 1}


def test_the_disk_is_not_worn_by_looking(desk: RecorderRig, monkeypatch: pytest.MonkeyPatch) -> None:
    read_only(desk.events)
    desk.recorder.record(make_event(1))
    probes: list[float] = []

    def fail() -> None:
        probes.append(desk.clock.now_s())
        raise EventLogError("read-only")

    monkeypatch.setattr(desk.events, "probe", fail)
    for _ in range(600):
        desk.clock.advance(0.1)
        desk.recorder.retry_pending()
    assert len(probes) == pytest.approx(60 / RETRY_S, abs=1)


def test_an_outcome_that_could_not_be_written_is_made_up_for(desk: RecorderRig) -> None:
    desk.recorder.record(make_event(1))
    read_only(desk.events)
    desk.recorder.record_outcome(1, "done")
    assert desk.rows == [(1, "decided")]
    assert "readonly" in (desk.alarms.most_urgent or "")
    read_only(desk.events, False)
    desk.clock.advance(RETRY_S)
    desk.recorder.retry_pending()
    assert desk.rows == [(1, "done")]


def test_outcomes_that_come_while_the_disk_is_known_to_fail_are_kept_too(desk: RecorderRig) -> None:
    desk.recorder.record(make_event(1))
    read_only(desk.events)
    assert not desk.recorder.record(make_event(2))
    desk.recorder.record_outcome(1, "done")
    read_only(desk.events, False)
    desk.clock.advance(RETRY_S)
    desk.recorder.retry_pending()
    assert desk.rows == [(1, "done")]


def test_a_stop_writes_what_is_owed_first(desk: RecorderRig) -> None:
    desk.recorder.record(make_event(1))
    read_only(desk.events)
    desk.recorder.record_outcome(1, "stuck")
    with pytest.raises(EventLogError):
        desk.recorder.end_session(wall_s=9.0)
    read_only(desk.events, False)
    desk.recorder.end_session(wall_s=9.0)
    assert desk.rows == [(1, "stuck")]
    assert desk.events.start_session(wall_s=10.0, model="m") is False
