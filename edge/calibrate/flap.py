"""Calibration step of one flap: home, open, limits and travel time."""

from collections.abc import Callable
from contextlib import ExitStack

from edge.calibrate.dialogue import choose, enter_or
from edge.calibrate.moved_part import MovedPart, moved_parts
from edge.calibrate.mover import FlapJogger
from edge.calibrate.proposal import Key, Proposal
from edge.calibrate.relay_at_rest import find_fault_at_rest
from edge.calibrate.step_context import StepContext
from edge.calibrate.travel import by_camera, by_end_switch, by_person, with_margin
from hardware.drives.section import AngularSection, FlapSection, JogRange
from hardware.errors import HardwareConfigError, HardwareError
from hardware.flap import Flap

COARSE_DEG, FINE_DEG = 5.0, 1.0
"""One step of a drive that goes to any angle, in degrees."""

MOST_DEG = 15.0
"""Furthest that it goes in one step, in degrees: a flap that meets something must not do so at full speed."""

FIRST_TIME = "The first time: with its horn off the axle, and fitted as docs/mechanics.md says (Fit the horns)."

ANGLE_HELP = """\
  + -      a step to larger, to smaller degrees; +3 or -12: by that many, at most 15
  f        fine steps (1 degree), or coarse ones again (5)
  h o      this is home; this is open
  l        this is the limit: it must never go further this way
  gh go    go home; go to open
  t        test: open, dwell, home, as for an item
  m        measure how long it travels
  Enter s  done; skip this flap, nothing of it is kept"""

WHOLE_HELP = """\
  t        test: open, dwell, home, as for an item
  m        measure how long it travels
  Enter s  done; skip this flap, nothing of it is kept"""


def calibrate_flap(bench: StepContext, key: Key) -> Proposal | None:
    """Let the user drive one flap, or a door or plate of one. Whatever happens, it ends at home, without pulses.

    Args:
        bench: the step.
        key: of the section of the configuration, as ``moved_parts`` gives it.

    Returns:
        The changes; None if it is skipped.
    """
    part = next(one for one in moved_parts(bench.config) if one.key == key)
    flap = part.section
    dialogue = bench.dialogue
    dialogue.show(f"{f'Flap {part.name}' if part.is_flap else part.name.capitalize()}: {flap.introduction}")
    if not part.is_flap:
        dialogue.show(FIRST_TIME)
    is_real = not flap.on_pins or bench.config.flaps.pin_factory != "mock"
    if bench.simulation is None and not is_real:
        dialogue.show("Nothing of it moves: flaps.pin_factory is mock, its pin is simulated.")
    if enter_or(dialogue, "Hands off the flap? Enter begins (s skips)", "s") == "s":
        return None
    for relay in flap.relays(part.key, bench.config.drives) if is_real else ():
        if (fault := find_fault_at_rest(bench, part.name, relay)) is not None:
            return fault

    def make(held: ExitStack, section: FlapSection) -> Flap:
        return bench.driver_factory(held).flap(part.name, section, key=".".join(part.key))

    stop = bench.config.panel.stop_button
    fitter = bench.driver_factory(bench.held)
    button = None if stop is None else fitter.switch("panel.stop_button", stop)
    mover = FlapJogger(
        flap, make, bench.clock, stopped=(lambda: False) if button is None else (lambda: button.is_on_now)
    )
    # Entered twice: a signal may interrupt one clean-up before it begins, but only one (``interruptible``).
    bench.held.enter_context(mover)
    with mover:
        session = (_AngleSession if isinstance(flap, AngularSection) else _WholeSession)(bench, part, mover)
        if not session.run():
            # Go back to the configured home, not to the one that was tried.
            mover.section = flap
            return None
        return Proposal(part.changes(bench.config, mover.section))


class _Session:
    """Commands of the user, one per line, until they are done."""

    help = ""

    def __init__(self, bench: StepContext, part: MovedPart, mover: FlapJogger) -> None:
        self._bench = bench
        self._dialogue = bench.dialogue
        self._part = part
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
            command = self._dialogue.ask(f"{self._state}, Enter when done")
            if command in ("", "q", "s"):
                return command != "s"
            try:
                known = self._obey(command)
            except HardwareError as error:
                self._dialogue.show(f"  {error}")
                continue
            if not known:
                self._dialogue.show(self.help)

    def _test(self) -> None:
        self._mover.cycle(self._part.dwell_s)
        if self._mover.at_home() is False:
            self._dialogue.show("  The flap should be home, but its end switch is off.")

    def _measure(self) -> None:
        measured_s, how = self._measured()
        mover = self._mover
        if measured_s is None:
            self._dialogue.show(f"  {how}; travel_s stays {mover.section.travel_s:g}")
            return
        mover.section = mover.section.model_copy(update={"travel_s": with_margin(measured_s)})
        self._dialogue.show(
            f"  {measured_s:.2f} s by {how}; with a reserve travel_s becomes {mover.section.travel_s:g}"
        )

    def _measured(self) -> tuple[float | None, str]:
        if self._part.section.end_switch is not None:
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


class _WholeSession(_Session):
    help = WHOLE_HELP

    @property
    def _state(self) -> str:
        return "home, let go"


class _AngleSession(_Session):
    help = ANGLE_HELP

    def __init__(self, bench: StepContext, part: MovedPart, mover: FlapJogger) -> None:
        super().__init__(bench, part, mover)
        self._step_deg = COARSE_DEG

    def run(self) -> bool:
        """Go home first, so that the angle is known, then run commands."""
        self._mover.home()
        return super().run()

    @property
    def _angle_deg(self) -> float:
        assert self._mover.angle_deg is not None  # the first move has been made
        return self._mover.angle_deg

    @property
    def _section(self) -> AngularSection:
        assert isinstance(self._mover.section, AngularSection)
        return self._mover.section

    @property
    def _range(self) -> JogRange:
        return self._section.jog_range

    @property
    def _state(self) -> str:
        step = "fine" if self._step_deg == FINE_DEG else "coarse"
        return (
            f"at {self._angle_deg:g} degrees, {step} (home {self._range.home_deg:g}, open {self._range.open_deg:g}, "
            f"limits {self._range.min_deg:g} .. {self._range.max_deg:g}, travel {self._section.travel_s:g} s)"
        )

    def _obey(self, command: str) -> bool:
        if command[:1] in ("+", "-"):
            return self._jog(command)
        if command == "f":
            self._step_deg = COARSE_DEG if self._step_deg == FINE_DEG else FINE_DEG
        elif command == "h":
            self._set(self._section.with_home)
        elif command == "o":
            self._set(self._section.with_open)
        elif command == "l":
            self._set(self._section.with_limit)
        elif command == "gh":
            self._mover.home()
        elif command == "go":
            self._mover.move_to(self._range.open_deg)
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
        self._mover.move_to(round(self._angle_deg + by_deg, 1))
        return True

    def _set(self, change: Callable[[float], FlapSection]) -> None:
        """Note that the angle where it stands is home, open or a limit, or say why it cannot be."""
        try:
            self._mover.section = change(self._angle_deg)
        except HardwareConfigError as error:
            self._dialogue.show(f"  {error}")
