"""A carousel's motor, home switch and gate."""

import logging
from contextlib import ExitStack, suppress

from gpiozero import DigitalOutputDevice, InputDevice

from hardware.device import Device
from hardware.drives.carousel.section import FULL_TURN_DEG, MIN_APART_DEG, CarouselSection
from hardware.drives.section import DriveContext
from hardware.error_translation import claiming, driving
from hardware.errors import FlapError, SensorError
from hardware.sequence import RunningSequence, TimedSequence, start_sequence

log = logging.getLogger(__name__)

WAKE_S = 0.005
"""Pause after the driver board has been enabled, in seconds: a DRV8825 wants 1.7 ms, and the rotor snaps into place."""


MAX_ANGLE_DEG = 180.0
"""Largest angle from home, either way: beyond it the other way round is shorter."""


class Carousel(Device):
    """One stepper motor that turns the chute, and the gate above it. Nothing moves at construction.

    Its position is the number of pulses sent since home: every pulse is counted as it is sent, also when a motion is stopped
    half-way. Without current the chute may be pushed, so that a position away from home is given up when the current goes
    (``release``), and home must be found again; at home, the switch vouches for it.

    Args:
        section: pins, speeds and gate.
        name: its config key, for messages.
        context: pins and time.

    Attributes:
        gate_may_be_open: the gate has not had the time to close since it was opened last.

    Raises:
        HardwareConfigError: a pin is taken.
        FlapError, SensorError, GpioError: a pin cannot be claimed.
    """

    def __init__(self, section: CarouselSection, *, name: str, context: DriveContext) -> None:
        self._section = section
        self._name = name
        self._context = context
        self._where = f"pins {section.step_pin} (step), {section.dir_pin} (dir) and {section.enable_pin} (enable)"
        self._position: int | None = None
        self.gate_may_be_open = True  # the program before may have ended a moment ago
        self._motion: RunningSequence | None = None
        self._is_closed = False
        self._held = ExitStack()
        try:
            # First, so that a board whose floating input enables it takes no step while the others are claimed.
            self._enable = self._claim("enable_pin", section.enable_pin, active_high=section.enable_active_high)
            self._step = self._claim("step_pin", section.step_pin)
            self._dir = self._claim("dir_pin", section.dir_pin)
            switch = section.home_switch
            with claiming(f"{name}.home_switch", f"pin {switch.pin}", SensorError):
                # Bare, without the bounce that a ``PinSwitch`` waits for: a step further would be a step too far.
                self._home_input = self._held.enter_context(
                    InputDevice(switch.pin, pull_up=not switch.active_high, pin_factory=context.pins)
                )
            self._gate = self._held.enter_context(section.gate.make(f"{name}.gate", context))
        except BaseException:
            self._held.close()
            raise

    @property
    def is_driven(self) -> bool:
        """Whether motor or gate are under current."""
        return not self._is_closed and (bool(self._enable.value) or self._gate.is_driven)

    def at_home_switch(self) -> bool:
        """What the home switch says now. Raises SensorError when it cannot be read."""
        with driving(f"{self._name}.home_switch", f"pin {self._section.home_switch.pin}", "read", SensorError):
            return bool(self._home_input.is_active)

    def open_at(self, angle_deg: float) -> None:
        """Turn the chute to an angle and open the gate there.

        Raises:
            FlapError: its position is not known, so that it must go home first, or its pins cannot be driven.
        """
        self._begin(self._opening(self._steps_to(angle_deg)), "open")

    def turn_to(self, angle_deg: float) -> None:
        """Turn the chute to an angle with the gate closed. Raises FlapError as ``open_at`` does."""
        self._begin(self._turning(self._steps_to(angle_deg)), "turn")

    def go_home(self) -> None:
        """Close the gate and turn the chute home, looking for the home switch if its position is not known.

        Raises:
            FlapError: its pins cannot be driven, or the motion before this one has failed.
        """
        self.stop()
        failure = None if self._motion is None else self._motion.failure
        if failure is not None:
            self._motion = None
            raise FlapError(f"{self._name}: the last motion failed: {failure}") from failure
        self._begin(self._homing(), "go home")

    def stop(self) -> None:
        """Stop where it is, under current, so that the position is kept; the gate completes what it has begun."""
        if self._motion is not None and self._motion.is_running:
            self._motion.stop()

    def halt(self) -> None:
        """As ``stop``, and no longer under current than is allowed. Raises FlapError."""
        is_under_current = self._motion is not None and self._motion.is_running
        self.stop()
        self._gate.halt()
        if is_under_current:
            self._begin(self._holding(), "hold")

    def release(self) -> None:
        """No more motion, gate closed, no current. Raises FlapError."""
        self.stop()
        if not self._is_closed:
            self._cut_current()

    def close(self) -> None:
        if self._is_closed:
            return
        try:
            self.release()
        finally:
            self._is_closed = True
            self._held.close()

    # --- motions ------------------------------------------------------------------------------------------------------

    def _opening(self, steps: int) -> TimedSequence:
        yield from self._close_gate()
        yield from self._turn(steps)
        if self.at_home_switch():
            self._position = None
            raise FlapError("the chute did not leave home: is it blocked, or the motor without power?")
        self.gate_may_be_open = True
        self._gate.open()
        yield from self._holding()

    def _turning(self, steps: int) -> TimedSequence:
        yield from self._close_gate()
        yield from self._turn(steps)
        yield from self._holding()

    def _homing(self) -> TimedSequence:
        yield from self._close_gate()
        if self._position is not None:
            yield from self._turn(-self._position)
            if not self.at_home_switch():
                log.warning("%s: no home switch where home should be: steps were lost, looking for it", self._name)
                self._position = None
        if self._position is None:
            yield from self._search()
        yield from self._holding()

    def _close_gate(self) -> TimedSequence:
        """Nothing turns below a gate that is still open."""
        if self.gate_may_be_open:
            self._gate.home()
            yield self._section.gate_travel_s
            self.gate_may_be_open = False

    def _search(self) -> TimedSequence:
        """Out of the switch if it is on, back until it is on, and a little further: there is home."""
        section = self._section
        delay_s = 1.0 / section.homing_steps_per_s
        for _ in range(2 * section.steps(MIN_APART_DEG)):
            if not self.at_home_switch():
                break
            self._pulse(forward=True)
            yield delay_s
        else:
            raise FlapError("the home switch stays on: does the chute turn, and the switch work?")
        for _ in range(section.steps(FULL_TURN_DEG)):
            if self.at_home_switch():
                break
            self._pulse(forward=False)
            yield delay_s
        else:
            raise FlapError("no home switch in a whole turn: does the chute turn, and the switch work?")
        for _ in range(section.steps(section.home_depth_deg)):
            self._pulse(forward=False)
            yield delay_s
        self._position = 0

    def _holding(self) -> TimedSequence:
        """Stay under current for as long as that is allowed; the next command ends it sooner."""
        yield self._section.max_hold_s
        log.warning("%s: under current for %g s: released", self._name, self._section.max_hold_s)
        self._cut_current()

    def _turn(self, steps: int) -> TimedSequence:
        yield WAKE_S
        for delay_s in self._section.delays(steps):
            self._pulse(forward=steps > 0)
            yield delay_s

    def _pulse(self, *, forward: bool) -> None:
        with driving(self._name, self._where, "step", FlapError):
            if bool(self._dir.value) is not (forward is not self._section.reversed):
                self._dir.value = forward is not self._section.reversed
            # Boards want 2 us between two edges at most; a call from Python takes longer than that.
            self._step.on()
            if self._position is not None:
                self._position += 1 if forward else -1
            self._step.off()

    def _steps_to(self, angle_deg: float) -> int:
        """Stop, and say how many steps it is from there. Raises FlapError when that is not known."""
        self.stop()
        if abs(angle_deg) > MAX_ANGLE_DEG:
            raise FlapError(f"{self._name}: {angle_deg:g} degrees, expected at most {MAX_ANGLE_DEG:g} either way")
        is_at_home = self.at_home_switch()
        if self._position is None and is_at_home:
            self._position = 0
        elif self._position == 0 and not is_at_home:
            # It was pushed away while it had no current.
            self._position = None
        if self._position is None:
            self._cut_current()
            raise FlapError(f"{self._name}: the position of the chute is not known: it must go home first")
        return self._section.steps(angle_deg) - self._position

    # --- pins ---------------------------------------------------------------------------------------------------------

    def _claim(self, key: str, pin: int, *, active_high: bool = True) -> DigitalOutputDevice:
        with claiming(f"{self._name}.{key}", f"pin {pin}", FlapError):
            return self._held.enter_context(
                DigitalOutputDevice(pin, active_high=active_high, initial_value=False, pin_factory=self._context.pins)
            )

    def _begin(self, motion: TimedSequence, what: str) -> None:
        if self._is_closed:
            raise FlapError(f"{self._name}: cannot {what}, it is closed")
        with driving(self._name, self._where, what, FlapError):
            self._enable.on()
        pins, clock = self._context.pins, self._context.clock
        self._motion = start_sequence(self._released_on_failure(motion), name=self._name, pins=pins, clock=clock)

    def _released_on_failure(self, motion: TimedSequence) -> TimedSequence:
        """A motion that fails must not leave the motor under current."""
        try:
            yield from motion
        except Exception:
            with suppress(FlapError):
                self._cut_current()
            raise

    def _cut_current(self) -> None:
        self._gate.detach()
        with driving(self._name, self._where, "release", FlapError):
            self._enable.off()
        if self._position != 0:
            self._position = None
