"""The recorder: a disk error stops the sorting but not the program, and no event is lost or duplicated."""

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
def rig(tmp_path: Path) -> Iterator[RecorderRig]:
    rig = RecorderRig(tmp_path / "events.sqlite")
    yield rig
    rig.events.close()


def read_only(log: EventLog, on: bool = True) -> None:
    log._db.execute(f"PRAGMA query_only = {int(on)}")


def test_what_works_is_written_at_once(rig: RecorderRig) -> None:
    assert rig.recorder.record(make_event(1))
    rig.recorder.record_outcome(1, "done")
    assert rig.rows == [(1, "done")]
    assert rig.recorder.is_available
    assert rig.alarms.most_urgent is None


def test_a_full_disk_is_noticed_reported_and_found_free_again(rig: RecorderRig) -> None:
    fill_disk(rig.events)
    assert not rig.recorder.record(make_event(1))
    assert not rig.recorder.is_available
    assert "events cannot be written, nothing is sorted: " in (rig.alarms.most_urgent or "")
    for _ in range(4):
        rig.clock.advance(RETRY_S)
        rig.recorder.retry_pending()
        assert not rig.recorder.is_available, "a probe must not fit where an event does not"
    free_disk(rig.events)
    rig.clock.advance(RETRY_S)
    rig.recorder.retry_pending()
    assert rig.recorder.is_available
    assert rig.alarms.most_urgent is None
    assert rig.recorder.record(make_event(1))
    assert rig.rows == [(1, "decided")]
    assert rig.alarms.counts == {Alarm.EVENTS: 1}


def test_the_disk_is_not_worn_by_looking(rig: RecorderRig, monkeypatch: pytest.MonkeyPatch) -> None:
    read_only(rig.events)
    rig.recorder.record(make_event(1))
    probes: list[float] = []

    def fail() -> None:
        probes.append(rig.clock.now_s())
        raise EventLogError("read-only")

    monkeypatch.setattr(rig.events, "probe", fail)
    for _ in range(600):
        rig.clock.advance(0.1)
        rig.recorder.retry_pending()
    assert len(probes) == pytest.approx(60 / RETRY_S, abs=1)


def test_an_outcome_that_could_not_be_written_is_made_up_for(rig: RecorderRig) -> None:
    rig.recorder.record(make_event(1))
    read_only(rig.events)
    rig.recorder.record_outcome(1, "done")
    assert rig.rows == [(1, "decided")]
    assert "readonly" in (rig.alarms.most_urgent or "")
    read_only(rig.events, False)
    rig.clock.advance(RETRY_S)
    rig.recorder.retry_pending()
    assert rig.rows == [(1, "done")]


def test_outcomes_that_come_while_the_disk_is_known_to_fail_are_kept_too(rig: RecorderRig) -> None:
    rig.recorder.record(make_event(1))
    read_only(rig.events)
    assert not rig.recorder.record(make_event(2))
    rig.recorder.record_outcome(1, "done")
    read_only(rig.events, False)
    rig.clock.advance(RETRY_S)
    rig.recorder.retry_pending()
    assert rig.rows == [(1, "done")]


def test_a_stop_writes_what_is_owed_first(rig: RecorderRig) -> None:
    rig.recorder.record(make_event(1))
    read_only(rig.events)
    rig.recorder.record_outcome(1, "stuck")
    with pytest.raises(EventLogError):
        rig.recorder.end_session(wall_s=9.0)
    read_only(rig.events, False)
    rig.recorder.end_session(wall_s=9.0)
    assert rig.rows == [(1, "stuck")]
    assert rig.events.start_session(wall_s=10.0, model="m") is False
