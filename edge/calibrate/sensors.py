"""The step that tries whatever else is wired: switches, level sensors, the light."""

import statistics
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

from edge.calibrate.dialogue import choose
from edge.calibrate.proposal import Key, Proposal
from edge.calibrate.step_context import StepContext
from edge.config.wiring import LedsConfig, LevelConfig, SwitchConfig
from hardware.errors import HardwareError
from hardware.light import Signal
from hardware.sensor import LevelSensor, Switch

LOOK_S = 0.05
"""So often a sensor is looked at, in seconds."""

READINGS = 20
"""So many readings of a level sensor are averaged by their median."""

PANEL = {
    "lid": "open the lid (or hold a hand there), and close it again",
    "service_button": "press the service button, and let it go",
    "stop_button": "press the stop button, and let it go",
}
"""Switch -> what the person does with it."""


def try_sensors(bench: StepContext) -> Proposal | None:
    """Each sensor that the configuration names, one after the other, then the light; None when it names none."""
    trials = list(_trials(bench))
    if not trials:
        bench.dialogue.show(
            "The configuration names no sensor and no light (panel, end_switch, level): nothing to try."
        )
        return None
    changes: dict[Key, object] = {}
    for trial in trials:
        try:
            changes |= trial()
        except HardwareError as error:
            bench.dialogue.show(f"  {error}")
    return Proposal(changes)


def _trials(bench: StepContext) -> Iterator[Callable[[], dict[Key, object]]]:
    config = bench.config
    for name, one in config.bins.items():
        if one.flap.end_switch is not None:
            yield partial(_try_end_switch, bench, ("bins", name, "flap", "end_switch"), one.flap.end_switch)
        if one.level is not None:
            yield partial(_try_level, bench, name, one.level)
    for name, section in config.panel.switches().items():
        yield partial(_try_switch, bench, ("panel", name), section)
    if config.panel.light is not None:
        yield partial(_try_light, bench, config.panel.light)


def _try_end_switch(bench: StepContext, path: Key, section: SwitchConfig) -> dict[Key, object]:
    """Look whether it is on; whether it goes off when the flap opens, the flap's own step finds out."""
    key = ".".join(path)
    bench.dialogue.show(f"{key} (GPIO {section.pin}): on while the flap is home, where it should be now.")
    with ExitStack() as held:
        is_on = _settled(bench, bench.driver_factory(held).switch(key, section))
    return _at_rest(bench, path, section, is_on, wanted=True)


def _try_switch(bench: StepContext, path: Key, section: SwitchConfig) -> dict[Key, object]:
    """Wait until it has been seen to change and change back."""
    key = ".".join(path)
    bench.dialogue.show(f"{key} (GPIO {section.pin}): {PANEL[path[-1]]}. Enter goes on.")
    with ExitStack() as held:
        watch = _Watch(bench, bench.driver_factory(held).switch(key, section))
        if bench.dialogue.watch(watch.look) is not None and watch.changes == 0:
            bench.dialogue.show(f"  It was {_word(watch.was_on)} all the time: look at its wires, and at {key}.pin.")
    return _at_rest(bench, path, section, watch.was_on, wanted=False)


def _at_rest(bench: StepContext, path: Key, section: SwitchConfig, is_on: bool, *, wanted: bool) -> dict[Key, object]:
    """Offer to invert a switch that rests the wrong way round."""
    if is_on == wanted:
        bench.dialogue.show(f"  {_word(is_on)} at rest, as it should be.")
        return {}
    bench.dialogue.show(f"  {_word(is_on)} at rest, and should be {_word(wanted)}.")
    question = f"  If it was at rest, active_high: {str(section.active_high).lower()} is wrong. Invert it? (n, y)"
    if choose(bench.dialogue, question, "n", "y") == "n":
        return {}
    return {(*path, "active_high"): not section.active_high}


class _Watch:
    """A switch that somebody presses.

    Attributes:
        was_on: whether it was on at first.
        changes: how often it has changed since.
    """

    def __init__(self, bench: StepContext, switch: Switch) -> None:
        self._clock = bench.clock
        self._switch = switch
        self._never = threading.Event()
        self.was_on = self._is_on = _settled(bench, switch)
        self.changes = 0

    def look(self) -> str | None:
        """None once it was pressed and let go."""
        self._clock.wait(self._never, LOOK_S)
        is_on = self._switch.is_on
        self.changes += is_on != self._is_on
        self._is_on = is_on
        return None if self.changes >= 2 else f"  {self._switch.name} is {_word(is_on)}"


def _settled(bench: StepContext, switch: Switch) -> bool:
    """Whether it is on, once its pin has been pulled to where it belongs."""
    bench.clock.wait(threading.Event(), LOOK_S)
    return switch.is_on


def _word(is_on: bool) -> str:
    return "on" if is_on else "off"


def _try_level(bench: StepContext, name: str, section: LevelConfig) -> dict[Key, object]:
    """Measure how far below the sensor the empty bin's floor lies."""
    bench.dialogue.show(f"bins.{name}.level: empty the bin; Enter takes what is shown as its floor, s skips.")
    with ExitStack() as held:
        readings = _Readings(bench, bench.driver_factory(held).level(name, section, simulation=bench.simulation))
        if bench.dialogue.watch(readings.look):  # also what was meant to skip it, and is no s
            bench.dialogue.show("  Skipped.")
            return {}
    floor_m = readings.median_m
    if floor_m is None:
        bench.dialogue.show("  Nothing in its range: look at its wires, and where it points.")
        return {}
    if floor_m <= section.full_m:
        bench.dialogue.show(f"  {floor_m:.2f} m is no more than full_m {section.full_m:g}: is the bin empty?")
        return {}
    bench.dialogue.show(f"  The floor lies {floor_m:.2f} m below the sensor; the bin is full at {section.full_m:g} m.")
    return {} if floor_m == section.empty_m else {("bins", name, "level", "empty_m"): floor_m}


class _Readings:
    """What a level sensor says, the newest of it."""

    def __init__(self, bench: StepContext, sensor: LevelSensor) -> None:
        self._clock = bench.clock
        self._sensor = sensor
        self._never = threading.Event()
        self._newest: deque[float | None] = deque(maxlen=READINGS)

    @property
    def median_m(self) -> float | None:
        """In metres, to the centimetre; None where most readings are out of range."""
        distances = [one for one in self._newest if one is not None]
        if 2 * len(distances) <= len(self._newest):
            return None
        return round(statistics.median(distances), 2)

    def look(self) -> str:
        """Take one more."""
        self._clock.wait(self._never, LOOK_S)
        distance_m = self._sensor.distance_m
        self._newest.append(distance_m)
        return "  nothing in range" if distance_m is None else f"  {distance_m:.2f} m"


def _try_light(bench: StepContext, section: LedsConfig) -> dict[Key, object]:
    with ExitStack() as held:
        light = bench.driver_factory(held).light("panel.light", section)
        for signal in Signal:
            light.show(signal)
            if choose(bench.dialogue, f"panel.light shows {signal}. Does it? (y, n)", "y", "n") == "n":
                bench.dialogue.show("  Look at the LEDs' wires, and at the pins in panel.light.")
                break
    return {}
