"""Flap control: whoever sees what, only it commands the diverter, and only as people and the camera allow."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from edge.actuation.delivery import DeliveryState
from edge.actuation.diverter import Diverter
from edge.actuation.flap_control import DeliveryReport, FlapControl
from edge.actuation.flap_view import FlapView
from edge.actuation.levels import Levels
from edge.actuation.panel import Panel
from edge.actuation.phase import DiverterState
from edge.actuation.sensor_reader import SensorReader
from edge.alarms import Alarm, Alarms
from edge.sight.presence import PresenceState
from edge.sight.tray_watch import Scene
from edge.values import Item
from hardware.clock import ManualClock
from hardware.sensor import Switch
from tests.builders.guard import make_guard
from tests.builders.values import make_event, make_frame, make_item, make_mask
from tests.doubles.flap import Journal, RecordingFlap
from tests.edge.actuation.test_delivery import BEFORE, EMPTY, SAME, ScriptedTray
from tests.edge.guard.test_guard import StopButton


class ControlRig:
    """Two flaps, a tray and switches that do as the test says."""

    def __init__(
        self,
        switches: Mapping[str, Switch] | None = None,
        *,
        retries: int = 1,
        is_seen: bool = True,
        in_view: bool = False,
    ) -> None:
        self.clock, self.alarms = ManualClock(100.0), Alarms()
        self.journal = Journal(self.clock)
        flaps = self.drivers = {name: RecordingFlap(name, self.journal) for name in ("glass", "paper")}
        sensors = SensorReader(self.clock, self.alarms)
        self.tray = ScriptedTray(is_empty=True)
        guard = make_guard(flaps, clock=self.clock, alarms=self.alarms)
        diverter = Diverter(guard.flaps, dwell_s=dict.fromkeys(flaps, 0.6), clock=self.clock)
        self.control = FlapControl(
            diverter=diverter,
            guard=guard,
            panel=Panel(sensors, **(switches or {})),
            levels=Levels({}, sensors=sensors, clock=self.clock, alarms=self.alarms),
            tray=self.tray,
            clock=self.clock,
            alarms=self.alarms,
            view=FlapView(diverter, clock=self.clock, in_view=in_view),
            retries=retries,
        )
        if is_seen:
            self.show(0.3)

    def show(
        self,
        seconds: float,
        state: PresenceState = PresenceState.EMPTY,
        item: Item | None = None,
        *,
        is_loss: bool = False,
    ) -> list[DeliveryReport]:
        """Ten frames a second of the same scene; what is reported."""
        reports = []
        for _ in range(round(seconds * 10)):
            self.clock.advance(0.1)
            self.control.read_switches()
            scene = Scene(make_frame(time_s=self.clock.now_s()), state, item, is_loss=is_loss)
            report = self.control.advance(scene)
            if report is not None:
                reports.append(report)
        return reports

    @property
    def opened(self) -> list[str]:
        return [name for name, command in self.journal.commands("open")]


def test_nothing_moves_by_itself() -> None:
    rig = ControlRig()
    assert rig.show(5.0) == []
    assert rig.journal.lines == []


def test_a_delivery_opens_its_flap_and_ends_when_the_tray_is_empty() -> None:
    rig = ControlRig()
    rig.control.deliver(make_event(7), BEFORE)
    assert rig.control.is_delivering
    assert rig.show(3.0) == [DeliveryReport(7, DeliveryState.GONE, "done", fell=0, joined=0)]
    assert not rig.control.is_delivering
    assert rig.journal.commands() == [("glass", "open"), ("glass", "home"), ("glass", "detach")]


@pytest.mark.parametrize("seen", ["nothing", "moving", "another"])
@pytest.mark.parametrize("is_shut", [True, False])
def test_an_opening_under_a_closed_gate_is_called_off_when_its_item_leaves(seen: str, is_shut: bool) -> None:
    """Where something may have fallen already, the tray shows just that, and the cycle goes on."""
    rig = ControlRig()
    rig.drivers["glass"].shut = is_shut
    rig.tray.is_empty = False
    rig.control.deliver(make_event(1, bin="glass"), BEFORE)
    rig.show(0.2, PresenceState.AT_REST, make_item(1))
    assert rig.journal.commands("open", "home") == [("glass", "open")]
    rig.tray.is_empty = seen == "nothing"
    rig.show(0.1, PresenceState.MOVING, make_item(2) if seen == "another" else None)
    assert (("glass", "home") in rig.journal.commands()) is is_shut


def test_one_item_at_a_time() -> None:
    rig = ControlRig()
    rig.control.deliver(make_event(1), BEFORE)
    with pytest.raises(RuntimeError, match="item 2: item 1 is still under way"):
        rig.control.deliver(make_event(2), BEFORE)


def test_an_item_that_does_not_fall_is_reported_stuck_once_and_gone_later() -> None:
    rig = ControlRig(retries=1)
    rig.tray.is_empty, rig.tray.unchanged = SAME.is_empty, SAME.unchanged
    rig.control.deliver(make_event(7), BEFORE)
    assert rig.show(10.0, PresenceState.AT_REST, make_item(7)) == [
        DeliveryReport(7, DeliveryState.STUCK, "stuck", was_stuck=True, fell=0, joined=0)
    ]
    assert rig.opened == ["glass", "glass"]
    assert Alarm.JAM in rig.alarms
    rig.tray.is_empty, rig.tray.unchanged = EMPTY.is_empty, EMPTY.unchanged
    assert rig.show(1.0) == [DeliveryReport(7, DeliveryState.GONE, None, was_stuck=True, fell=0, joined=0)], (
        "its event has an outcome"
    )
    assert Alarm.JAM not in rig.alarms


MAY_STAND_OPEN = "the flap of glass may stand open, nothing is sorted: see what blocks it, or clear the tray"


def test_what_may_be_a_flap_that_stands_open_sends_that_home_with_pauses_and_is_told() -> None:
    rig = ControlRig(in_view=True)
    hole = replace(make_item(7), mask=make_mask((0.1, 0.1, 0.9, 0.9)))
    rig.tray.is_empty = False
    rig.control.deliver(make_event(7, bin="glass"), replace(BEFORE, mask=make_mask()))
    assert rig.show(2.0, PresenceState.AT_REST, hole) == [], "nobody knows yet what lies there"
    assert Alarm.FLAP not in rig.alarms
    rig.show(10.0, PresenceState.AT_REST, hole)
    assert rig.alarms.message(Alarm.FLAP) == MAY_STAND_OPEN
    sent = rig.journal.commands("open", "home")
    assert set(sent) == {("glass", "open"), ("glass", "home")}
    assert sent.count(("glass", "open")) == 1
    assert 4 <= sent.count(("glass", "home")) <= 6, "ever longer pauses"
    rig.tray.is_empty = True
    assert rig.show(5.0) == [DeliveryReport(7, DeliveryState.GONE, "done", fell=0, joined=0)]
    assert Alarm.FLAP not in rig.alarms


@pytest.mark.parametrize("in_view", [True, False])
def test_before_what_does_not_fall_any_flap_in_view_may_stand_open(in_view: bool) -> None:
    rig = ControlRig(in_view=in_view)
    rig.tray.is_empty, rig.tray.unchanged = SAME.is_empty, SAME.unchanged
    rig.control.deliver(make_event(7, bin="glass"), BEFORE)
    rig.show(10.0, PresenceState.AT_REST, make_item(7))
    assert (("paper", "home") in rig.journal.commands("home")) is in_view
    assert Alarm.FLAP not in rig.alarms, "it is told as a jam"
    assert Alarm.JAM in rig.alarms


@pytest.mark.parametrize("state", [PresenceState.EDGE_CROSSED, PresenceState.LEARNING])
def test_what_may_be_a_hand_forbids_motion_until_it_was_clear_for_long_enough(state: PresenceState) -> None:
    rig = ControlRig()
    rig.show(2.0, state)
    assert not rig.control.can_open
    rig.show(0.9)
    assert not rig.control.can_open
    rig.show(0.3)
    assert rig.control.can_open


def test_a_loss_sends_every_flap_home_one_after_the_other() -> None:
    rig = ControlRig()
    rig.show(0.1, is_loss=True)
    rig.show(2.0)
    assert rig.journal.commands("home") == [("glass", "home"), ("paper", "home")]


def test_homing_after_an_unclean_stop_waits_for_a_frame_without_a_hand() -> None:
    rig = ControlRig(is_seen=False)
    rig.control.home_all_when_clear()
    for _ in range(20):
        rig.clock.advance(0.1)
        rig.control.read_switches()
        rig.control.advance(None)
    assert rig.journal.lines == [], "without a frame nothing moves"
    rig.show(0.5, PresenceState.EDGE_CROSSED)
    assert rig.journal.lines == []
    rig.show(4.0)
    assert rig.journal.commands("home") == [("glass", "home"), ("paper", "home")]


def stale(rig: ControlRig, state: PresenceState) -> None:
    """Pictures that are too old to act on."""
    for _ in range(3):
        rig.clock.advance(0.1)
        rig.control.forbid(Scene(make_frame(time_s=rig.clock.now_s() - 0.05), state, None))
        rig.control.advance(None)


def test_a_scene_that_is_too_old_may_forbid_and_never_allow() -> None:
    rig = ControlRig(is_seen=False)
    stale(rig, PresenceState.EMPTY)
    assert not rig.control.can_open
    rig.show(0.3)
    assert rig.control.can_open
    stale(rig, PresenceState.EDGE_CROSSED)
    assert rig.control.interlock.active
    assert rig.control.interlock.reason == "hand"


def test_a_flap_that_the_guard_does_not_let_open_is_sent_home_when_it_may_move() -> None:
    rig = ControlRig()
    rig.control.guard.observe(True, rig.clock.now_s())
    rig.control.deliver(make_event(7), BEFORE)
    assert rig.control.diverter.state is DiverterState.OPEN
    assert rig.control.diverter.inhibited
    assert rig.journal.lines == []
    rig.show(3.0)
    assert rig.journal.commands() == [("glass", "home"), ("glass", "detach")]
    assert rig.control.diverter.opening_interrupted


def test_a_flap_that_the_guard_does_not_let_close_stays_open_until_it_may_move() -> None:
    rig = ControlRig()
    rig.control.deliver(make_event(7), BEFORE)
    rig.show(0.5)
    rig.clock.advance(0.3)
    rig.control.guard.observe(True, rig.clock.now_s())
    rig.control.diverter.advance()
    assert rig.control.diverter.state is DiverterState.CLOSING
    assert rig.control.diverter.inhibited
    rig.clock.advance(5.0)
    rig.control.diverter.advance()
    assert rig.control.diverter.state is DiverterState.CLOSING, "it has not moved"
    assert rig.opened == ["glass"]
    assert rig.journal.commands("home") == []
    rig.show(3.0)
    assert rig.journal.commands() == [("glass", "open"), ("glass", "home"), ("glass", "detach")]


def test_a_flap_that_the_guard_has_stopped_goes_home_as_soon_as_it_may() -> None:
    rig = ControlRig()
    rig.control.deliver(make_event(7), BEFORE)
    rig.show(0.1)
    rig.control.guard.flaps["glass"].stop()
    rig.show(0.1)
    assert rig.journal.commands() == [("glass", "open"), ("glass", "detach"), ("glass", "home")], (
        "nothing is in the way"
    )
    assert rig.control.diverter.opening_interrupted
    rig.show(0.1, PresenceState.EDGE_CROSSED)
    assert rig.journal.commands()[3:] == [("glass", "detach")] * len(rig.journal.commands()[3:])
    rig.show(0.2, PresenceState.EDGE_CROSSED)
    assert rig.journal.commands("home") == [("glass", "home")], "somebody is in the way"
    rig.show(2.0)
    assert rig.journal.commands("home") == [("glass", "home")] * 2


@pytest.mark.parametrize(("is_open", "states"), [(False, ["stuck"]), (True, ["replaced"])])
def test_an_item_that_slid_is_another_one_where_the_lid_was_open(is_open: bool, states: list[str]) -> None:
    lid = StopButton()
    rig = ControlRig({"lid": lid}, retries=0)
    rig.tray.is_empty, rig.tray.alike = False, True
    rig.control.deliver(make_event(7), BEFORE)
    rig.show(0.5, PresenceState.AT_REST, make_item(7))
    lid.on = is_open
    rig.show(0.3, PresenceState.AT_REST, make_item(7))
    lid.on = False
    assert [report.state for report in rig.show(5.0, PresenceState.AT_REST, make_item(7))] == states


def test_flaps_that_did_not_open_are_told_in_one_sentence() -> None:
    rig = ControlRig()
    assert not rig.control.diverter.opening_interrupted
    rig.control.diverter.stuck_bins = frozenset({"paper", "glass"})
    rig.show(0.1)
    sentence = "the flap of glass and paper did not leave home when it was opened: see what blocks it"
    assert list(rig.alarms) == [sentence]


@pytest.mark.parametrize("is_blocked", [False, True])
def test_a_flap_that_did_not_leave_home_is_logged_once(is_blocked: bool, caplog: pytest.LogCaptureFixture) -> None:
    rig = ControlRig()
    for driver in rig.drivers.values():
        driver.says_home = is_blocked
    for number in (1, 2):
        rig.tray.is_empty = True
        rig.control.deliver(make_event(number), BEFORE)
        rig.show(0.8)
        rig.drivers["glass"].says_home = True
        rig.show(3.0)
        rig.drivers["glass"].says_home = is_blocked
    said = "flap glass did not leave home, its end switch says"
    assert [message for message in caplog.messages if message == said] == [said] * is_blocked
