"""The diverter: the state machine that moves the flaps, one at a time, on the injected clock."""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from edge.actuation.exit_homing import bring_all_home
from edge.actuation.phase import STATE_OF, ClosingPhase, DiverterState, FaultPhase, HomePhase, OpenPhase, Phase
from edge.backoff import BackOff
from edge.guard.guarded_flap import NoPermitError
from hardware.clock import Clock
from hardware.errors import FlapError, SensorError
from hardware.flap import Flap

log = logging.getLogger(__name__)

DUTY_WINDOW_S = 60.0
"""The duty limit counts openings over this long, in seconds (``max_openings_per_min``)."""


class Diverter:
    """Opens one flap, dwells, homes it, lets it go. Nothing moves at construction.

    A flap that cannot be driven, or that did not come home as its end switch says, is a fault, not an exception: nothing
    opens, and it is sent home again after pauses of 1, 2, 4 .. 60 s. What the guard refuses or stops goes home later.

    Args:
        flaps: bin name -> flap.
        dwell_s: bin name -> seconds from the command to open until the command to go home; not below the travel time.
        clock: time.
        max_openings_per_min: duty limit over all flaps; further openings wait (``ready`` is False). > 0.

    Attributes:
        phase: what it is doing, with the flap and the times that belong to it.
        inhibited: nothing may move now (``inhibit``).
        opening_interrupted: the last opening ended before its flap was open.
        fault: what is wrong with a flap, in words; None once every flap that failed is home.
        stuck_bins: bins whose flap did not leave home when it was opened last, as its end switch says.

    Raises:
        ValueError: a dwell is shorter than its flap's travel.
    """

    def __init__(
        self, flaps: Mapping[str, Flap], *, dwell_s: Mapping[str, float], clock: Clock, max_openings_per_min: int = 30
    ) -> None:
        for name, flap in flaps.items():
            if dwell_s[name] < flap.travel_s:
                raise ValueError(
                    f"bin {name}: dwell {dwell_s[name]} s is shorter than the flap's travel {flap.travel_s} s"
                )
        self._flaps = dict(flaps)
        self._dwell_s = dict(dwell_s)
        self._clock = clock
        self._openings: deque[float] = deque(maxlen=max_openings_per_min)
        self._to_home: deque[str] = deque()
        self._to_halt: str | None = None
        self._retry = BackOff(clock)
        self.phase: Phase = HomePhase()
        self.inhibited = False
        self.opening_interrupted = False
        self.fault: str | None = None
        self.stuck_bins: frozenset[str] = frozenset()

    @property
    def state(self) -> DiverterState:
        """What it is doing, in a word."""
        return STATE_OF[type(self.phase)]

    @property
    def ready(self) -> bool:
        """Whether a flap may be opened now."""
        return isinstance(self.phase, HomePhase) and not (self.inhibited or self._to_home) and self.duty_wait_s <= 0

    @property
    def max_openings_per_min(self) -> int:
        """The duty limit."""
        return self._openings.maxlen or 0

    @property
    def duty_wait_s(self) -> float:
        """Time until the duty limit allows the next opening, in seconds; 0: it does."""
        if len(self._openings) < self.max_openings_per_min:
            return 0.0
        return max(self._openings[0] + DUTY_WINDOW_S - self._clock.now_s(), 0.0)

    @property
    def at_home(self) -> bool:
        """Whether every flap is home, as far as is known, with none on its way."""
        return isinstance(self.phase, HomePhase) and not self._to_home and self.fault is None

    @property
    def active_bin(self) -> str | None:
        """The bin whose flap is not at home."""
        return None if isinstance(self.phase, HomePhase) else self.phase.bin

    @property
    def may_stand_open(self) -> bool:
        """Whether a flap may stand open, as far as is known: one that is yet to be sent home may."""
        is_out = not isinstance(self.phase, HomePhase) and not self._flaps[self.phase.bin].is_shut
        return is_out or bool(self._to_home)

    def open(self, bin_name: str) -> None:
        """Start the cycle of one flap. Raises RuntimeError if not ``ready``."""
        if not self.ready:
            raise RuntimeError(f"flap {bin_name}: the diverter is not ready ({self.state})")
        self._openings.append(self._clock.now_s())
        self.opening_interrupted = False
        is_refused = False
        try:
            if not self._drive(bin_name, "open"):
                return
        except NoPermitError:
            is_refused = True
        # From here on: the command may have taken its time.
        now_s, travel_s = self._clock.now_s(), self._flaps[bin_name].travel_s
        self.phase = OpenPhase(bin_name, now_s + travel_s, now_s + self._dwell_s[bin_name])
        if is_refused:
            self._note_refused()

    def call_off(self) -> None:
        """Send the flap home again whose opening has not begun to let anything fall: what it was to drop is gone. One that
        may stand open ends its cycle."""
        phase = self.phase
        if isinstance(phase, OpenPhase) and not self.inhibited and self._flaps[phase.bin].is_shut:
            self.opening_interrupted = True
            self._go_home(phase.bin)

    def advance(self) -> bool:
        """Move on with the clock; True when a cycle (or a homing) has just ended with the flap home and let go."""
        self._note_stopped()
        self._halt_again()
        if not isinstance(self.phase, HomePhase) and self._clock.now_s() < self.phase.due_s:
            return False
        # Also while motion is forbidden: that is no motion.
        if isinstance(self.phase, ClosingPhase) and not self.phase.is_halted and self._settle(self.phase.bin):
            self.phase = HomePhase()
            if not self._to_home:
                self.fault = None
                self._retry.reset()
                return True
        if not self.inhibited:
            self._move_on()
        return False

    def inhibit(self, now: bool) -> None:
        """Forbid every motion from now on (a hand is in the way), or allow it again.

        A flap that stands open stays open; one under way stops where it is, if its drive can. One that does not take the
        command gets it again at every ``advance``. When motion is allowed again, a flap that stopped goes home.
        """
        if now is self.inhibited:
            return
        self.inhibited = now
        self._to_halt = None
        phase = self.phase
        if isinstance(phase, HomePhase):
            return
        if now and self._clock.now_s() < phase.arrives_s:
            # One that has failed keeps its pause, whether it stops or not.
            if not isinstance(phase, FaultPhase) and self._drive(phase.bin, "halt"):
                self.phase = replace(phase, is_halted=True)
            else:
                self._to_halt = phase.bin
                self._halt_again()
        elif not now:
            self._resume()

    def _resume(self) -> None:
        """Send a flap home that stopped on its way."""
        phase = self.phase
        if isinstance(phase, OpenPhase | ClosingPhase) and phase.is_halted:
            self.opening_interrupted = self.opening_interrupted or isinstance(phase, OpenPhase)
            self._go_home(phase.bin)

    def home_again(self, bin_name: str) -> None:
        """Send a flap home that should be there: it may have lost its power on the way."""
        self._to_home.append(bin_name)

    def home_all(self) -> None:
        """Send every flap home, one after the other, as after an unclean stop (where they stand is not known)."""
        self._to_home = deque(self._flaps)
        if not isinstance(self.phase, HomePhase):
            # The one that is out goes first; it may be in motion, and two must never be.
            self._to_home.remove(self.phase.bin)
        if isinstance(self.phase, OpenPhase):
            self.phase = replace(self.phase, due_s=self._clock.now_s())
        elif isinstance(self.phase, FaultPhase):
            self._to_home.appendleft(self.phase.bin)
            self.phase = HomePhase()
        self.advance()

    def shutdown(self, *, may_move: Callable[[], bool] = lambda: True) -> bool:
        """Bring home the flap that is out and those still waiting for it, and let every flap go (``bring_all_home``).

        Args:
            may_move: asked before each flap: the stop button may be on.

        Returns:
            False when a flap may not have come home.
        """
        phase, out = self.phase, self.active_bin
        away = [*([] if out is None else [out]), *self._to_home]
        on_its_way = isinstance(phase, ClosingPhase) and not phase.is_halted
        arrives_s = {phase.bin: phase.arrives_s} if isinstance(phase, ClosingPhase) and on_its_way else {}
        self.phase = HomePhase()
        self._to_home.clear()
        self._to_halt = None
        return bring_all_home(self._flaps, away, arrives_s=arrives_s, clock=self._clock, may_move=may_move)

    def _move_on(self) -> None:
        """Do what is due."""
        phase = self.phase
        if isinstance(phase, OpenPhase):
            self._note_stuck(phase)
            self._go_home(phase.bin)
        elif isinstance(phase, FaultPhase) and self._clock.now_s() >= phase.due_s:
            # One that stays broken must not keep the others from going home.
            self._to_home.append(phase.bin)
            self.phase = HomePhase()
        if isinstance(self.phase, HomePhase) and self._to_home:
            self._go_home(self._to_home.popleft())

    def _go_home(self, bin_name: str) -> None:
        try:
            if self._drive(bin_name, "home"):
                self.phase = ClosingPhase(bin_name, self._clock.now_s() + self._flaps[bin_name].travel_s)
        except NoPermitError:
            self.phase = ClosingPhase(bin_name, self._clock.now_s())
            self._note_refused()

    def _note_refused(self) -> None:
        """The guard refused the motion, for what it has seen since this was asked last: as if it had stopped at once."""
        assert isinstance(self.phase, OpenPhase | ClosingPhase)
        self.phase = replace(self.phase, is_halted=True)
        self.inhibited = True

    def _note_stopped(self) -> None:
        """Follow the guard, which may have stopped the flap on its way, or let it go, since it was commanded."""
        phase = self.phase
        if isinstance(phase, OpenPhase | ClosingPhase) and not phase.is_halted and self._flaps[phase.bin].was_stopped:
            self.phase = replace(phase, is_halted=True)
            if not self.inhibited:
                self._resume()

    def _drive(self, bin_name: str, command: str) -> bool:
        """Command a flap; False when that failed and is now a fault."""
        try:
            getattr(self._flaps[bin_name], command)()
        except NoPermitError:
            raise
        except FlapError as error:
            self._fail(bin_name, str(error))
            return False
        except Exception as error:
            # A bug in a driver: the loop reports it, and this flap must still be known to be out.
            self._fail(bin_name, f"flap {bin_name!r}: {error}")
            raise
        return True

    def _settle(self, bin_name: str) -> bool:
        """Let a flap go that should be home by now; False when that failed, or its end switch denies it: a fault."""
        if not self._drive(bin_name, "detach"):
            return False
        try:
            if self._flaps[bin_name].is_home is not False:
                return True
            self._fail(bin_name, f"flap {bin_name!r}: it did not come home, its end switch says: see what blocks it")
        except SensorError as error:
            self._fail(bin_name, str(error))
        return False

    def _halt_again(self) -> None:
        """Stop the flap that did not stop when motion was forbidden, if there is one: the hand is still there."""
        if self._to_halt is not None:
            with suppress(FlapError):
                self._flaps[self._to_halt].halt()
                self._to_halt = None

    def _note_stuck(self, phase: OpenPhase) -> None:
        """Note whether a flap that is about to go home has left it; one without the time to open is not judged."""
        if self._clock.now_s() < phase.arrives_s:
            return
        try:
            left = not self._flaps[phase.bin].is_home
        except SensorError:
            return  # reported when the flap should be home again
        if not left and phase.bin not in self.stuck_bins:
            log.warning("flap %s did not leave home, its end switch says", phase.bin)
        self.stuck_bins = self.stuck_bins - {phase.bin} if left else self.stuck_bins | {phase.bin}

    def _fail(self, bin_name: str, fault: str) -> None:
        """Send a flap home again after a pause."""
        travel_s, now_s = self._flaps[bin_name].travel_s, self._clock.now_s()
        pause_s = self._retry.fail(min_s=travel_s)
        self.phase = FaultPhase(bin_name, now_s + travel_s, now_s + pause_s)
        self.fault = fault
        log.warning("%s; it is sent home again in %g s", fault, pause_s)
