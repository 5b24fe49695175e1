"""The recorder: a disk error stops the sorting but not the program, and no event is lost or duplicated."""

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.alarms import Alarm, Alarms
from edge.errors import EventLogError
from edge.records.event_log import EventLog
from edge.records.image_ring import ImageRing
from edge.records.recorder import MAX_QUEUED, RETRY_S, SILENT_S, Recorder
from edge.records.review_draw import DRAWN_SHARE
from edge.simulation.delayed_writer import DelayedWriter
from edge.values import Reason
from hardware.clock import ManualClock
from tests.builders.values import make_decision
from tests.doubles.full_disk import FILLER, fill_disk, free_disk


class RecorderRig:
    """A recorder over a real event log whose disk can fail."""

    def __init__(self, path: Path) -> None:
        self.clock = ManualClock(500.0)
        self.disk = DelayedWriter(self.clock)
        self.alarms = Alarms()
        self.events = EventLog(path)
        self.events.start_session(wall_s=0.0, model="m")
        images = ImageRing(path.parent / "images", budget_bytes=0)
        self.recorder = Recorder(self.events, images, clock=self.clock, alarms=self.alarms, writer=self.disk)

    def wait(self, seconds: float) -> None:
        """Let the disk work for so long."""
        for _ in range(round(seconds / 0.1)):
            self.clock.advance(0.1)
            self.disk.advance()
            self.recorder.poll()

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
    assert rig.recorder.write(make_decision(1)).is_on_disk
    rig.recorder.record_outcome(1, "done")
    assert rig.rows == [(1, "done")]
    assert rig.recorder.is_available
    assert rig.alarms.most_urgent is None


def test_what_an_item_was_decided_from_is_kept_with_the_head_that_decided_it(rig: RecorderRig) -> None:
    decision = make_decision(1)
    vectors = np.arange(8, dtype=np.int8).reshape(2, 4)
    rig.recorder.head = "f" * 64
    rig.recorder.write(replace(decision, verdict=replace(decision.verdict, features=vectors)))
    rig.recorder.write(replace(make_decision(2), reason=Reason.UNSURE))
    first, second = (rig.events.features(rig.events.session, number) for number in (1, 2))
    assert first is not None
    assert second is not None
    assert first.vectors is not None
    assert np.array_equal(first.vectors, vectors)
    assert (first.head, first.share) == ("f" * 64, DRAWN_SHARE)
    assert (second.vectors, second.share, second.offered) == (None, 1.0, True)


def test_a_full_disk_is_noticed_reported_and_found_free_again(rig: RecorderRig) -> None:
    fill_disk(rig.events)
    assert not rig.recorder.write(make_decision(1)).is_on_disk
    assert not rig.recorder.is_available
    assert "events cannot be written, nothing is sorted: " in (rig.alarms.most_urgent or "")
    for _ in range(4):
        rig.clock.advance(RETRY_S)
        rig.recorder.poll()
        assert not rig.recorder.is_available, "a probe must not fit where an event does not"
    free_disk(rig.events)
    rig.clock.advance(RETRY_S)
    rig.recorder.poll()
    assert rig.recorder.is_available
    assert rig.alarms.most_urgent is None
    assert rig.recorder.write(make_decision(1)).is_on_disk
    assert rig.rows == [(1, "decided")]
    assert rig.alarms.counts == {Alarm.EVENTS: 1}


def test_the_disk_is_not_worn_by_looking(rig: RecorderRig, monkeypatch: pytest.MonkeyPatch) -> None:
    read_only(rig.events)
    rig.recorder.write(make_decision(1))
    probes: list[float] = []

    def fail() -> None:
        probes.append(rig.clock.now_s())
        raise EventLogError("read-only")

    monkeypatch.setattr(rig.events, "probe", fail)
    for _ in range(600):
        rig.clock.advance(0.1)
        rig.recorder.poll()
    assert len(probes) == pytest.approx(60 / RETRY_S, abs=1)


def test_an_outcome_that_could_not_be_written_is_made_up_for(rig: RecorderRig) -> None:
    rig.recorder.write(make_decision(1))
    read_only(rig.events)
    rig.recorder.record_outcome(1, "done")
    assert rig.rows == [(1, "decided")]
    assert "readonly" in (rig.alarms.most_urgent or "")
    read_only(rig.events, False)
    rig.clock.advance(RETRY_S)
    rig.recorder.poll()
    assert rig.rows == [(1, "done")]


def test_outcomes_that_come_while_the_disk_is_known_to_fail_are_kept_too(rig: RecorderRig) -> None:
    rig.recorder.write(make_decision(1))
    read_only(rig.events)
    assert not rig.recorder.write(make_decision(2)).is_on_disk
    rig.recorder.record_outcome(1, "done")
    read_only(rig.events, False)
    rig.clock.advance(RETRY_S)
    rig.recorder.poll()
    assert rig.rows == [(1, "done")]


def test_a_stop_writes_what_is_owed_first(rig: RecorderRig) -> None:
    rig.recorder.write(make_decision(1))
    read_only(rig.events)
    rig.recorder.record_outcome(1, "stuck")
    with pytest.raises(EventLogError):
        rig.recorder.end_session(wall_s=9.0, drain_s=1.0)
    read_only(rig.events, False)
    rig.recorder.end_session(wall_s=9.0, drain_s=1.0)
    assert rig.rows == [(1, "stuck")]
    assert rig.events.start_session(wall_s=10.0, model="m") is False


def fallen(rig: RecorderRig) -> list[tuple[int | None, int | None]]:
    return [(row["fell"], row["joined"]) for row in rig.events.events()]


def test_what_fell_and_what_joined_are_recorded_with_the_outcome(rig: RecorderRig) -> None:
    rig.recorder.write(make_decision(1))
    rig.recorder.record_outcome(1, "done", fell=2, joined=1)
    assert fallen(rig) == [(2, 1)]


@pytest.mark.parametrize("at_the_end", [False, True])
def test_what_fell_and_what_joined_are_made_up_for_as_well(rig: RecorderRig, at_the_end: bool) -> None:
    rig.recorder.write(make_decision(1))
    read_only(rig.events)
    rig.recorder.record_outcome(1, "done", fell=2, joined=1)
    read_only(rig.events, False)
    if at_the_end:
        rig.recorder.end_session(wall_s=9.0, drain_s=1.0)
    else:
        rig.clock.advance(RETRY_S)
        rig.recorder.poll()
    assert fallen(rig) == [(2, 1)]


def test_an_outcome_that_is_on_the_disk_is_not_written_again(rig: RecorderRig, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    monkeypatch.setattr(rig.events, "record_outcome", lambda number, *_, **__: written.append(number))
    rig.recorder.write(make_decision(1))
    rig.recorder.record_outcome(1, "done")
    rig.recorder.end_session(wall_s=9.0, drain_s=1.0)
    assert written == [1]


# --- a disk that takes its time ---------------------------------------------------------------------------------------


def test_event_and_outcome_reach_the_disk_in_their_order_and_once(rig: RecorderRig) -> None:
    rig.disk.commit_s = 0.7
    asked = rig.recorder.write(make_decision(1))
    rig.recorder.record_outcome(1, "interrupted")
    rig.recorder.write(make_decision(2))
    assert not asked.is_done
    assert rig.rows == []
    rig.wait(0.8)
    assert asked.is_on_disk
    assert rig.rows == [(1, "decided")]
    rig.wait(0.7)
    assert rig.rows == [(1, "interrupted")]
    rig.wait(0.7)
    assert rig.rows == [(1, "interrupted"), (2, "decided")]


def test_a_slow_card_is_told_by_its_usual_commit_and_not_by_one(rig: RecorderRig) -> None:
    for number, commit_s in enumerate([0.02, 3.0, 0.02, 0.02], start=1):
        rig.disk.commit_s = commit_s
        rig.recorder.write(make_decision(number))
        rig.wait(3.5)
    assert rig.alarms.most_urgent is None
    rig.disk.commit_s = 0.6
    for number in range(5, 10):
        rig.recorder.write(make_decision(number))
        rig.wait(1.0)
    assert rig.alarms.most_urgent == (
        "the card is slow: an event takes 0.6 s to write, and its item waits for it: replace the card"
    )
    rig.disk.commit_s = 0.0
    for number in range(10, 20):
        rig.recorder.write(make_decision(number))
    assert rig.alarms.most_urgent is None


def test_a_disk_that_does_not_answer_is_told_and_forgiven_when_it_does(rig: RecorderRig) -> None:
    rig.disk.commit_s = SILENT_S + 5.0
    rig.recorder.write(make_decision(1))
    rig.wait(SILENT_S - 0.5)
    assert rig.alarms.most_urgent is None
    rig.wait(1.0)
    assert "the disk has not answered for 10 s" in (rig.alarms.most_urgent or "")
    rig.wait(5.0)
    assert rig.alarms.most_urgent is None
    assert rig.rows == [(1, "decided")]


def test_nothing_more_is_asked_for_while_the_disk_lags_behind(rig: RecorderRig) -> None:
    rig.disk.commit_s = 1.0
    for number in range(1, MAX_QUEUED + 1):
        assert rig.recorder.may_write
        rig.recorder.write(make_decision(number))
    assert not rig.recorder.may_write
    rig.wait(1.2)
    assert rig.recorder.may_write


def test_after_an_error_a_slow_disk_is_probed_once_at_a_time(rig: RecorderRig, monkeypatch: pytest.MonkeyPatch) -> None:
    read_only(rig.events)
    rig.recorder.write(make_decision(1))
    probes: list[float] = []
    monkeypatch.setattr(rig.events, "probe", lambda: probes.append(rig.clock.now_s()))
    rig.disk.commit_s = 20.0
    rig.wait(RETRY_S + 15.0)
    assert probes == []
    rig.wait(6.0)
    assert len(probes) == 1
    assert rig.recorder.is_available


def test_a_written_event_lets_go_of_its_picture(rig: RecorderRig) -> None:
    """Also without the garbage collector, which may come late: pictures are large."""
    gc.disable()
    try:
        decision = make_decision(1)
        picture = weakref.ref(decision.verdict.item.frame.pixels)
        asked = rig.recorder.write(decision)
        del decision
        assert asked.is_on_disk
        assert picture() is None
    finally:
        gc.enable()


def test_a_stop_drains_the_disk_within_its_time(rig: RecorderRig) -> None:
    rig.disk.commit_s = 3.0
    rig.recorder.write(make_decision(1))
    with pytest.raises(EventLogError, match="not answered for 1 s"):
        rig.recorder.end_session(wall_s=9.0, drain_s=1.0)
    rig.recorder.end_session(wall_s=9.0, drain_s=4.0)
    assert rig.rows == [(1, "interrupted")], "its flap was never opened"


def test_what_a_write_raises_beside_disk_errors_reaches_the_loop(
    rig: RecorderRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_event: object, _features: object) -> None:
        raise TypeError("a bug")

    monkeypatch.setattr(rig.events, "record", fail)
    rig.disk.commit_s = 0.5
    asked = rig.recorder.write(make_decision(1))
    with pytest.raises(TypeError, match="a bug"):
        rig.wait(1.0)
    assert asked.is_done
    assert not asked.is_on_disk
    rig.wait(1.0)
