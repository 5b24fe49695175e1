"""A stall is told by share of time, unless a person has been given the reason."""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from edge.actuation.phase import DiverterState
from edge.alarms import Alarm, Alarms
from edge.service.progress import HAND, LID, NO_REASON, ProgressMonitor
from edge.sight.presence import PresenceState
from hardware.clock import ManualClock
from tests.builders.values import make_event

STALL_S = 15.0
STEP_S = 0.1


class ProgressRig:
    """A monitor over a sorter of which only the state is there."""

    def __init__(self) -> None:
        self.clock = ManualClock(1000.0)
        self.alarms = Alarms()
        self.flaps = SimpleNamespace(
            interlock=SimpleNamespace(reason=""),
            levels=SimpleNamespace(residual_is_full=False),
            diverter=SimpleNamespace(state=DiverterState.HOME),
            mode=SimpleNamespace(is_paused=False),
        )
        self.tray = SimpleNamespace(state=PresenceState.EMPTY)
        self.lag: Any = SimpleNamespace(in_time_s=-math.inf)
        self.sorter: Any = SimpleNamespace(flaps=self.flaps, tray=self.tray, wait=None)
        self.monitor = ProgressMonitor(self.sorter, self.alarms, self.lag, clock=self.clock, stall_s=STALL_S)

    def pass_time(self, seconds: float, *, sees: bool = True) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.clock.advance(STEP_S)
            if sees:
                self.lag.in_time_s = self.clock.now_s()
            self.monitor.observe(None)

    @property
    def told(self) -> str:
        return self.alarms.message(Alarm.PROGRESS) or ""


@pytest.fixture
def rig() -> ProgressRig:
    return ProgressRig()


@pytest.mark.parametrize("state", [PresenceState.MOVING, PresenceState.AT_REST, PresenceState.EDGE_CROSSED])
def test_an_item_that_lies_there_undecided_is_told(rig: ProgressRig, state: PresenceState) -> None:
    rig.tray.state = state
    rig.pass_time(STALL_S - 0.5)
    assert rig.told == ""
    rig.pass_time(1.0)
    assert rig.told.startswith("an item has lain on the tray for 15 s and is not decided")
    assert rig.monitor.is_stalled


def test_pictures_that_cannot_be_used_are_told(rig: ProgressRig) -> None:
    rig.pass_time(5.0)
    rig.pass_time(STALL_S + 1.0, sees=False)
    assert rig.told == ""
    rig.pass_time(2.0, sees=False)
    assert rig.told.startswith("no picture could be used for 15 s")


def test_an_empty_tray_is_no_stall(rig: ProgressRig) -> None:
    rig.pass_time(600.0)
    assert rig.told == ""


def test_an_item_that_blinks_in_and_out_is_told(rig: ProgressRig) -> None:
    for _ in range(60):
        rig.tray.state = PresenceState.MOVING
        rig.pass_time(0.6)
        rig.tray.state = PresenceState.EMPTY
        rig.pass_time(0.4)
    assert rig.told.startswith("an item has lain on the tray")


def test_a_busy_bin_does_not_stall(rig: ProgressRig) -> None:
    for number in range(200):
        rig.tray.state = PresenceState.AT_REST
        rig.pass_time(1.0)
        rig.monitor.observe(make_event(number))
        rig.tray.state = PresenceState.EMPTY
        rig.pass_time(0.3)
    assert rig.told == ""
    assert rig.monitor.has_sorted


def _full(rig: ProgressRig) -> None:
    rig.flaps.levels.residual_is_full = True


def _waits(rig: ProgressRig) -> None:
    rig.sorter.wait = "wait"


def _locked(rig: ProgressRig) -> None:
    rig.flaps.interlock.reason = "locked"


def _open(rig: ProgressRig) -> None:
    rig.flaps.diverter.state = DiverterState.OPEN


def _camera(rig: ProgressRig) -> None:
    rig.alarms.update(Alarm.CAMERA, "black")


@pytest.mark.parametrize("explain", [_full, _waits, _locked, _open, _camera])
def test_a_reason_that_a_person_has_been_given_is_no_stall_and_forgets_none(
    rig: ProgressRig, explain: Callable[[ProgressRig], None]
) -> None:
    rig.tray.state = PresenceState.AT_REST
    rig.pass_time(STALL_S - 1.0)
    explain(rig)
    rig.pass_time(60.0)
    assert rig.told == ""
    rig.alarms.update(Alarm.CAMERA, None)
    rig.flaps.levels.residual_is_full, rig.sorter.wait = False, None
    rig.flaps.interlock.reason, rig.flaps.diverter.state = "", DiverterState.HOME
    rig.pass_time(1.5)
    assert rig.told != ""


@pytest.mark.parametrize("alarm", sorted(NO_REASON - {Alarm.PROGRESS}))
def test_an_alarm_under_which_the_sorting_goes_on_is_no_reason(rig: ProgressRig, alarm: Alarm) -> None:
    rig.alarms.update(alarm, "slow")
    rig.tray.state = PresenceState.AT_REST
    rig.pass_time(STALL_S + 1.0)
    assert rig.told.startswith("an item has lain on the tray")


@pytest.mark.parametrize(("reason", "sentence"), [("lid", LID), ("hand", HAND)])
def test_a_hold_for_most_of_the_time_is_told_and_no_stall_of_the_program(
    rig: ProgressRig, reason: str, sentence: str
) -> None:
    rig.tray.state = PresenceState.AT_REST
    for _ in range(3):
        rig.flaps.interlock.reason = reason
        rig.pass_time(8.0)
        rig.flaps.interlock.reason = ""
        rig.pass_time(0.5)
    assert rig.told == sentence
    assert not rig.monitor.is_stalled
    rig.tray.state = PresenceState.EMPTY
    rig.pass_time(15.0)
    assert rig.told == ""


def test_a_hold_that_has_an_alarm_of_its_own_is_told_once(rig: ProgressRig) -> None:
    rig.flaps.interlock.reason = "hand"
    rig.pass_time(10.0)
    rig.alarms.update(Alarm.HAND, "a hand")
    rig.pass_time(30.0)
    rig.alarms.update(Alarm.HAND, None)
    rig.pass_time(5.0)
    assert Alarm.PROGRESS not in rig.alarms.counts


def test_it_is_over_with_the_next_item_that_is_sorted(rig: ProgressRig) -> None:
    rig.tray.state = PresenceState.AT_REST
    rig.pass_time(STALL_S + 1.0)
    assert rig.told
    rig.monitor.observe(make_event(1))
    assert rig.told == ""
    assert not rig.monitor.is_stalled
