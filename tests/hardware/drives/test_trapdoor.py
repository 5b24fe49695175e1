"""A trapdoor and its plates: the order in which they move, and that nothing opens above a plate that is not home."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from edge.config.file import load_config
from edge.service.drivers import SharedDrives
from hardware.clock import ManualClock
from hardware.errors import FlapError
from hardware.flap import Flap
from hardware.pins import mock_factory
from tests.doubles.drives import drive_section, flap_section
from tests.paths import ROOT

SERVO = {"kind": "servo", "home_deg": -45.0, "open_deg": 45.0, "travel_s": 0.4}
DOOR, PLATES = 16, {"paper": 12, "glass": 13}
HOME_MS, OPEN_MS = 1.0, 2.0


class TrapdoorBench:
    """A door, two bins with a plate and one without, on mock pins.

    Attributes:
        flaps: bin name -> flap.
        commands: what the pins were told, in order, e.g. ``("door", "open")``.
    """

    def __init__(self, stack: ExitStack) -> None:
        self.pins: Any = mock_factory()
        self.clock = ManualClock()
        sections = {"tray": drive_section({"kind": "trapdoor", "door": SERVO | {"pin": DOOR}})}
        shared = SharedDrives(stack, sections, pin_factory=self.pins, clock=self.clock)
        self.flaps: dict[str, Flap] = {}
        for name in (*PLATES, "residual"):
            plate = {"plate": SERVO | {"pin": PLATES[name]}} if name in PLATES else {}
            section = flap_section({"kind": "trapdoor", "drive": "tray"} | plate)
            self.flaps[name] = stack.enter_context(section.make(name, shared))
        self.commands: list[tuple[str, str]] = []

    def pulse_ms(self, name: str) -> float | None:
        pin = self.pins.pin(DOOR if name == "door" else PLATES[name])
        return None if pin.frequency is None else float(1000 * pin.state / pin.frequency)

    def wait(self, seconds: float) -> None:
        until_s = self.clock.now_s() + seconds
        while self.clock.now_s() < until_s - 1e-9:
            self.look()
            self.clock.advance(min(0.05, until_s - self.clock.now_s()))
            self.pins.timeline.run_until(self.clock.now_s())
        self.look()

    def look(self) -> None:
        """Note what is told something new."""
        for name in ("door", *PLATES):
            width_ms = self.pulse_ms(name)
            told = {None: "nothing", HOME_MS: "home", OPEN_MS: "open"}.get(width_ms and round(width_ms, 2), "between")
            last = next((what for who, what in reversed(self.commands) if who == name), "nothing")
            if told != last:
                self.commands.append((name, told))


@pytest.fixture
def bench() -> Iterator[TrapdoorBench]:
    with ExitStack() as stack:
        yield TrapdoorBench(stack)


def test_the_plate_is_out_before_the_door_opens_and_goes_back_after_it_has_closed(bench: TrapdoorBench) -> None:
    flap = bench.flaps["paper"]
    flap.open()
    bench.wait(0.3)
    assert bench.commands == [("paper", "open")]
    bench.wait(1.0)
    flap.home()
    bench.wait(0.3)
    assert bench.commands == [("paper", "open"), ("door", "open"), ("door", "home")]
    bench.wait(0.7)
    assert bench.commands[3:] == [("paper", "home")]
    flap.detach()
    assert not flap.is_driven
    assert flap.is_home is None


def test_an_opening_can_be_called_off_until_the_door_opens(bench: TrapdoorBench) -> None:
    flap = bench.flaps["paper"]
    flap.open()
    bench.wait(0.35)
    assert flap.is_shut
    flap.home()
    bench.wait(1.0)
    assert bench.commands == [("paper", "open"), ("door", "home"), ("paper", "home")]
    flap.open()
    bench.wait(0.45)
    assert not flap.is_shut
    flap.home()
    bench.wait(0.2)
    assert not flap.is_shut
    bench.wait(0.3)
    assert flap.is_shut
    bench.flaps["residual"].home()
    bench.wait(1.0)
    bench.flaps["residual"].open()
    assert not bench.flaps["residual"].is_shut, "without a plate the door opens at once"


def test_without_a_plate_only_the_door_moves(bench: TrapdoorBench) -> None:
    flap = bench.flaps["residual"]
    flap.open()
    bench.wait(1.0)
    flap.home()
    bench.wait(1.0)
    assert bench.commands == [("door", "open"), ("door", "home")]


def test_nothing_opens_above_a_plate_that_was_stopped_on_its_way(bench: TrapdoorBench) -> None:
    bench.flaps["paper"].open()
    bench.wait(0.2)
    bench.flaps["paper"].halt()
    assert bench.flaps["paper"].is_home is False
    with pytest.raises(FlapError, match=r"flap 'glass': drives\.tray: the door or a plate may not be home"):
        bench.flaps["glass"].open()
    bench.flaps["glass"].home()
    bench.wait(1.3)
    assert ("paper", "home") in bench.commands, "whichever bin is sent home, no plate stays out"
    bench.flaps["glass"].detach()
    bench.flaps["glass"].open()
    bench.wait(1.0)
    assert bench.commands[-1] == ("door", "open")


def test_a_way_home_that_is_cut_short_is_not_taken_for_done(bench: TrapdoorBench) -> None:
    flap = bench.flaps["paper"]
    flap.open()
    bench.wait(1.0)
    flap.home()
    bench.wait(0.6)
    flap.detach()
    assert flap.is_home is False, "the door has closed, and the plate was on its way"
    flap.home()
    bench.wait(0.9)
    flap.detach()
    assert flap.is_home is None


def test_closing_slowly_never_opens_a_door_that_has_closed(bench: TrapdoorBench) -> None:
    """The time of the whole way is no measure of where the door stands: it moves in a part of it."""
    flap = bench.flaps["paper"]
    flap.open()
    bench.wait(1.0)
    flap.home()
    bench.wait(0.5)
    flap.halt()
    assert flap.creep_home(0.6)
    assert bench.pulse_ms("door") == pytest.approx(HOME_MS)


def test_closing_slowly_closes_the_door_step_by_step_and_then_brings_the_plate_home(bench: TrapdoorBench) -> None:
    flap = bench.flaps["paper"]
    flap.open()
    bench.wait(1.0)
    for share in (0.25, 0.5, 0.75):
        assert flap.creep_home(share)
        assert bench.pulse_ms("door") == pytest.approx(OPEN_MS - share)
        assert bench.pulse_ms("paper") == pytest.approx(OPEN_MS)
    for _ in range(20):
        assert flap.creep_home(1.0)
        bench.wait(0.05)
    assert (bench.pulse_ms("door"), bench.pulse_ms("paper")) == (pytest.approx(HOME_MS), pytest.approx(HOME_MS))
    flap.detach()
    assert flap.is_home is None


def test_a_part_that_fails_on_its_way_is_told_at_the_next_command_home(bench: TrapdoorBench) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("bus gone")

    pin = bench.pins.pin(DOOR)
    flap = bench.flaps["paper"]
    flap.open()
    bench.wait(0.2)
    pin._set_frequency = broken
    bench.wait(0.5)
    del pin._set_frequency
    with pytest.raises(FlapError, match=r"flap 'paper': drives\.tray: the last motion failed: .*pin 16 failed"):
        flap.home()
    flap.home()
    bench.wait(1.0)
    flap.detach()
    assert flap.is_home is None


def test_the_levels_of_relays_at_door_and_plate_are_asked_for_under_their_keys() -> None:
    relay = "kind: relay, active_high: true"
    drives = f"drives={{tray: {{kind: trapdoor, door: {{{relay}, pin: 16}}}}}}"
    glass = f"bins.glass={{flap: {{kind: trapdoor, drive: tray, plate: {{{relay}, pin: 13}}}}}}"
    config = load_config(ROOT / "config.yaml", [drives, glass, "bins.residual={flap: null}"])
    relays = [
        relay.key for name in ("glass", "residual") for relay in config.bins[name].flap.relays(("flap",), config.drives)
    ]
    door = ("drives", "tray", "door", "active_high")
    assert relays == [door, ("flap", "plate", "active_high"), door]
