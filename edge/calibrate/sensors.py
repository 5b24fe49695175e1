"""Calibration step: try the switches, the level sensors and the light."""

import statistics
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

from edge.calibrate.dialogue import choose
from edge.calibrate.proposal import Key, Proposal
from edge.calibrate.step_context import StepContext
from edge.config.wiring import LedsConfig, LevelConfig
from hardware.errors import HardwareError
from hardware.light import Signal
from hardware.section import ContactSection, SafetySwitchSection, SwitchSection
from hardware.sensor import LevelSensor, Switch

POLL_S = 0.05
"""Seconds between two readings of a sensor: a short press of a button lasts longer."""

READINGS = 20
"""Number of the newest readings of a level sensor whose median counts: one second's worth."""

PRESS_AND_RELEASE = 2
"""Number of changes after which a switch is known to work."""

PANEL = {
    "lid": "open the lid (or hold a hand there), and close it again",
    "service_button": "press the service button, and let it go",
    "stop_button": "press the stop button, and let it go",
}
"""Switch -> what the user is asked to do with it."""


def try_sensors(context: StepContext) -> Proposal | None:
    """Try each sensor that the configuration has, then the light.

    Returns:
        The changes; None if the configuration has neither sensors nor a light.
    """
    trials = list(_trials(context))
    if not trials:
        context.dialogue.show(
            "The configuration has no sensor and no light (panel, end_switch, level): nothing to try."
        )
        return None
    changes: dict[Key, object] = {}
    for trial in trials:
        try:
            changes |= trial()
        except HardwareError as error:
            context.dialogue.show(f"  {error}")
    return Proposal(changes)


def _trials(context: StepContext) -> Iterator[Callable[[], dict[Key, object]]]:
    config = context.config
    for name, one in config.bins.items():
        if one.flap.end_switch is not None:
            yield partial(_try_end_switch, context, ("bins", name, "flap", "end_switch"), one.flap.end_switch)
        if one.level is not None:
            yield partial(_try_level, context, name, one.level)
    for name, section in config.panel.switches().items():
        yield partial(_try_switch, context, ("panel", name), section)
    if config.panel.light is not None:
        yield partial(_try_light, context, config.panel.light)


def _try_end_switch(context: StepContext, path: Key, section: SwitchSection) -> dict[Key, object]:
    """Check that it is on; that it goes off when the flap opens is checked by the flap's own step."""
    key = ".".join(path)
    context.dialogue.show(f"{key} (GPIO {section.pin}): on while the flap is home, where it should be now.")
    with ExitStack() as held:
        is_on = _settled(context, context.driver_factory(held).switch(key, section))
    return _at_rest(context, path, section, is_on, wanted=True)


def _try_switch(context: StepContext, path: Key, section: ContactSection) -> dict[Key, object]:
    """Wait until it has changed and changed back, or Enter is pressed."""
    key = ".".join(path)
    context.dialogue.show(f"{key} (GPIO {section.pin}): {PANEL[path[-1]]}. Enter goes on.")
    with ExitStack() as held:
        watch = _SwitchWatch(context, context.driver_factory(held).switch(key, section))
        if context.dialogue.watch(watch.look) is not None and watch.changes == 0:
            # One that never changed may have a broken wire: taken for the other kind of contact, that would never be noticed.
            context.dialogue.show(f"  It was {_word(watch.was_on)} all the time: check its wires, and {key}.pin.")
            context.to_do.append(f"{key} has not been seen to change: check its wires and its pin, and try it again")
            return {}
    return _at_rest(context, path, section, watch.was_on, wanted=False)


def _at_rest(
    context: StepContext, path: Key, section: ContactSection, is_on: bool, *, wanted: bool
) -> dict[Key, object]:
    """Offer to invert a switch whose state at rest is the wrong one."""
    if is_on == wanted:
        context.dialogue.show(f"  {_word(is_on)} at rest, as it should be.")
        return {}
    context.dialogue.show(f"  {_word(is_on)} at rest, but should be {_word(wanted)}.")
    ((name, value),) = section.inverse.items()
    if isinstance(section, SafetySwitchSection) and section.contact == "opens":
        context.dialogue.show(
            "  With a contact that closes the break of a wire goes unnoticed: one that opens is better."
        )
    question = f"  If it was at rest, it should be {name}: {_plain(value)}. Change it? (n, y)"
    if choose(context.dialogue, question, "n", "y") == "n":
        return {}
    return {(*path, name): value}


def _plain(value: object) -> str:
    """A value of the configuration as it is written there."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class _SwitchWatch:
    """Counts the changes of a switch.

    Attributes:
        was_on: whether it was on at first.
        changes: number of changes since.
    """

    def __init__(self, context: StepContext, switch: Switch) -> None:
        self._clock = context.clock
        self._switch = switch
        self._never = threading.Event()
        self.was_on = self._is_on = _settled(context, switch)
        self.changes = 0

    def look(self) -> str | None:
        """Read the switch once; its state, or None once it was pressed and released."""
        self._clock.wait(self._never, POLL_S)
        is_on = self._switch.is_on
        self.changes += is_on != self._is_on
        self._is_on = is_on
        return None if self.changes >= PRESS_AND_RELEASE else f"  {self._switch.name} is {_word(is_on)}"


def _settled(context: StepContext, switch: Switch) -> bool:
    """Whether a switch is on, once the pull of its pin has settled."""
    context.clock.wait(threading.Event(), POLL_S)
    return switch.is_on


def _word(is_on: bool) -> str:
    return "on" if is_on else "off"


def _try_level(context: StepContext, name: str, section: LevelConfig) -> dict[Key, object]:
    """Measure the distance from the sensor to the floor of the empty bin."""
    context.dialogue.show(f"bins.{name}.level: empty the bin; Enter takes the distance shown as its floor, s skips.")
    with ExitStack() as held:
        factory = context.driver_factory(held)
        reset = factory.reset_lines(context.config).get(name)
        readings = _LevelReadings(context, factory.level(name, section, simulation=context.simulation, reset=reset))
        if context.dialogue.watch(readings.look):  # any other line than Enter skips, to be safe
            context.dialogue.show("  Skipped.")
            return {}
    floor_m = readings.median_m
    if floor_m is None:
        context.dialogue.show("  Nothing in its range: check its wires and its direction.")
        return {}
    if floor_m <= section.full_m:
        context.dialogue.show(f"  {floor_m:.2f} m is not more than full_m {section.full_m:g}: is the bin empty?")
        return {}
    context.dialogue.show(
        f"  The floor lies {floor_m:.2f} m below the sensor; the bin is full at {section.full_m:g} m."
    )
    return {} if floor_m == section.empty_m else {("bins", name, "level", "empty_m"): floor_m}


class _LevelReadings:
    """The newest readings of a level sensor."""

    def __init__(self, context: StepContext, sensor: LevelSensor) -> None:
        self._clock = context.clock
        self._sensor = sensor
        self._never = threading.Event()
        self._newest: deque[float | None] = deque(maxlen=READINGS)

    @property
    def median_m(self) -> float | None:
        """Median distance in metres, rounded to centimetres; None if half or more of the readings are out of range."""
        distances = [one for one in self._newest if one is not None]
        if 2 * len(distances) <= len(self._newest):
            return None
        return round(statistics.median(distances), 2)

    def look(self) -> str:
        """Take one reading; the distance as text."""
        self._clock.wait(self._never, POLL_S)
        distance_m = self._sensor.distance_m
        self._newest.append(distance_m)
        return "  nothing in range" if distance_m is None else f"  {distance_m:.2f} m"


def _try_light(context: StepContext, section: LedsConfig) -> dict[Key, object]:
    with ExitStack() as held:
        light = context.driver_factory(held).light("panel.light", section)
        for signal in Signal:
            light.show(signal)
            if choose(context.dialogue, f"panel.light shows {signal}. Does it? (y, n)", "y", "n") == "n":
                context.dialogue.show("  Check the LEDs' wires, and the pins in panel.light.")
                break
    return {}
