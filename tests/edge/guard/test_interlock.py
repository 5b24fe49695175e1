"""The hold: begun by a frame that shows a hand, ended by frames that do not."""

import pytest

from edge.alarms import Alarm, Alarms
from edge.guard.interlock import Interlock


def make_interlock(clear_s: float = 1.0) -> tuple[Interlock, Alarms]:
    alarms = Alarms()
    return Interlock(alarms, clear_s=clear_s), alarms


@pytest.mark.parametrize("clear_s", [0.0, 0.5, 3.0])
def test_it_ends_when_the_edge_was_clear_for_long_enough(clear_s: float) -> None:
    interlock, _ = make_interlock(clear_s)
    held = []
    for tenth in range(100):
        interlock.observe(20 <= tenth < 40, tenth / 10)
        held.append(interlock.active)
    until = round(39 + max(clear_s * 10, 1))
    assert held == [20 <= tenth < until for tenth in range(100)]


def test_a_hand_that_comes_back_begins_the_time_anew() -> None:
    interlock, _ = make_interlock()
    for time_s, reaching in ((0.0, True), (0.5, True), (1.4, False), (1.5, True), (2.4, False)):
        interlock.observe(reaching, time_s)
        assert interlock.active
    interlock.observe(False, 2.6)
    assert not interlock.active


@pytest.mark.parametrize(("reached_s", "clear_s"), [(0.0, 0.2), (0.07, 0.21), (0.14, 0.42), (0.2, 0.6), (5.0, 1.0)])
def test_what_crosses_the_edge_in_a_moment_was_thrown_in_and_holds_shorter(reached_s: float, clear_s: float) -> None:
    interlock, _ = make_interlock(1.0)
    interlock.observe(True, 100.0)
    interlock.observe(True, 100.0 + reached_s)
    interlock.observe(False, 100.0 + reached_s + clear_s - 0.01)
    assert interlock.active
    interlock.observe(False, 100.0 + reached_s + clear_s + 0.01)
    assert not interlock.active


def test_a_hand_takes_its_time() -> None:
    interlock, _ = make_interlock()
    said = []
    for time_s, reaching in ((0.0, False), (1.0, True), (1.1, True), (1.25, True), (1.3, False), (3.0, False)):
        interlock.observe(reaching, time_s)
        said.append(interlock.is_hand)
    assert said == [False, False, False, True, True, False]


def test_a_long_hold_is_told_once_and_taken_back() -> None:
    interlock, alarms = make_interlock()
    for second in range(30):
        interlock.observe(
            second % 2 == 0 or second < 5, 500.0 + float(second) / 2
        )  # it flickers, and holds all the same
        assert (Alarm.HAND in alarms) is (second > 20)
    interlock.observe(False, 516.0)
    assert Alarm.HAND not in alarms
    assert alarms.counts == {Alarm.HAND: 1}


def test_an_open_lid_holds_with_and_without_frames_and_for_a_while_after() -> None:
    interlock, _ = make_interlock(1.0)
    for tenth in range(60):
        if tenth > 50:
            interlock.observe(False, tenth / 10)
        interlock.observe_switches(20 <= tenth < 40, locked=False, now_s=tenth / 10)
        assert interlock.active is (20 <= tenth < 49), "1 s after it was seen open last"


def test_a_lid_that_nobody_can_read_holds_and_is_no_open_lid() -> None:
    interlock, alarms = make_interlock()
    for second in range(30):
        interlock.observe_switches(None, locked=False, now_s=float(second))
    assert interlock.active
    assert Alarm.HAND not in alarms
    interlock.observe_switches(False, locked=False, now_s=29.9)
    assert interlock.active, "as after an open lid, it must be known closed for a while"
    interlock.observe_switches(False, locked=False, now_s=30.0)
    assert not interlock.active


def test_a_bounce_of_the_lid_holds_while_it_lasts_and_costs_no_wait() -> None:
    interlock, _ = make_interlock(1.0)
    interlock.observe_switches(False, locked=False, now_s=10.0)
    assert not interlock.active
    interlock.observe_switches(True, locked=False, now_s=10.1, is_bounce=True)
    assert interlock.reason == "lid"
    interlock.observe_switches(False, locked=False, now_s=10.2, is_bounce=True)
    assert not interlock.active
    interlock.observe_switches(True, locked=False, now_s=10.3, is_bounce=False)
    interlock.observe_switches(False, locked=False, now_s=11.2, is_bounce=True)
    assert interlock.reason == "lid", "what was open before is open"


def test_nobody_is_asked_to_take_anything_off_a_tray_that_is_not_known() -> None:
    interlock, alarms = make_interlock()
    interlock.is_tray_known = False
    for second in range(30):
        interlock.observe(True, float(second))
    assert interlock.active
    assert Alarm.HAND not in alarms
    interlock.is_tray_known = True
    interlock.observe(True, 30.0)
    assert Alarm.HAND in alarms


def test_a_lid_that_stands_open_is_told_and_taken_back() -> None:
    interlock, alarms = make_interlock()
    for second in range(30):
        interlock.observe_switches(second < 20, locked=False, now_s=500.0 + second)
        assert (Alarm.HAND in alarms) is (10 < second < 20)
    assert alarms.counts == {Alarm.HAND: 1}


def test_a_lock_holds_whatever_is_seen_and_is_no_hand() -> None:
    interlock, alarms = make_interlock()
    for second in range(30):
        interlock.observe_switches(True, locked=second < 25, now_s=float(second))
        interlock.observe(False, float(second))
        assert interlock.active
        assert (interlock.reason, interlock.is_hand) == ("locked" if second < 25 else "lid", False)
        assert (Alarm.HAND in alarms) is (second >= 25), "who has locked the flaps knows why they do not move"
    interlock.observe_switches(False, locked=False, now_s=31.0)
    assert (interlock.active, interlock.reason) == (False, "")
