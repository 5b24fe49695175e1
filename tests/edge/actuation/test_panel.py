"""The panel: what people press stops the whole bin as they expect, and the light shows how it is."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import numpy as np
import pytest

from edge.actuation.diverter import Diverter
from edge.actuation.flap_control import FlapControl
from edge.actuation.flap_view import FlapView
from edge.actuation.levels import Levels
from edge.actuation.operator_mode import HOMING, RELEASED_S, SERVICE, STOPPED, OperatorMode
from edge.actuation.panel import BLINK_S, IDENTIFY_S, Panel, signal_for
from edge.actuation.sensor_reader import SensorReader
from edge.alarms import Alarm, Alarms
from edge.errors import RefusedError
from edge.guard.interlock import LID_OPEN
from edge.records.event_log import EventLog
from edge.service.assembly import assemble
from edge.service.loop import run_loop
from edge.sight.presence import Presence
from edge.values import SortEvent
from hardware.clock import ManualClock
from hardware.errors import SensorError
from hardware.light import Signal, StatusLight
from hardware.sensor import Switch
from hardware.sensors.pin import PinSwitch
from tests.bin.simulated import sim_config
from tests.builders.guard import make_guard
from tests.doubles.flap import Journal, RecordingFlap
from tests.edge.sorter_rig import EMPTY, ITEM, SLID, STEP_S, SorterRig

PANEL = (
    "panel.lid={pin: 22}",
    "panel.service_button={pin: 27, active_high: true}",
    "panel.stop_button={pin: 17}",
    "panel.light={kind: leds, ready: 5, sorting: 6, attention: 26, fault: 19}",
)
END_SWITCHES = tuple(
    f"bins.{name}.flap.end_switch={{pin: {pin}}}"
    for name, pin in (("paper", 7), ("glass", 8), ("packaging", 9), ("residual", 10))
)


class Bin:
    """The whole simulated bin with everything fitted, on a clock that stands still between two looks at it.

    Attributes:
        moves: (time in seconds, bin, whether towards open) of every command that a pin gave a flap.
        events: what was decided.
    """

    def __init__(self, folder: Path, stack: ExitStack, *overrides: str) -> None:
        config = sim_config(folder, *PANEL, *END_SWITCHES, "camera.width=320", "camera.height=240", *overrides)
        self.clock = ManualClock()
        self.assembly = stack.enter_context(assemble(config, clock=self.clock))
        self.world = cast(Any, self.assembly.simulation)
        self.moves: list[tuple[float, str, bool]] = []
        self.world.on_command = lambda command: self.moves.append((command.time_s, command.bin, command.opens))
        self.events: list[SortEvent] = []

    def run(self, seconds: float) -> None:
        self._serve(seconds, lambda: False)

    def until(self, done: Callable[[], bool], *, limit_s: float = 60.0) -> None:
        self._serve(limit_s, done)
        assert done(), f"not within {limit_s} s"

    def _serve(self, seconds: float, done: Callable[[], bool]) -> None:
        stop = threading.Event()

        def on_step(_: object, event: SortEvent | None) -> None:
            if event is not None:
                self.events.append(event)
            if done():
                stop.set()

        run_loop(self.assembly, stop, duration_s=seconds, on_step=on_step)

    def until_opening(self) -> str:
        """Until a flap has set off towards open; its bin."""
        before = len(self.moves)
        self.until(lambda: any(opens for _, _, opens in self.moves[before:]))
        return next(name for _, name, opens in self.moves[before:] if opens)

    def moves_since(self, number: int) -> list[tuple[str, bool]]:
        return [(name, opens) for _, name, opens in self.moves[number:]]

    @property
    def told(self) -> list[str]:
        return list(self.assembly.alarms)

    @property
    def openings(self) -> dict[str, float]:
        """How far each flap stands open, 0..1."""
        self.world.advance()
        return {name: flap.opening for name, flap in self.world.flaps.items()}

    @property
    def outcomes(self) -> list[str]:
        return [row["outcome"] for row in self.assembly.events.events()]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Bin]]:
    with ExitStack() as stack:
        yield lambda *overrides: Bin(tmp_path, stack, *overrides)


# --- the whole bin ----------------------------------------------------------------------------------------------------


def test_with_everything_fitted_the_bin_sorts_as_without(make: Callable[..., Bin]) -> None:
    one = make("simulation.items=4")
    one.run(60.0)
    score = one.world.score()
    assert (score.items, score.handled_once, score.missed, score.double) == (4, 4, 0, 0)
    assert one.assembly.alarms.counts == {}
    assert one.outcomes == ["done"] * 4


def test_no_flap_moves_while_the_lid_is_open_nor_for_a_while_after(make: Callable[..., Bin]) -> None:
    one = make()
    one.until(lambda: one.world.on_tray is not None)
    one.world.press("lid", True)
    one.run(9.5)
    assert one.world.is_at_rest
    assert (one.moves, one.told) == ([], [])
    one.run(1.0)
    assert one.told == [LID_OPEN]
    one.world.press("lid", False)
    closed_s = one.clock.now_s()
    one.until_opening()
    assert 1.0 <= one.moves[0][0] - closed_s < 1.5
    assert one.told == []


def test_a_flap_under_way_stops_while_the_lid_is_open_and_opens_anew_when_it_was_home(make: Callable[..., Bin]) -> None:
    one = make()
    name = one.until_opening()
    one.run(0.15)
    one.world.press("lid", True)
    one.run(0.2)
    standing = one.openings[name]
    assert 0.1 < standing < 1.0
    one.run(3.0)
    assert one.openings[name] == standing
    one.world.press("lid", False)
    one.until(lambda: one.outcomes == ["done"])
    assert one.world.score().handled_once == 1


@pytest.mark.parametrize("after_s", [0.1, 1.1], ids=["opening", "closing"])
def test_the_stop_button_stops_a_flap_where_it_is_and_lets_it_go_home_after(
    make: Callable[..., Bin], after_s: float
) -> None:
    one = make()
    name = one.until_opening()
    one.run(after_s)
    one.world.press("stop_button", True)
    one.run(0.2)
    standing, moved = one.openings, len(one.moves)
    assert 0.0 < standing[name] < 1.0
    one.run(20.0)
    assert (one.openings, one.moves_since(moved)) == (standing, [])
    assert one.told == [
        STOPPED,
    ]
    one.world.press("stop_button", False)
    one.until(lambda: one.assembly.diverter.at_home)
    assert one.told == []
    assert not any(one.openings.values())
    assert one.moves_since(moved)[0] == (name, False), "home, before anything opens"
    one.until(lambda: one.outcomes[:2] == ["done", "done"])


def test_a_stopped_bin_decides_nothing(make: Callable[..., Bin]) -> None:
    one = make()
    one.world.press("stop_button", True)
    one.run(8.0)
    assert one.world.is_at_rest
    assert (one.events, one.moves) == ([], [])
    one.world.press("stop_button", False)
    one.until(lambda: one.outcomes == ["done"])


def test_a_stop_that_lasts_to_the_end_of_the_program_leaves_the_flap_for_the_next_start(tmp_path: Path) -> None:
    with ExitStack() as stack:
        one = Bin(tmp_path, stack)
        name = one.until_opening()
        one.run(0.15)
        one.world.press("stop_button", True)
        one.run(0.2)
        moved, standing = len(one.moves), one.openings[name]
    assert 0.0 < standing < 1.0
    assert (one.moves_since(moved), one.openings[name]) == ([], standing)
    with ExitStack() as stack:
        assert Bin(tmp_path, stack).assembly.unclean_stop


def press_service(one: Bin) -> None:
    one.world.press("service_button", True)
    one.run(0.3)
    one.world.press("service_button", False)
    one.run(0.3)


def test_a_stop_button_that_is_on_before_the_first_step_stops_the_way_out_as_well(tmp_path: Path) -> None:
    config = sim_config(tmp_path, "panel.stop_button={pin: 17}", "simulation.start_open=[glass]")
    with EventLog(config.event_log.file) as killed:
        killed.start_session(wall_s=1.0, model="x")
    moves: list[Any] = []
    with assemble(config, clock=ManualClock()) as bin:
        assert bin.unclean_stop
        world = cast(Any, bin.simulation)
        world.on_command = moves.append
        world.press("stop_button", True)
    assert moves == []
    with assemble(config, clock=ManualClock()) as bin:
        assert bin.unclean_stop, "the next start sends it home"


def test_an_end_switch_that_cannot_be_read_at_the_start_forgets_no_unclean_stop(tmp_path: Path) -> None:
    config = sim_config(tmp_path, "bins.paper.flap.end_switch={pin: 7}", "simulation.start_open=[glass]")
    with EventLog(config.event_log.file) as killed:
        killed.start_session(wall_s=1.0, model="x")

    def broken(switch: PinSwitch) -> bool:
        raise SensorError(f"{switch.name}: cannot be read")

    with patch.object(PinSwitch, "is_on_now", property(broken)), assemble(config, clock=ManualClock()) as bin:
        assert not bin.diverter.at_home
    with assemble(config, clock=ManualClock()) as bin:
        world = cast(Any, bin.simulation)
        world.advance()
        assert world.flaps["glass"].opening == 0 or not bin.diverter.at_home


def test_in_service_the_flaps_are_home_and_nothing_is_sorted_until_the_button_is_pressed_again(
    make: Callable[..., Bin],
) -> None:
    one = make("simulation.items=3")
    name = one.until_opening()
    one.run(0.3)
    press_service(one)
    one.run(1.0)
    assert (name, False) in one.moves_since(1)
    assert not any(one.openings.values())
    assert one.told == ["service: no flap moves, nothing is sorted until the service button is pressed again"]
    moved, decided = len(one.moves), len(one.events)
    one.run(10.0)
    assert one.world.is_at_rest, "somebody has thrown something in"
    assert (len(one.moves), len(one.events)) == (moved, decided)
    press_service(one)
    one.until(lambda: one.world.finished)
    assert one.told == []
    assert Alarm.UNEXPLAINED_LOSS not in one.assembly.alarms.counts
    assert one.outcomes == ["interrupted", "done", "done"]
    assert one.world.score().handled_once == 3


def test_what_is_taken_off_during_service_is_no_miss(make: Callable[..., Bin]) -> None:
    one = make("simulation.items=2")
    one.until(lambda: one.world.is_at_rest)
    press_service(one)
    one.until(lambda: one.world.on_tray is None)
    press_service(one)
    one.until(lambda: one.world.finished)
    assert set(one.assembly.alarms.counts) == {Alarm.SERVICE}
    assert one.outcomes == ["done"]


def test_a_service_ends_a_jam_and_what_still_lies_there_is_a_new_item(make: Callable[..., Bin]) -> None:
    one = make("simulation.items=1", "simulation.faults=[{kind: stays, item: 1, cycles: 3}]")
    one.until(lambda: one.outcomes == ["stuck"])
    assert one.told[0].startswith("item 1 does not fall")
    press_service(one)
    assert [sentence.partition(":")[0] for sentence in one.told] == ["service"]
    press_service(one)
    one.until(lambda: one.world.finished)
    assert one.outcomes == ["stuck", "done"]
    assert one.world.score().handled_once == 1


NOT_HOME = "it did not come home, its end switch says: see what blocks it; nothing is sorted until it is home"


def test_a_flap_that_does_not_come_home_is_sent_home_until_it_does(make: Callable[..., Bin]) -> None:
    one = make("simulation.faults=[{kind: stuck_open, item: 1, when: opens, after_s: 0.5, for_s: 10}]")
    name = one.until_opening()
    one.run(2.0)
    assert one.told == [f"flap {name!r}: {NOT_HOME}"]
    assert one.outcomes == ["decided"], "nobody knows yet"
    one.until(lambda: one.assembly.alarms.most_urgent is None)
    sent_home_s = [time_s for time_s, bin, opens in one.moves if not opens]
    assert [round(later - sent_home_s[0]) for later in sent_home_s] == [0, 1, 4, 8, 17][: len(sent_home_s)]
    assert one.openings[name] == 0.0
    assert one.assembly.alarms.counts == {Alarm.FLAP: 1}
    one.until(lambda: one.outcomes[:2] == ["done", "done"])


def test_a_flap_that_is_slow_is_given_the_time_that_it_needs(make: Callable[..., Bin]) -> None:
    one = make("simulation.faults=[{kind: slow, item: 1, when: closes, for_s: 3, factor: 2.5}]")
    name = one.until_opening()
    one.until(lambda: bool(one.told))
    assert one.told == [f"flap {name!r}: {NOT_HOME}"]
    one.until(lambda: one.outcomes[:2] == ["done", "done"])
    assert one.told == []
    assert one.world.score().handled_once == one.world.score().items


def test_a_flap_that_does_not_open_is_told(make: Callable[..., Bin]) -> None:
    one = make("simulation.faults=[{kind: stuck_closed, item: 1, for_s: 8}]", "simulation.seed=2")
    one.until(lambda: bool(one.told))
    (name,) = one.assembly.diverter.stuck_bins
    blocked = f"the flap of {name} did not leave home when it was opened: see what blocks it"
    assert one.told == [blocked]
    one.until(lambda: len(one.told) == 2)
    assert one.told[0] == blocked
    assert one.told[1].startswith(f"item 1 does not fall into {name}, nothing is sorted")


def test_flaps_that_do_not_stand_at_home_at_the_start_are_sent_there(
    make: Callable[..., Bin], caplog: pytest.LogCaptureFixture
) -> None:
    one = make("simulation.start_open=[paper]", "simulation.items=1")
    assert not one.assembly.unclean_stop
    assert "paper not at home: bringing every flap home" in caplog.text
    one.clock.advance(0.2)
    assert one.openings["paper"] == 1.0, "not before anything is seen"
    one.run(0.5)
    assert (one.moves, one.openings["paper"]) == ([], 1.0), "not before the tray is known"
    one.until(lambda: one.outcomes == ["done"])
    assert one.moves[0][1:] == ("paper", False)


def lamp(one: Bin) -> Signal:
    """The lamp that is lit, or blinks."""
    light: Any = one.assembly.sorter.flaps.panel._light
    (lit,) = (signal for signal, led in light._leds.items() if led.is_lit or led._blink_thread is not None)
    return Signal(lit)


def test_the_light_shows_how_the_bin_is(make: Callable[..., Bin]) -> None:
    one = make("simulation.faults=[{kind: frozen, at_s: 30}]")
    one.run(0.5)
    assert lamp(one) is Signal.SORTING, "it looks at the empty tray"
    one.until(lambda: lamp(one) is Signal.READY, limit_s=2.0)
    one.until_opening()
    assert lamp(one) is Signal.SORTING
    one.world.press("stop_button", True)
    one.run(0.3)
    assert lamp(one) is Signal.ATTENTION
    one.world.press("stop_button", False)
    one.until(lambda: one.world.on_tray is None and one.assembly.diverter.ready)
    one.run(0.2)
    assert lamp(one) is Signal.READY
    one.run(40.0 - one.clock.now_s())
    assert lamp(one) is Signal.FAULT


def test_with_nothing_fitted_the_line_is_as_it_was(tmp_path: Path) -> None:
    with assemble(sim_config(tmp_path, "simulation.items=1"), clock=ManualClock()) as assembly:
        run_loop(assembly, threading.Event(), duration_s=30.0)
        assert assembly.sorter.flaps.panel.lid_open is False
        assert assembly.sorter.flaps.levels.full_bins == frozenset()
        assert [row["outcome"] for row in assembly.events.events()] == ["done"]


# --- the panel --------------------------------------------------------------------------------------------------------


class Wire(Switch):
    """A switch that says what it is told, or fails."""

    def __init__(self, name: str = "panel.lid", *, on: bool = False) -> None:
        super().__init__(name=name)
        self.on = on
        self.broken = False

    @property
    def is_on(self) -> bool:
        if self.broken:
            raise SensorError(f"{self.name}: cannot read, pin 22 failed")
        return self.on

    def close(self) -> None:
        pass


class Lamp(StatusLight):
    """A light that remembers what it was told to show."""

    def __init__(self) -> None:
        super().__init__(name="panel.light")
        self.shown: list[Signal] = []
        self.broken = False

    def show(self, signal: Signal) -> None:
        if self.broken:
            raise SensorError(f"{self.name}: cannot show {signal}")
        self.shown.append(signal)

    def close(self) -> None:
        pass


class PanelRig:
    """A panel over switches that are worked by hand, and two flaps that it may lock."""

    def __init__(self) -> None:
        self.clock, self.alarms = ManualClock(), Alarms()
        self.lid, self.stop, self.service = Wire(), Wire("panel.stop_button"), Wire("panel.service_button")
        self.lamp = Lamp()
        sensors = SensorReader(self.clock, self.alarms)
        self.panel = Panel(
            sensors,
            lid=self.lid,
            stop_button=self.stop,
            service_button=self.service,
            light=self.lamp,
        )
        self.journal = Journal(self.clock)
        self.flaps = {name: RecordingFlap(name, self.journal) for name in ("glass", "paper")}
        guard = make_guard(self.flaps, clock=self.clock, alarms=self.alarms, has_lid=True)
        self.diverter = Diverter(guard.flaps, dwell_s={"glass": 1.0, "paper": 1.0}, clock=self.clock)
        self.control = FlapControl(
            diverter=self.diverter,
            guard=guard,
            panel=self.panel,
            levels=Levels({}, sensors=sensors, clock=self.clock, alarms=self.alarms),
            tray=Presence(),
            clock=self.clock,
            alarms=self.alarms,
            view=FlapView(self.diverter, clock=self.clock, in_view=False),
        )

    def run(self, seconds: float = 0.1) -> None:
        for _ in range(round(seconds / 0.1)):
            self.clock.advance(0.1)
            self.control.read_switches()
            # A picture that shows nobody: without one a flap does not go on opening.
            self.control.guard.observe(False, self.clock.now_s())
            self.control.advance(None)


# --- the line ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def wires() -> dict[str, Wire]:
    return {name: Wire(f"panel.{name}") for name in ("lid", "stop_button", "service_button")}


@pytest.fixture
def line(tmp_path: Path, wires: dict[str, Wire]) -> Iterator[SorterRig]:
    line = SorterRig(tmp_path, switches=wires)
    yield line
    line.events.close()


def test_what_is_taken_out_from_above_while_the_lid_is_open_has_not_vanished(
    line: SorterRig, wires: dict[str, Wire]
) -> None:
    line.show(EMPTY, 0.5)
    for lid_open in (True, False):
        wires["lid"].on = lid_open
        line.show(ITEM, 0.3)
        line.show(EMPTY, 2.0)
        assert (Alarm.UNEXPLAINED_LOSS in line.alarms) is not lid_open


def test_a_contact_that_bounces_costs_neither_views_nor_the_wait_after_an_open_lid(
    line: SorterRig, wires: dict[str, Wire]
) -> None:
    line.show(EMPTY, 0.5)
    while len(line.classifier.views) < 2:
        assert line.show(ITEM, STEP_S) == []
    wires["lid"].on = True
    assert line.show(ITEM, STEP_S) == []
    wires["lid"].on = False
    (event,) = line.show(ITEM, STEP_S)
    assert (event.views, len(line.classifier.views)) == (3, 3)


def test_what_came_while_the_lid_was_open_is_another_item_however_alike(
    line: SorterRig, wires: dict[str, Wire]
) -> None:
    line.show(EMPTY, 0.5)
    (first,) = line.show(ITEM, 1.0)
    wires["lid"].on = True
    line.show(ITEM, 0.2)
    wires["lid"].on = False
    (second,) = line.show(SLID, 5.0)
    assert (first.number, second.number) == (1, 2)
    assert line.outcomes()[0] == "done"


def test_what_is_taken_and_put_during_a_service_is_no_miss_and_no_old_item(
    line: SorterRig, wires: dict[str, Wire]
) -> None:
    def press() -> None:
        for pressed in (True, False):
            wires["service_button"].on = pressed
            line.show(ITEM, STEP_S)

    line.show(EMPTY, 0.5)
    line.show(ITEM, 0.3)
    press()
    line.show(EMPTY, 2.0)
    assert Alarm.UNEXPLAINED_LOSS not in line.alarms
    assert line.show(ITEM, 5.0) == []
    press()
    (event,) = line.show(ITEM, 1.0)
    line.show(EMPTY, 2.0)
    assert (event.number, line.outcomes()) == (3, ["done"]), "the second was not looked at"


def test_a_service_sees_to_what_vanished_and_is_no_unrest(line: SorterRig, wires: dict[str, Wire]) -> None:
    line.show(EMPTY, 0.5)
    line.show(ITEM, 0.3)
    line.show(EMPTY, 1.0)
    assert Alarm.UNEXPLAINED_LOSS in line.alarms
    wires["service_button"].on = True
    for number in range(150):
        line.show(np.roll(ITEM, 6 * (number % 5), axis=1), STEP_S)  # somebody wipes the tray
    assert line.alarms.active == {Alarm.SERVICE}


# --- the panel by itself ----------------------------------------------------------------------------------------------


def service_of(presses: Sequence[bool]) -> list[bool]:
    desk = PanelRig()
    states = []
    for pressed in presses:
        desk.service.on = pressed
        desk.run()
        states.append(desk.panel.in_service)
    return states


def test_a_press_begins_the_service_and_the_next_one_ends_it() -> None:
    assert service_of([False, True, True, True, False, False, True, False, True]) == [
        False,
        *[True] * 5,
        *[False] * 2,
        True,
    ]


def test_a_service_button_that_is_on_at_the_start_is_no_press() -> None:
    assert service_of([True, True, False, True]) == [False, False, False, True]


@pytest.mark.parametrize("name", ["lid", "stop"])
def test_no_flap_moves_while_a_switch_that_guards_it_cannot_be_read(name: str) -> None:
    desk = PanelRig()
    desk.run()
    desk.diverter.open("glass")
    desk.run(0.2)
    getattr(desk, name).broken = True
    desk.run(30.0)
    assert desk.journal.commands() == [("glass", "open"), ("glass", "detach")], "it stops where it is"
    getattr(desk, name).broken = False
    desk.run(8.0)
    assert desk.journal.commands()[2:] == [("glass", "home"), ("glass", "detach")]


def test_service_and_stop_at_once_move_nothing_until_the_stop_is_released() -> None:
    desk = PanelRig()
    desk.run()
    desk.diverter.open("glass")
    desk.service.on = desk.stop.on = True
    desk.run(10.0)
    assert desk.journal.commands() == [("glass", "open"), ("glass", "detach")]
    desk.stop.on = False
    desk.run(10.0)
    assert [name for name, _ in desk.journal.commands("home")] == ["glass", "paper"]
    assert desk.diverter.inhibited, "it is in service still"


def test_a_service_sends_every_flap_home_at_once_and_then_holds_them() -> None:
    desk = PanelRig()
    desk.run()
    desk.diverter.open("glass")
    desk.run(0.5)
    desk.service.on = True
    desk.run(0.1)
    assert desk.journal.commands() == [("glass", "open"), ("glass", "home")]
    assert not desk.diverter.inhibited
    desk.run(1.0)
    assert desk.journal.commands("home") == [("glass", "home"), ("paper", "home")]
    assert desk.diverter.inhibited


def test_a_flap_at_fault_waits_for_the_end_of_the_service() -> None:
    desk = PanelRig()
    desk.run()
    desk.flaps["glass"].broken = {"home"}
    desk.service.on = True
    desk.run(1.0)
    tries = len(desk.journal.commands("home"))
    desk.run(60.0)
    assert len(desk.journal.commands("home")) == tries
    desk.flaps["glass"].broken = set()
    desk.service.on = False
    desk.run()
    desk.service.on = True
    desk.run(5.0)
    assert desk.diverter.at_home


def test_a_sensor_that_fails_leaves_open_what_it_says_and_is_told_once() -> None:
    desk = PanelRig()
    desk.lid.broken = desk.stop.broken = True
    desk.run(20.0)
    assert (desk.panel.lid_open, desk.panel.stopped) == (None, None)
    sentence = "cannot read, pin 22 failed; no flap moves until it can be read"
    assert list(desk.alarms) == [f"panel.lid: {sentence}; panel.stop_button: {sentence}"]
    desk.lid.broken = False
    desk.run(6.0)
    assert desk.panel.lid_open is False
    assert list(desk.alarms) == [f"panel.stop_button: {sentence}"]
    desk.stop.broken = False
    desk.run(6.0)
    assert (desk.panel.stopped, list(desk.alarms)) == (False, [])
    assert desk.alarms.counts == {Alarm.SENSOR: 1}


def test_the_light_is_told_of_changes_only_and_again_when_it_failed() -> None:
    desk = PanelRig()
    for signal in (Signal.READY, Signal.READY, Signal.SORTING):
        desk.panel.show(signal)
    assert desk.lamp.shown == [Signal.READY, Signal.SORTING]
    desk.lamp.broken = True
    desk.panel.show(Signal.READY)
    assert list(desk.alarms) == ["panel.light: cannot show ready; the light does not show how the bin is"]
    desk.lamp.broken = False
    desk.clock.advance(2.0)
    desk.panel.show(Signal.READY)
    assert desk.lamp.shown[2:] == [Signal.READY]
    assert list(desk.alarms) == []


def test_a_bin_that_is_asked_which_one_it_is_blinks_for_a_while_and_then_shows_how_it_is() -> None:
    desk = PanelRig()
    desk.panel.show(Signal.READY)
    desk.panel.identify()
    for _ in range(240):  # 12 s
        desk.clock.advance(0.05)
        desk.panel.show(Signal.READY)
    assert desk.lamp.shown == [Signal.READY, *([Signal.OFF, Signal.READY] * round(IDENTIFY_S / (2 * BLINK_S)))]


def test_a_bin_without_a_light_says_that_it_cannot_blink() -> None:
    with pytest.raises(RefusedError, match=r"panel\.light"):
        Panel(SensorReader(ManualClock(), Alarms())).identify()


@pytest.mark.parametrize(
    ("troubles", "ready", "signal"),
    [
        ((), True, Signal.READY),
        ((), False, Signal.SORTING),
        ((Alarm.FULL,), True, Signal.ATTENTION),
        ((Alarm.STOPPED, Alarm.SERVICE), False, Signal.ATTENTION),
        ((Alarm.FULL, Alarm.CAMERA), True, Signal.FAULT),
        ((Alarm.SENSOR,), True, Signal.FAULT),
    ],
)
def test_the_worst_is_shown(troubles: Sequence[Alarm], ready: bool, signal: Signal) -> None:
    alarms = Alarms()
    for trouble in troubles:
        alarms.update(trouble, "something is the matter")
    assert signal_for(alarms, ready=ready) is signal


def test_a_lid_contact_that_bounces_is_told_and_taken_back() -> None:
    desk = PanelRig()
    for _ in range(100):
        for is_on in (True, False, False, False, False):
            desk.lid.on = is_on
            desk.run(0.1)
    sentence = "panel.lid: its contact bounces, and flaps stop short for it: see to the contact and its wire"
    assert list(desk.alarms) == [sentence]
    desk.run(60.0)
    assert list(desk.alarms) == []


def test_before_the_switches_are_read_nothing_is_on() -> None:
    panel = PanelRig().panel
    assert (panel.lid_open, panel.lid_open_long, panel.stopped, panel.in_service) == (False, False, False, False)


def test_a_service_button_that_cannot_be_read_is_told_with_what_follows() -> None:
    desk = PanelRig()
    desk.service.broken = True
    desk.run()
    sentence = "panel.service_button: cannot read, pin 22 failed; the bin cannot be put in service"
    assert list(desk.alarms) == [sentence]


def test_what_a_sensor_says_of_itself_is_told_with_its_name_once() -> None:
    alarms = Alarms()
    reader = SensorReader(ManualClock(), alarms)

    def fail() -> bool:
        raise SensorError("pin 22 failed")

    assert reader.read("panel.lid", fail, consequence="no flap moves") is None
    assert list(alarms) == ["panel.lid: pin 22 failed; no flap moves"]


def test_the_release_of_the_stop_button_is_one_moment() -> None:
    desk = PanelRig()
    mode = OperatorMode(desk.alarms)
    assert (mode.is_stopped, mode.stop_released, mode.in_service) == (False, False, False)
    said = []
    for now_s, on in (
        (10.0, False),
        (10.1, True),
        (10.2, True),
        (10.3, False),
        (10.2 + RELEASED_S, False),
        (12.0, False),
    ):
        desk.stop.on = on
        desk.panel.read_switches()
        mode.observe(desk.panel, now_s)
        said.append((mode.is_stopped, mode.stop_released))
    assert said == [(False, False), (True, False), (True, False), (True, False), (False, True), (False, False)]


def test_a_stop_button_that_flickers_is_one_stop() -> None:
    desk = PanelRig()
    mode = OperatorMode(desk.alarms)
    releases = 0
    for step in range(300):
        desk.stop.on = step < 250 and step % 7 < 3
        desk.panel.read_switches()
        mode.observe(desk.panel, 0.1 * step)
        mode.report(settled=False)
        releases += mode.stop_released
    assert (releases, desk.alarms.counts[Alarm.STOPPED], Alarm.STOPPED in desk.alarms) == (1, 1, False)


def test_the_service_waits_for_the_flaps_and_says_so() -> None:
    desk = PanelRig()
    mode = OperatorMode(desk.alarms)
    for desk.service.on in (False, True):
        desk.panel.read_switches()
    mode.observe(desk.panel, 10.0)
    mode.report(settled=False)
    assert list(desk.alarms) == [HOMING]
    mode.report(settled=True)
    assert list(desk.alarms) == [SERVICE]
