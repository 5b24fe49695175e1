"""The diverter: the state machine that moves the flaps, one at a time, on the injected clock."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum

from edge.backoff import BackOff
from hardware.clock import Clock
from hardware.errors import FlapError, SensorError
from hardware.flap import Flap

log = logging.getLogger(__name__)


class DiverterState(StrEnum):
    """What the diverter is doing."""

    HOME = "home"
    """Every flap is closed and let go."""
    OPEN = "open"
    """One flap travels to open and dwells there."""
    CLOSING = "closing"
    """That flap travels home."""
    FAULT = "fault"
    """A flap could not be driven; it is sent home again after a pause."""


class Diverter:
    """Opens one flap, dwells, homes it, lets it go. Nothing moves at construction.

    A flap that cannot be driven is a fault, not an exception: ``fault`` says what is wrong, nothing opens, and the flap
    is sent home again after pauses of 1, 2, 4 .. 60 s until its pin answers. One whose end switch says that it did not come
    home is such a fault too. One that did not leave home is noted in ``blocked``: what was to fall is still there.

    Args:
        flaps: bin name -> flap.
        dwell_s: bin name -> seconds from the command to open until the command to go home; not below the travel time.
        clock: time.
        max_openings_per_min: duty limit over all flaps; further openings wait (``ready`` is False). > 0.

    Attributes:
        state: what it is doing.
        held: nothing may move now (``hold``).
        cut_short: the last opening ended before its flap was open.
        fault: what is wrong with a flap, in words; None once every flap that failed is home.
        blocked: bins whose flap did not leave home when it was opened last, as its end switch says.
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
        self._bin: str | None = None
        self._until_s = 0.0
        self._arrives_s = 0.0
        self._let_go = False
        self._to_halt: str | None = None
        self._retry = BackOff(clock)
        self.state = DiverterState.HOME
        self.inhibited = False
        self.opening_interrupted = False
        self.fault: str | None = None
        self.stuck_bins: frozenset[str] = frozenset()

    @property
    def ready(self) -> bool:
        """May a flap be opened now?"""
        if self.inhibited or self.state is not DiverterState.HOME or self._to_home:
            return False
        return len(self._openings) < (self._openings.maxlen or 0) or self._clock.now_s() - self._openings[0] >= 60.0

    @property
    def at_home(self) -> bool:
        """Is every flap home, as far as anybody knows, with none on its way?"""
        return self.state is DiverterState.HOME and not self._to_home and self.fault is None

    @property
    def active_bin(self) -> str | None:
        """The bin whose flap is not at home."""
        return self._bin

    def open(self, bin_name: str) -> None:
        """Start the cycle of one flap.

        Raises:
            RuntimeError: not ``ready``.
        """
        if not self.ready:
            raise RuntimeError(f"flap {bin_name}: the diverter is not ready ({self.state})")
        self._openings.append(self._clock.now_s())
        self._bin, self.opening_interrupted = bin_name, False
        self._go_open(bin_name)

    def advance(self) -> bool:
        """Advance with the clock; True when a cycle (or a homing) has just ended with the flap home and let go."""
        self._halt_again()
        if self.state is not DiverterState.HOME and self._clock.now_s() < self._until_s:
            return False
        # A flap that has arrived is let go also under a hold: that is no motion.
        if self.state is DiverterState.CLOSING and not self._let_go and self._drive("detach") and self._has_come_home():
            self.state, self._bin = DiverterState.HOME, None
            if not self._to_home:
                self.fault = None
                self._retry.reset()
                return True
        if self.inhibited:
            return False
        if self.state is DiverterState.OPEN:
            assert self._bin is not None
            self._note_blocked(self._bin)
            self._go_home(self._bin)
        elif self.state is DiverterState.FAULT and self._clock.now_s() >= self._until_s:
            assert self._bin is not None
            # One that stays broken must not keep the others from going home.
            self._to_home.append(self._bin)
            self.state, self._bin = DiverterState.HOME, None
        if self.state is DiverterState.HOME and self._to_home:
            self._go_home(self._to_home.popleft())
        return False

    def inhibit(self, now: bool) -> None:
        """Nothing may move from now on (a hand is in the way), or may again.

        A flap that stands open stays open; one under way stops where it is, if it is a servo; a relay cannot, and what it
        has begun it ends. One that does not take the command gets it again at every ``update``. When the hold ends, a flap
        that stopped goes home: what it was opened for may have fallen meanwhile, and something else lie there.
        """
        if now is self.inhibited:
            return
        self.inhibited = now
        self._to_halt = None
        under_way = self.state is not DiverterState.HOME and self._clock.now_s() < self._arrives_s
        if now and under_way:
            # One that has failed keeps its pause, whether it stops or not.
            self._let_go = self.state is not DiverterState.FAULT and self._drive("halt")
            if not self._let_go:
                self._to_halt = self._bin
                self._halt_again()
        elif not now and self._let_go:
            assert self._bin is not None
            self.opening_interrupted = self.opening_interrupted or self.state is DiverterState.OPEN
            self._go_home(self._bin)

    def home_all(self) -> None:
        """Send every flap home, one after the other, as after an unclean stop (nobody knows where they are)."""
        self._to_home = deque(self._flaps)
        if self._bin is not None:
            # The one that is out goes first; it may be in motion, and two must never be.
            self._to_home.remove(self._bin)
            if self.state is DiverterState.OPEN:
                self._until_s = self._clock.now_s()
            if self.state is DiverterState.FAULT:
                self._to_home.appendleft(self._bin)
                self.state, self._bin = DiverterState.HOME, None
        self.advance()

    def shutdown(self, *, may_move: Callable[[], bool] = lambda: True) -> bool:
        """Bring home the flap that is out and those still waiting for it (after an unclean stop), each with its travel on
        the clock; try those once more that fail; let every flap go. Never raises, and no hold stops it: it is the way out,
        and a flap that stands open without power stays so. Only ``may_move`` does, asked before each flap: somebody may
        have pressed the stop button. False when a flap may not have come home."""
        away = [*([] if self._bin is None else [self._bin]), *self._to_home]
        for _ in range(2):
            away = [name for name in away if not self._bring_home(name, may_move)]
            self.state, self._bin, self._let_go = DiverterState.HOME, None, False
        self._to_home.clear()
        self._to_halt = None
        for name, flap in self._flaps.items():
            try:
                flap.detach()
            except Exception:
                log.exception("flap %s could not be let go", name)
        return not away

    def _bring_home(self, name: str, may_move: Callable[[], bool]) -> bool:
        """On the way out: move one flap home and let it go, unless none may move. Is it home, as far as anybody knows?"""
        flap = self._flaps[name]
        never = threading.Event()
        on_its_way = name == self._bin and self.state is DiverterState.CLOSING and not self._let_go
        arrives_s = self._until_s if on_its_way else self._clock.now_s() + flap.travel_s
        try:
            if not may_move():
                return False
            if not on_its_way:
                flap.home()
            self._clock.wait(never, arrives_s - self._clock.now_s())
            flap.detach()
            if flap.is_home is not False:
                return True
            log.error("flap %s did not come home, its end switch says", name)
        except Exception:
            log.exception("flap %s could not be brought home", name)
            # It may be under way all the same: until it has had time to arrive, nothing else moves.
            self._clock.wait(never, arrives_s - self._clock.now_s())
        return False

    def _go_open(self, bin_name: str) -> None:
        self._let_go = False
        if self._drive("open"):
            now_s = self._clock.now_s()
            self._arrives_s = now_s + self._flaps[bin_name].travel_s
            self.state, self._until_s = DiverterState.OPEN, now_s + self._dwell_s[bin_name]

    def _go_home(self, bin_name: str) -> None:
        self._bin, self._let_go = bin_name, False
        if self._drive("home"):
            self._arrives_s = self._until_s = self._clock.now_s() + self._flaps[bin_name].travel_s
            self.state = DiverterState.CLOSING

    def _drive(self, where: str) -> bool:
        """Command the flap that is out; False when that failed and is now a fault."""
        assert self._bin is not None
        try:
            getattr(self._flaps[self._bin], where)()
        except FlapError as error:
            self._fail(str(error))
            return False
        return True

    def _halt_again(self) -> None:
        """Stop the flap that did not stop when the hold began, if there is one: the hand is still there."""
        if self._to_halt is not None:
            with suppress(FlapError):
                self._flaps[self._to_halt].halt()
                self._to_halt = None

    def _has_come_home(self) -> bool:
        """Does the end switch of the flap that is out, if there is one, say home? If not that is now a fault."""
        assert self._bin is not None
        try:
            if self._flaps[self._bin].is_home is not False:
                return True
            self._fail(f"flap {self._bin!r}: it did not come home, its end switch says: see what blocks it")
        except SensorError as error:
            self._fail(str(error))
        return False

    def _note_blocked(self, name: str) -> None:
        """A flap is to go home; if it has had the time to open, has it?"""
        if self._clock.now_s() < self._arrives_s:
            return
        try:
            left = not self._flaps[name].is_home
        except SensorError:
            return  # it is told when the flap should be home again
        if not left and name not in self.stuck_bins:
            log.warning("flap %s did not leave home, its end switch says", name)
        self.stuck_bins = self.stuck_bins - {name} if left else self.stuck_bins | {name}

    def _fail(self, fault: str) -> None:
        """The flap that is out is sent home again after a pause."""
        assert self._bin is not None
        # It may be under way all the same: until it has had time to arrive, nothing else moves.
        travel_s, now_s = self._flaps[self._bin].travel_s, self._clock.now_s()
        pause_s = self._retry.fail(least_s=travel_s)
        self.state, self._let_go = DiverterState.FAULT, False
        self._arrives_s, self._until_s = now_s + travel_s, now_s + pause_s
        self.fault = fault
        log.warning("%s; it is sent home again in %g s", fault, pause_s)
