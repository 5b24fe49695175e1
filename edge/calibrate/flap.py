"""Calibration step of one flap: home, open, limits and travel time."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from edge.calibrate.dialogue import choose, enter_or
from edge.calibrate.mover import FlapJogger
from edge.calibrate.proposal import Key, Proposal
from edge.calibrate.step_context import StepContext
from edge.calibrate.travel import by_camera, by_end_switch, by_person, with_margin
from edge.config.schema import BinConfig
from hardware.errors import HardwareError
from hardware.flap import Flap

COARSE_DEG, FINE_DEG = 5.0, 1.0
"""One step of a servo, in degrees."""

MOST_DEG = 15.0
"""Furthest that a servo goes in one step, in degrees: a flap that meets something must not do so at full speed."""

SERVO_HELP = """\
  + -      a step to larger, to smaller degrees; +3 or -12: by that many, at most 15; Enter: the same step again
  f        fine steps (1 degree), or coarse ones again (5)
  h o      this is home; this is open
  l        this is the limit: it must never go further this way
  gh go    go home; go to open
  t        test: open, dwell, home, as for an item
  m        measure how long it travels
  q s      done; skip this flap, nothing of it is kept"""

RELAY_HELP = """\
  t        test: on, dwell, off, as for an item
  m        measure how long it travels
  i        invert: the relay is on when it should be off
  q s      done; skip this flap, nothing of it is kept"""


def calibrate_flap(bench: StepContext, name: str) -> Proposal | None:
    """Let the user drive one flap. Whatever happens, the flap ends at home, without pulses.

    Returns:
        The changes; None if the flap is skipped.
    """
    one = bench.config.bins[name]
    flap = one.flap
    options = flap.model_dump(exclude={"kind", "end_switch"})
    dialogue = bench.dialogue
    if flap.kind == "relay":
        dialogue.show(f"Flap {name}: a relay. It is off now; its spring holds the flap closed.")
    else:
        dialogue.show(
            f"Flap {name}: a {flap.kind}, home {flap.home_deg:g}, open {flap.open_deg:g}, limits {flap.min_deg:g} .. "
            f"{flap.max_deg:g} degrees. Nobody knows where it stands: its first move goes home at full speed."
        )
    if bench.simulation is None and flap.kind in ("servo", "relay") and bench.config.flaps.pin_factory == "mock":
        dialogue.show("Nothing of it moves: flaps.pin_factory is mock, its pin is simulated.")
    if enter_or(dialogue, "Hands off the flap? Enter begins (s skips)", "s") == "s":
        return None

    def make(held: ExitStack, changed: Mapping[str, Any]) -> Flap:
        return bench.driver_factory(held).flap(name, flap.model_copy(update=changed))

    stop = bench.config.panel.stop_button
    fitter = bench.driver_factory(bench.held)
    button = None if stop is None else fitter.switch("panel.stop_button", stop)
    mover = FlapJogger(
        options, make, bench.clock, stopped=(lambda: False) if button is None else (lambda: button.is_on_now)
    )
    # Entered twice: a signal may interrupt one clean-up before it begins, but only one (``interruptible``).
    bench.held.enter_context(mover)
    with mover:
        session = _RelaySession(bench, one, mover) if flap.kind == "relay" else _ServoSession(bench, one, mover)
        if not session.run():
            # Go back to the configured home, not to the one that was tried.
            mover.options = dict(options)
            return None
        return Proposal(_changes(name, one, options, mover.options))


def _changes(name: str, one: BinConfig, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[Key, Any]:
    changes: dict[Key, Any] = {
        ("bins", name, "flap", key): _plain(value) for key, value in after.items() if value != before[key]
    }
    travel_s = after["travel_s"]
    if travel_s > one.dwell_s:
        changes["bins", name, "dwell_s"] = _plain(round(travel_s + 0.2, 2))
    return changes


def _plain(value: Any) -> Any:
    """45.0 as somebody would write it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class _Session:
    """Commands of the user, one per line, until they are done."""

    help = ""

    def __init__(self, bench: StepContext, one: BinConfig, mover: FlapJogger) -> None:
        self._bench = bench
        self._dialogue = bench.dialogue
        self._one = one
        self._mover = mover

    @property
    def _state(self) -> str:
        raise NotImplementedError

    def _obey(self, command: str) -> bool:
        """Run a command; False if there is no such command.

        Raises:
            HardwareError: the flap cannot be driven.
        """
        if command == "t":
            self._test()
        elif command == "m":
            self._measure()
        else:
            return False
        return True

    def run(self) -> bool:
        """Run commands until the user is done (True) or skips the flap (False)."""
        self._dialogue.show(self.help)
        while True:
            command = self._dialogue.ask(self._state)
            if command in ("q", "s"):
                return command == "q"
            try:
                known = self._obey(command)
            except HardwareError as error:
                self._dialogue.show(f"  {error}")
                continue
            if not known:
                self._dialogue.show(self.help)

    def _test(self) -> None:
        self._mover.cycle(self._one.dwell_s)
        if self._mover.at_home() is False:
            self._dialogue.show("  The flap should be home, but its end switch is off.")

    def _measure(self) -> None:
        measured_s, how = self._measured()
        if measured_s is None:
            self._dialogue.show(f"  {how}; travel_s stays {self._mover.options['travel_s']:g}")
            return
        self._mover.options["travel_s"] = with_margin(measured_s)
        self._dialogue.show(
            f"  {measured_s:.2f} s by {how}; with a reserve travel_s becomes {self._mover.options['travel_s']:g}"
        )

    def _measured(self) -> tuple[float | None, str]:
        if self._one.flap.end_switch is not None:
            measured_s = by_end_switch(self._mover, self._bench.clock)
            return (
                measured_s,
                "its end switch" if measured_s else "its end switch does not go off when open, on at home",
            )
        if choose(self._dialogue, "By your key, or by the camera? (k, c)", "k", "c") == "c":
            measured_s = by_camera(self._mover, self._bench.clock, self._bench.fresh_frames)
            self._mover.home()
            return measured_s, "the camera" if measured_s else "the camera does not see it move"
        measured_s = by_person(self._mover, self._bench.clock, self._dialogue)
        return measured_s, "your key" if measured_s else "no key was pressed in time"


class _RelaySession(_Session):
    help = RELAY_HELP

    @property
    def _state(self) -> str:
        return "off, closed"

    def _obey(self, command: str) -> bool:
        if command == "i":
            self._mover.options["active_high"] = not self._mover.options["active_high"]
            self._mover.home()
            return True
        return super()._obey(command)


class _ServoSession(_Session):
    help = SERVO_HELP

    def __init__(self, bench: StepContext, one: BinConfig, mover: FlapJogger) -> None:
        super().__init__(bench, one, mover)
        self._step_deg = COARSE_DEG
        self._again = ""

    def run(self) -> bool:
        """Go home first, so that the angle is known, then run commands."""
        self._mover.home()
        return super().run()

    @property
    def _angle_deg(self) -> float:
        assert self._mover.angle_deg is not None  # the first move has been made
        return self._mover.angle_deg

    @property
    def _state(self) -> str:
        options = self._mover.options
        step = "fine" if self._step_deg == FINE_DEG else "coarse"
        return (
            f"at {self._angle_deg:g} degrees, {step} (home {options['home_deg']:g}, open {options['open_deg']:g}, "
            f"limits {options['min_deg']:g} .. {options['max_deg']:g}, travel {options['travel_s']:g} s)"
        )

    def _obey(self, command: str) -> bool:
        command = command or self._again
        if command[:1] in ("+", "-"):
            return self._jog(command)
        if command == "f":
            self._step_deg = COARSE_DEG if self._step_deg == FINE_DEG else FINE_DEG
        elif command == "h":
            self._set("home_deg", "open_deg")
        elif command == "o":
            self._set("open_deg", "home_deg")
        elif command == "l":
            self._limit()
        elif command == "gh":
            self._mover.home()
        elif command == "go":
            self._mover.move_to(self._mover.options["open_deg"])
        else:
            return super()._obey(command)
        return True

    def _jog(self, command: str) -> bool:
        try:
            by_deg = float(command) if len(command) > 1 else self._step_deg * (1 if command == "+" else -1)
        except ValueError:
            return False
        if abs(by_deg) > MOST_DEG:
            self._dialogue.show(f"  At most {MOST_DEG:g} degrees in one step.")
            return True
        self._again = command
        self._mover.move_to(round(self._angle_deg + by_deg, 1))
        return True

    def _set(self, key: str, other: str) -> None:
        if self._angle_deg == self._mover.options[other]:
            self._dialogue.show("  Home and open would be the same: the flap would never open.")
            return
        self._mover.options[key] = self._angle_deg

    def _limit(self) -> None:
        """Take off what lies beyond. Angle and pulse of a limit go together, so that no other angle changes its meaning."""
        options, angle_deg = self._mover.options, self._angle_deg
        pulse_ms = options["min_pulse_ms"] + (angle_deg - options["min_deg"]) * (
            options["max_pulse_ms"] - options["min_pulse_ms"]
        ) / (options["max_deg"] - options["min_deg"])
        if angle_deg <= min(options["home_deg"], options["open_deg"]):
            options["min_deg"], options["min_pulse_ms"] = angle_deg, round(pulse_ms, 4)
        elif angle_deg >= max(options["home_deg"], options["open_deg"]):
            options["max_deg"], options["max_pulse_ms"] = angle_deg, round(pulse_ms, 4)
        else:
            self._dialogue.show("  A limit cannot lie between home and open: set these first, or go to one of them.")
