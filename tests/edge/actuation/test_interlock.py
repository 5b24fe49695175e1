"""The hold: begun by a frame that shows a hand, ended by frames that do not."""

import pytest

from edge.actuation.diverter import Diverter
from edge.actuation.interlock import Interlock
from edge.alarms import Alarm, Alarms
from hardware.clock import ManualClock
from tests.doubles.flap import Journal, RecordingFlap


def make_hold(clear_s: float = 1.0) -> tuple[Interlock, Diverter, Alarms]:
    clock, alarms = ManualClock(), Alarms()
    diverter = Diverter({"glass": RecordingFlap("glass", Journal(clock))}, dwell_s={"glass": 1.0}, clock=clock)
    return Interlock(diverter, alarms, clear_s=clear_s), diverter, alarms


@pytest.mark.parametrize("clear_s", [0.0, 0.5, 3.0])
def test_it_ends_when_the_edge_was_clear_for_long_enough(clear_s: float) -> None:
    hold, diverter, _ = make_hold(clear_s)
    held = []
    for tenth in range(100):
        hold.observe(20 <= tenth < 40, tenth / 10)
        assert diverter.inhibited is hold.active
        held.append(hold.active)
    until = round(39 + max(clear_s * 10, 1))
    assert held == [20 <= tenth < until for tenth in range(100)]


def test_a_hand_that_comes_back_begins_the_time_anew() -> None:
    hold, _, _ = make_hold()
    for time_s, reaching in ((0.0, True), (0.5, True), (1.4, False), (1.5, True), (2.4, False)):
        hold.observe(reaching, time_s)
        assert hold.active
    hold.observe(False, 2.6)
    assert not hold.active


@pytest.mark.parametrize(("reached_s", "clear_s"), [(0.0, 0.2), (0.07, 0.21), (0.14, 0.42), (0.2, 0.6), (5.0, 1.0)])
def test_what_crosses_the_edge_in_a_moment_was_thrown_in_and_holds_shorter(reached_s: float, clear_s: float) -> None:
    hold, _, _ = make_hold(1.0)
    hold.observe(True, 0.0)
    hold.observe(True, reached_s)
    hold.observe(False, reached_s + clear_s - 0.01)
    assert hold.active
    hold.observe(False, reached_s + clear_s + 0.01)
    assert not hold.active


def test_a_hand_takes_its_time() -> None:
    hold, _, _ = make_hold()
    said = []
    for time_s, reaching in ((0.0, False), (1.0, True), (1.1, True), (1.25, True), (1.3, False), (3.0, False)):
        hold.observe(reaching, time_s)
        said.append(hold.is_hand)
    assert said == [False, False, False, True, True, False]


def test_the_first_clear_frame_ends_the_hold_of_a_start() -> None:
    hold, diverter, _ = make_hold()
    diverter.inhibit(True)
    hold.observe(False, 5000.0)
    assert not diverter.inhibited


def test_a_long_hold_is_told_once_and_taken_back() -> None:
    hold, _, alarms = make_hold()
    for second in range(30):
        hold.observe(second % 2 == 0 or second < 5, float(second) / 2)  # it flickers, and holds all the same
        assert (Alarm.HAND in alarms) is (second > 20)
    hold.observe(False, 16.0)
    assert Alarm.HAND not in alarms
    assert alarms.counts == {Alarm.HAND: 1}


def test_an_open_lid_holds_with_and_without_frames_and_for_a_while_after() -> None:
    hold, diverter, _ = make_hold(1.0)
    for tenth in range(60):
        if tenth > 50:
            hold.observe(False, tenth / 10)
        hold.observe_switches(20 <= tenth < 40, locked=False, now_s=tenth / 10)
        assert diverter.inhibited is hold.active is (20 <= tenth < 49), "1 s after it was seen open last"


def test_a_lid_that_nobody_can_read_holds_and_is_no_open_lid() -> None:
    hold, diverter, alarms = make_hold()
    for second in range(30):
        hold.observe_switches(None, locked=False, now_s=float(second))
    assert diverter.inhibited
    assert Alarm.HAND not in alarms
    hold.observe_switches(False, locked=False, now_s=31.0)
    assert not diverter.inhibited


def test_a_lid_that_stands_open_is_told_and_taken_back() -> None:
    hold, _, alarms = make_hold()
    for second in range(30):
        hold.observe_switches(second < 20, locked=False, now_s=float(second))
        assert (Alarm.HAND in alarms) is (10 < second < 20)
    assert alarms.counts == {Alarm.HAND: 1}


def test_a_lock_holds_whatever_is_seen_and_is_no_hand() -> None:
    hold, diverter, alarms = make_hold()
    for second in range(30):
        hold.observe_switches(True, locked=second < 25, now_s=float(second))
        hold.observe(False, float(second))
        assert diverter.inhibited
        assert (hold.reason, hold.is_hand) == ("locked" if second < 25 else "lid", False)
        assert (Alarm.HAND in alarms) is (second >= 25), "who has locked the flaps knows why they do not move"
    hold.observe_switches(False, locked=False, now_s=31.0)
    assert (diverter.inhibited, hold.reason) == (False, "")


def test_the_hold_of_a_start_waits_for_a_frame_whatever_the_switches_say() -> None:
    hold, diverter, _ = make_hold()
    hold.hold_until_next_frame()
    for second in range(5):
        hold.observe_switches(False, locked=False, now_s=float(second))
        assert diverter.inhibited
    hold.observe(False, 5.0)
    assert not diverter.inhibited
