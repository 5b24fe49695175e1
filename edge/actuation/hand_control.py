"""What a person does to the bin from afar: pause and go on, send every flap home, move one with a held button."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Literal

from edge.actuation.diverter import Diverter
from edge.actuation.operator_mode import OperatorMode
from edge.errors import RefusedError
from edge.guard.guard import Guard
from edge.guard.guarded_flap import GuardedFlap, NoPermitError
from hardware.clock import Clock
from hardware.errors import FlapError

HOME_EVERY_S = 3.0
"""Shortest time between two commands to send every flap home, in seconds: a button that is hit again and again wears no drive."""

DEAD_MAN_S = 0.5
"""Time after which a button that has not been told of again counts as let go, in seconds: two messages may be late."""

Way = Literal["open", "home"]


class HandControl:
    """Commands the diverter, and one flap by itself, as far as mode and guard allow. Nothing else moves meanwhile.

    Args:
        diverter: moves the flaps of the guard.
        guard: owns the flaps.
        mode: whether the bin is paused, stopped or in service.
        clock: time.

    Attributes:
        held: the flap that is moved by itself, if one is.
    """

    def __init__(self, diverter: Diverter, guard: Guard, mode: OperatorMode, *, clock: Clock) -> None:
        self._diverter = diverter
        self._mode = mode
        self._clock = clock
        self.held = HeldFlap(guard.flaps, clock=clock)
        self._bins = tuple(guard.flaps)
        self._homed_s: float | None = None

    def pause(self) -> None:
        """Decide nothing more, once the item under way is finished."""
        self._mode.pause(self._clock.now_s())

    def go_on(self) -> None:
        """Sort again; a flap that was moved by hand goes home first."""
        self.give_back()
        self._mode.go_on()

    def home(self) -> None:
        """Send every flap home, one after the other, as soon as the guard permits.

        Raises:
            RefusedError: nothing may move, or they were sent home a moment ago.
        """
        self._refuse_locked()
        now_s = self._clock.now_s()
        if self._homed_s is not None and now_s - self._homed_s < HOME_EVERY_S:
            raise RefusedError(f"the flaps were sent home a moment ago: wait {HOME_EVERY_S:g} s")
        self._homed_s = now_s
        self.give_back()
        self._diverter.home_all()

    def jog(self, bin_name: str, to: Way, *, is_delivering: bool) -> None:
        """Move a flap for as long as this is repeated (``DEAD_MAN_S``); it then stays where it is, until it is sent home.

        Args:
            bin_name: whose flap.
            to: which way.
            is_delivering: whether an item is under way.

        Raises:
            RefusedError: it may not move now, or cannot.
        """
        self._refuse_locked()
        if bin_name not in self._bins:
            raise RefusedError(f"there is no bin {bin_name!r}; the bins are {', '.join(self._bins)}")
        if not self._mode.is_paused or is_delivering:
            raise RefusedError("a flap is moved by hand only while the bin is paused and no item is under way")
        if self.held.bin not in (None, bin_name):
            raise RefusedError(f"the flap of {self.held.bin} is out: send it home first")
        if self.held.bin is None:
            if to == "home":
                return  # it is there, or on its way
            if not self._diverter.at_home:
                raise RefusedError("a flap is not home yet, or at fault: wait until all are home")
            # It is home again only once the diverter has brought it there, whatever becomes of the button.
            self._diverter.home_again(bin_name)
        try:
            self.held.hold(bin_name, to)
        except FlapError as error:
            raise RefusedError(str(error)) from error

    def give_back(self) -> None:
        """Leave the flap that was moved by hand to the diverter, which sends it home."""
        self.held.give_back()

    def _refuse_locked(self) -> None:
        if self._mode.is_stopped:
            raise RefusedError("the stop button is on, or cannot be read: no flap moves")
        if self._mode.in_service:
            raise RefusedError("the bin is in service, somebody may have a hand in it: no flap moves")


class HeldFlap:
    """Moves one flap under the guard's permit, and stops it once the button is let go. It stays there: out.

    What the guard has refused or stopped moves again only after the button was let go.

    Args:
        flaps: bin name -> the guard's flap.
        clock: time.

    Attributes:
        bin: whose flap was moved and has not been sent home since; None: none was.
    """

    def __init__(self, flaps: Mapping[str, GuardedFlap], *, clock: Clock) -> None:
        self.bin: str | None = None
        self._flaps = flaps
        self._clock = clock
        self._to: Way | None = None
        self._is_refused = False
        self._held_s = self._began_s = 0.0

    def hold(self, bin_name: str, to: Way) -> None:
        """Take note that the button is held. Another flap than ``bin``, or another way, counts as pressed anew.

        Raises:
            FlapError: it may not move now (``NoPermitError``), was stopped, or cannot be driven.
        """
        flap = self._flaps[bin_name]
        self._held_s = self._clock.now_s()
        if (self.bin, self._to) == (bin_name, to):
            if self._is_refused or flap.was_stopped:
                raise NoPermitError(
                    f"flap {bin_name!r}: it may not move, or was stopped; let the button go, look, and press again"
                )
            return
        # Before the command, which may fail on its way.
        self.bin, self._to, self._is_refused = bin_name, to, True
        self._began_s = self._held_s
        flap.open() if to == "open" else flap.home()
        self._is_refused = False

    def advance(self) -> None:
        """Stop the flap if the button was let go, and give it back once it is home. Call it with every step."""
        if self.bin is None or self._to is None:
            return
        now_s, flap = self._clock.now_s(), self._flaps[self.bin]
        if now_s - self._held_s > DEAD_MAN_S:
            self._stop()
        elif (
            self._to == "home" and not (self._is_refused or flap.was_stopped) and now_s - self._began_s >= flap.travel_s
        ):
            self.bin = self._to = None

    def give_back(self) -> None:
        """Stop it where it is; from now on somebody else sends it home."""
        if self._to is not None:
            self._stop()
        self.bin = None

    def _stop(self) -> None:
        assert self.bin is not None, "no flap is held"
        self._to = None
        # One that does not take the command is seen to by the guard, which lets it go in time.
        with suppress(FlapError):
            self._flaps[self.bin].halt()
