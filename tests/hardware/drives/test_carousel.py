"""A carousel: every pulse counted, home found again, the gate opened over a bin and nowhere else."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pydantic import ValidationError

from edge.config.file import load_config
from edge.errors import ConfigError
from edge.service.drivers import SharedDrives
from hardware.clock import Clock, ManualClock, SystemClock
from hardware.drives.carousel.body import Chute
from hardware.drives.carousel.ramp import step_delays
from hardware.drives.carousel.section import CarouselSection
from hardware.errors import FlapError, HardwareConfigError
from hardware.flap import AngularFlap, Flap
from hardware.pins import mock_factory
from hardware.sim.mechanics import BodyContext
from tests.doubles.drives import drive_section, flap_section
from tests.paths import ROOT
from tests.processes import until

MOTOR: dict[str, Any] = {
    "kind": "carousel",
    "step_pin": 16,
    "dir_pin": 25,
    "enable_pin": 4,
    "gate_pin": 9,
    "gate_active_high": True,
    "home_switch": {"pin": 10},
    "steps_per_turn": 3200,
    "max_steps_per_s": 1600,
    "homing_steps_per_s": 1600,
    "acceleration": 8000,
}
POSITIONS_DEG = {"paper": 90.0, "glass": 180.0, "packaging": -90.0}
STEPS_PER_DEG = 3200 / 360


class Rig:
    """A carousel with three bins, and the simulated chute at the other end of its pins."""

    def __init__(self, clock: Clock, **options: Any) -> None:
        self.clock = clock
        self.pins = mock_factory()
        self.section = drive_section(MOTOR | options)
        self.stack = ExitStack()
        shared = SharedDrives(self.stack, {"carousel": self.section}, pin_factory=self.pins, clock=clock)
        sections = {
            name: flap_section({"kind": "carousel", "drive": "carousel", "position_deg": angle_deg})
            for name, angle_deg in POSITIONS_DEG.items()
        }
        self.flaps: dict[str, Flap] = {name: section.make(name, shared) for name, section in sections.items()}
        chute = self.section.body("carousel", BodyContext(self.pins, flaps=sections))
        assert isinstance(chute, Chute)
        self.chute = chute
        self.chute.listen(0.0)

    def wait(self, seconds: float) -> None:
        """Let time pass for the driver and for the chute."""
        assert isinstance(self.clock, ManualClock)
        end_s = self.clock.now_s() + seconds
        while True:
            self.pins.timeline.run_until(self.clock.now_s())
            self.chute.listen(self.clock.now_s())
            left_s = end_s - self.clock.now_s()
            if left_s <= 1e-9:
                return
            self.clock.advance(min(left_s, 0.02))
            self.chute.step(0.02)


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig(ManualClock())
    yield rig
    rig.stack.close()


def test_the_chute_stands_over_the_bin_before_the_gate_opens_and_the_gate_is_shut_before_it_turns(rig: Rig) -> None:
    for bin, angle_deg in POSITIONS_DEG.items():
        rig.flaps[bin].open()
        while not rig.chute.gate.is_driven:
            assert rig.flaps[bin].is_shut or rig.chute.steps == 0  # after a start the gate is closed first
            rig.wait(0.02)
            assert rig.clock.now_s() < 60
        assert not rig.flaps[bin].is_shut
        assert abs(rig.chute.angle_deg) == pytest.approx(abs(angle_deg))
        assert rig.chute.over == bin
        assert rig.flaps[bin].is_home is False
        rig.wait(1.0)
        standing = rig.chute.steps
        rig.flaps[bin].home()
        while rig.chute.gate.opening:
            assert rig.chute.steps == standing
            rig.wait(0.02)
        rig.wait(3.0)
        assert (rig.chute.steps, rig.flaps[bin].is_home) == (0, True)
        rig.flaps[bin].detach()
        assert not rig.chute.is_enabled


def test_a_halt_keeps_the_count_and_the_current_but_not_for_ever(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    flap = rig.flaps["glass"]
    flap.open()
    rig.wait(0.4)
    flap.halt()
    halted = rig.chute.steps
    assert 0 < halted < 1600
    rig.wait(5.0)
    assert (rig.chute.steps, rig.chute.is_enabled, rig.chute.gate.is_driven) == (halted, True, False)
    flap.home()
    rig.wait(3.0)
    assert rig.chute.steps == 0, "counted to the step"
    flap.open()
    rig.wait(0.4)
    flap.halt()
    with caplog.at_level(logging.WARNING):
        rig.wait(20.1)
    assert not rig.chute.is_enabled
    assert "under current for 20 s: released" in caplog.text


def test_a_gate_is_not_held_open_for_ever(rig: Rig) -> None:
    rig.flaps["paper"].open()
    rig.wait(2.0)
    assert rig.chute.gate.is_driven
    rig.wait(20.0)
    assert (rig.chute.gate.is_driven, rig.chute.is_enabled) == (False, False)


def test_away_from_home_without_current_it_must_go_home_first(rig: Rig) -> None:
    flap = rig.flaps["paper"]
    flap.open()
    rig.wait(2.0)
    flap.detach()
    with pytest.raises(FlapError, match=r"^flap 'glass': drives\.carousel: the position.*must go home first$"):
        rig.flaps["glass"].open()
    rig.chute.steps -= 200  # turned by hand
    flap.home()
    rig.wait(4.0)
    assert flap.is_home is True
    # Home lies 3 degrees beyond the edge of the switch, which is on for 5 degrees to either side.
    assert rig.chute.steps == pytest.approx(2 * STEPS_PER_DEG, abs=1.5)


@pytest.mark.parametrize("left_at_deg", [-170.0, -4.0, 0.0, 4.0, 60.0, 180.0])
def test_home_is_found_from_anywhere_and_is_always_the_same_place(rig: Rig, left_at_deg: float) -> None:
    rig.chute.put_at(left_at_deg)
    rig.flaps["paper"].home()
    rig.wait(4.0)
    assert rig.chute.steps % 3200 == 17, "to the step"
    assert rig.flaps["paper"].is_home is True


def test_it_can_be_jogged_with_its_gate_closed(rig: Rig) -> None:
    flap = rig.flaps["paper"]
    assert isinstance(flap, AngularFlap)
    for angle_deg in (15.0, 30.0, 25.0):
        flap.move_to(angle_deg)
        rig.wait(1.0)
        flap.halt()
        assert rig.chute.angle_deg == pytest.approx(angle_deg, abs=0.1)
        assert not rig.chute.gate.is_driven
    flap.home()
    rig.wait(2.0)
    assert rig.chute.steps == 0


def test_lost_steps_are_noticed_at_home(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.flaps["paper"].open()
    rig.wait(2.0)
    rig.chute.steps -= 150
    with caplog.at_level(logging.WARNING):
        rig.flaps["paper"].home()
        rig.wait(4.0)
    assert "steps were lost" in caplog.text
    assert rig.flaps["paper"].is_home is True


def test_without_its_home_switch_it_stops_after_a_turn_and_says_so(rig: Rig) -> None:
    rig.chute.put_at(100.0)
    rig.chute._work_switch = lambda: None  # type: ignore[method-assign]
    rig.flaps["paper"].home()
    rig.wait(10.0)
    assert rig.chute.steps == round(100 * STEPS_PER_DEG) - 3200
    assert rig.flaps["paper"].is_home is False
    with pytest.raises(FlapError, match=r"flap 'paper': .*no home switch in a whole turn"):
        rig.flaps["paper"].home()
    rig.flaps["paper"].home()  # said once, tried again


def test_a_reversed_motor_and_other_levels_are_a_matter_of_wiring() -> None:
    options = {"reversed": True, "enable_active_high": True, "home_switch": {"pin": 10, "active_high": True}}
    rig = Rig(ManualClock(), **options)
    assert rig.flaps["paper"].is_home is True
    rig.flaps["paper"].open()
    rig.wait(0.1)
    assert rig.pins.pin(25).state == 0
    rig.wait(2.0)
    assert rig.chute.over == "paper"
    rig.stack.close()


def test_in_real_time_a_thread_sends_exactly_as_many_pulses() -> None:
    rig = Rig(SystemClock(), steps_per_turn=400, max_steps_per_s=2000, homing_steps_per_s=2000, gate_travel_s=0.01)
    rig.pins.timeline = None  # as real pins, which have a time of their own
    flap = rig.flaps["paper"]
    flap.open()
    assert until(lambda: rig.chute.gate.is_driven)
    assert rig.chute.steps == 100
    flap.home()
    assert until(lambda: rig.chute.steps == 0)
    flap.detach()
    rig.flaps["glass"].open()
    assert until(lambda: rig.chute.steps > 20)
    rig.flaps["glass"].halt()
    halted = rig.chute.steps
    assert halted < 200
    rig.flaps["glass"].home()
    assert until(lambda: rig.chute.steps == 0)
    assert rig.flaps["glass"].is_home is True
    rig.stack.close()


def test_the_speed_rises_and_falls_evenly_and_stays_below_the_limit() -> None:
    delays_s = list(step_delays(1000, cruise_hz=1600, acceleration=8000))
    speeds = [1 / delay_s for delay_s in delays_s]
    assert max(speeds) == 1600
    assert speeds == pytest.approx(speeds[::-1])
    assert speeds[0] == pytest.approx(126.5, abs=0.1)
    ramp = [speed for speed in speeds[:200] if speed < 1600]
    assert ramp == sorted(ramp)
    # v^2 = 2 a s: the cruise is reached after 160 steps.
    assert len(ramp) == pytest.approx(160, abs=2)
    assert list(step_delays(0, cruise_hz=1600, acceleration=8000)) == []


# --- the configuration ------------------------------------------------------------------------------------------------


def section(**options: Any) -> CarouselSection:
    made = drive_section(MOTOR | options)
    assert isinstance(made, CarouselSection)
    return made


def test_travel_covers_the_way_and_the_search() -> None:
    flap = flap_section({"kind": "carousel", "drive": "carousel", "position_deg": 170, "travel_s": 3.0})
    with pytest.raises(ValueError, match=r"travel_s: got 3; with drives.carousel as it is expected at least 3\.33"):
        flap.check_drive(section())
    flap.check_drive(section(steps_per_turn=1600))
    with pytest.raises(ValueError, match=r"at least 3\.33"):
        flap.check_drive(section(steps_per_turn=1600, homing_steps_per_s=800))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_steps_per_s": 2001}, "max_steps_per_s"),
        ({"homing_steps_per_s": 1700}, "homing_steps_per_s 1700 is above max_steps_per_s 1600"),
        ({"home_depth_deg": 20}, "home_depth_deg"),
        ({"max_hold_s": 0}, "max_hold_s"),
        ({"step_pin": 28}, "step_pin"),
    ],
)
def test_a_motor_s_limits(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        section(**options)


def test_a_bin_is_clear_of_home_when_it_is_jogged_too() -> None:
    flap: Any = flap_section({"kind": "carousel", "drive": "carousel", "position_deg": 90})
    assert flap.with_open(120.0).position_deg == 120
    for change, angle_deg, message in (
        (flap.with_open, 3.0, "15 degrees away from home"),
        (flap.with_home, 10.0, "move the switch"),
        (flap.with_limit, 10.0, "no limits"),
    ):
        with pytest.raises(HardwareConfigError, match=message):
            change(angle_deg)


def test_the_level_of_the_gate_is_asked_for_under_the_key_of_its_drive() -> None:
    config = load_config(ROOT / "config.yaml", [DRIVES, carousel_bin("glass", 90)])
    (relay,) = config.bins["glass"].flap.relays(("bins", "glass", "flap"), config.drives)
    assert (relay.key, relay.pin, relay.active_high) == (("drives", "carousel", "gate_active_high"), 9, True)


DRIVES = (
    "drives={carousel: {kind: carousel, step_pin: 16, dir_pin: 25, enable_pin: 4, home_switch: {pin: 10}, "
    "gate_active_high: true, gate_pin: 9}}"
)


def carousel_bin(name: str, position_deg: float, **options: Any) -> str:
    more = "".join(f", {key}: {value}" for key, value in options.items())
    return f"bins.{name}={{flap: {{kind: carousel, drive: carousel, position_deg: {position_deg}{more}}}, dwell_s: 5}}"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            [carousel_bin("glass", 90)],
            r"bins\.glass\.flap\.drive: there is no section drives\.carousel; there are none",
        ),
        ([DRIVES], r"drives\.carousel: no bin's flap names it as its drive"),
        ([DRIVES, carousel_bin("glass", 5)], r"bins\.glass\.flap: position_deg 5 is too near to home"),
        (
            [DRIVES, carousel_bin("glass", 180), carousel_bin("paper", -180)],
            r"bins\.glass\.flap\.position_deg: position 180 degrees of drives\.carousel is taken by bins\.paper",
        ),
        (
            [DRIVES, carousel_bin("glass", 90, travel_s=1)],
            r"bins\.glass\.flap\.travel_s: got 1; with drives\.carousel as it is expected at least 2\.73",
        ),
        ([DRIVES.replace("9}}", "23}}"), carousel_bin("glass", 90)], r"drives\.carousel\.gate_pin: GPIO 23 is taken"),
        ([DRIVES.replace("pin: 10", "pin: 4"), carousel_bin("glass", 90)], r"home_switch\.pin: GPIO 4 is taken by"),
        (
            [DRIVES.replace("step_pin", "stepp_pin"), carousel_bin("glass", 90)],
            r"drives\.carousel\.stepp_pin: unknown key",
        ),
        ([DRIVES.replace("kind: carousel", "kind: belt")], r"drives\.carousel\.kind: got 'belt'"),
        ([DRIVES, carousel_bin("glass", 90, position="3")], r"bins\.glass\.flap\.position: unknown key"),
    ],
)
def test_what_does_not_fit_is_named(overrides: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(ROOT / "config.yaml", overrides)


def at_home(rig: Rig) -> None:
    rig.flaps["paper"].home()
    rig.wait(4.0)
    rig.flaps["paper"].detach()


def test_a_chute_that_was_pushed_away_from_home_is_not_trusted(rig: Rig) -> None:
    at_home(rig)
    rig.chute.put_at(90.0)
    with pytest.raises(FlapError, match="the position of the chute is not known"):
        rig.flaps["paper"].open()
    assert not rig.chute.is_enabled


def test_no_gate_opens_over_a_chute_that_did_not_leave_home(rig: Rig) -> None:
    at_home(rig)
    rig.chute._stuck = frozenset({"stuck_closed"})
    rig.flaps["glass"].open()
    rig.wait(3.0)
    assert not rig.chute.gate.is_driven
    assert not rig.chute.is_enabled
    with pytest.raises(FlapError, match="did not leave home"):
        rig.flaps["glass"].home()


def test_a_motion_that_fails_leaves_no_current_on(rig: Rig) -> None:
    rig.chute.put_at(100.0)
    rig.chute._work_switch = lambda: None  # type: ignore[method-assign]
    rig.flaps["paper"].home()
    rig.wait(60.0)
    assert not rig.chute.is_enabled


def test_no_angle_beyond_half_a_turn(rig: Rig) -> None:
    at_home(rig)
    paper = rig.flaps["paper"]
    assert isinstance(paper, AngularFlap)
    with pytest.raises(FlapError, match="expected at most 180 either way"):
        paper.move_to(3000.0)
