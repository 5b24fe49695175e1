"""A flap as the rest of the program knows it: every motion needs the permit, and time under current is limited."""

import logging
from collections.abc import Callable
from contextlib import suppress
from threading import Event, RLock

from edge.guard.flap_position import FlapPosition
from edge.guard.slow_closing import CREEP_S, CREEP_STEPS, SlowClosing
from hardware.clock import Clock
from hardware.errors import FlapError
from hardware.flap import Flap
from hardware.limits import is_weak

log = logging.getLogger(__name__)

SPARE_S = 0.3
"""How much earlier than its longest time under current a slow way ends, in seconds: a few checks, so that it is not let go just
before it is home."""

REST_S = 0.1
"""Time for which a drive that was long under current is let go before it comes home on the way out, in seconds."""


class NoPermitError(FlapError):
    """A motion was refused: there is no permit for it now."""


class GuardedFlap(Flap):
    """Wraps the driver of a flap.

    Args:
        flap: the driver.
        clock: time.
        may_move: whether the permit holds now.
        lock: held during each command, so that the guard's thread sees whole commands.

    Attributes:
        was_stopped: the guard has stopped it on its way or let it go, since its last command.
        is_out: it was sent away from home, and has not been let go there since.
        on_exit: the program ends: a weak flap closes without a permit, a strong one slowly.
    """

    def __init__(self, flap: Flap, *, clock: Clock, may_move: Callable[[], bool], lock: RLock) -> None:
        super().__init__(name=flap.name, travel_s=flap.travel_s)
        self.max_on_s, self.force_n = flap.max_on_s, flap.force_n
        self._flap = flap
        self._clock = clock
        self._may_move = may_move
        self._lock = lock
        self._position = FlapPosition(travel_s=flap.travel_s, clock=clock)
        self._closing: SlowClosing | None = None
        self._driven_since_s: float | None = None
        self._is_overdue = False
        self.was_stopped = False
        self.is_out = False
        self.on_exit = False

    @property
    def is_home(self) -> bool | None:
        return self._flap.is_home

    @property
    def is_shut(self) -> bool:
        return self._flap.is_shut

    @property
    def is_driven(self) -> bool:
        return self._flap.is_driven

    @property
    def is_moving(self) -> bool:
        """Whether it may still be on its way."""
        return self._position.is_moving

    @property
    def is_opening(self) -> bool:
        """Whether it may still be on its way to open."""
        return self._position.is_opening

    def open(self) -> None:
        self._move("open", self._flap.open, to_opening=1.0)

    def home(self) -> None:
        if self.on_exit and not is_weak(self.force_n) and not self._may_move():
            self._creep_home()
            return
        self._move("go home", self._flap.home, to_opening=0.0)
        self.is_out = False

    def halt(self) -> None:
        with self._lock:
            self._flap.halt()
            self._position.stay()
            if not self._flap.is_driven:
                self._driven_since_s = None

    def detach(self) -> None:
        with self._lock:
            self._flap.detach()
            self._driven_since_s = None

    def close(self) -> None:
        with self._lock:
            self._flap.close()

    def stop(self) -> None:
        """Stop it on its way: the permit has lapsed. One that cannot stop ends what it has begun."""
        if not self.was_stopped:
            log.warning("flap %s: stopped on its way, nothing shows any more that nobody is in the way", self.name)
        self.was_stopped = self.is_out = True
        # One that fails stays on its way, as far as is known, and is stopped again.
        with suppress(FlapError):
            self.halt()

    def creep(self) -> None:
        """Go on closing slowly, as far as the drive can. Call it regularly; ``stop_creeping`` ends it.

        One that may stand anywhere stays: the first step of a slow way might be a quick one towards open.
        """
        with self._lock:
            if not self._position.is_known:
                return
            if self._closing is None:
                log.warning("flap %s: nothing is seen for too long, it closes slowly", self.name)
                # Its time under current begins with the way home, and lasts for it.
                with suppress(FlapError):
                    self.halt()
                self._closing = self._slow_closing()
                return
            with suppress(FlapError):
                opening = self._closing.advance()
                if opening is not None:
                    self.was_stopped = True
                    self._position.place(opening)
                if opening == 0.0:
                    self.detach()
                    self.is_out = False

    def stop_creeping(self) -> None:
        """Stay where it is, if it was closing slowly."""
        with self._lock:
            if self._closing is not None:
                self._closing = None
                if self.is_out:
                    self.stop()

    def leave(self) -> bool:
        """The program ends. One that was held open for so long that it would be under current for too long before it is home is
        let go where it stands; True when it was: it needs a rest of ``REST_S``."""
        with self._lock:
            self.on_exit = True
            return not self.is_moving and self._let_go_before(self.travel_s)

    def forget_position(self) -> None:
        """It may stand anywhere, until it has gone all the way once. It counts as open."""
        with self._lock:
            self._position.forget()

    def limit_current(self) -> bool:
        """Let it go if it has been under current for ``max_on_s``; True when that was so. Call it regularly."""
        with self._lock:
            now_s = self._clock.now_s()
            if not self._flap.is_driven:
                self._driven_since_s, self._is_overdue = None, False
                return False
            if self._driven_since_s is None:
                self._driven_since_s = now_s
            if now_s - self._driven_since_s < self.max_on_s:
                return False
            if not self._is_overdue:
                log.warning("flap %s: under current for %g s, let go", self.name, self.max_on_s)
            # One that does not take the command gets it again at every check.
            self.was_stopped = self._is_overdue = True
            with suppress(FlapError):
                # A servo stays where it is, and a relay's flap goes home.
                (self.halt if self._flap.closes_slowly else self.detach)()
            return True

    def _move(self, what: str, command: Callable[[], None], *, to_opening: float) -> None:
        with self._lock:
            if not self.on_exit and not self._may_move():
                raise NoPermitError(f"flap {self.name!r}: may not {what} now")
            self.was_stopped, self.is_out = False, True
            if self._driven_since_s is None:
                self._driven_since_s = self._clock.now_s()
            self._position.set_out(to_opening)
            command()
            self._position.note_sent()

    def _creep_s(self, opening: float) -> float:
        """Time to close slowly from an opening, for a drive that was let go before, in seconds: no longer than it may be under
        current, but no faster than it travels."""
        return max(min(opening * CREEP_S, self.max_on_s - SPARE_S), self.travel_s)

    def _slow_closing(self) -> SlowClosing:
        """A slow way home from where it stands by the clock."""
        opening = self._position.opening
        return SlowClosing(self._flap, opening=opening, within_s=self._creep_s(opening), clock=self._clock)

    def _let_go_before(self, needed_s: float) -> bool:
        """Let it go where it stands if it may not be under current for ``needed_s`` more; True when it was."""
        on_s = 0.0 if self._driven_since_s is None else self._clock.now_s() - self._driven_since_s
        if on_s == 0.0 or on_s + needed_s <= self.max_on_s - SPARE_S:
            return False
        with suppress(FlapError):
            self.halt()
        return self._driven_since_s is None

    def _creep_home(self) -> None:
        """On the way out: close slowly, step by step where the drive can, else let its spring do it.

        Raises:
            NoPermitError: it may stand anywhere (see ``creep``); the next start brings it home.
        """
        if self._flap.closes_slowly and not self._position.is_known:
            raise NoPermitError(
                f"flap {self.name!r}: may not go home now, where it stands is not known: the next start brings it home"
            )
        never, within_s = Event(), self._creep_s(self._position.opening)
        if self._let_go_before(within_s):
            self._clock.wait(never, REST_S)
        closing = self._slow_closing()
        for _ in range(CREEP_STEPS):
            self._clock.wait(never, within_s / CREEP_STEPS)
            opening = closing.advance()
            if opening is None:
                self._flap.home()
                break
            # A second attempt goes on from here: further out would be a way back.
            self._position.place(opening)
        self.was_stopped = self.is_out = False
