"""What a person does to the bin from afar: pause and go on, send every flap home, move one with a held button."""

from edge.actuation.diverter import Diverter
from edge.actuation.held_flap import HeldFlap, Way
from edge.actuation.operator_mode import OperatorMode
from edge.errors import RefusedError
from edge.guard.guard import Guard
from hardware.clock import Clock
from hardware.errors import FlapError

HOME_EVERY_S = 3.0
"""Shortest time between two commands to send every flap home, in seconds: a button that is hit again and again wears no drive."""


class HandControl:
    """Commands the diverter, and one flap by itself, as far as mode and guard allow. Nothing else moves meanwhile.

    Args:
        diverter: moves the flaps of the guard.
        guard: owns the flaps.
        mode: whether the bin is paused, stopped or in service.
        clock: time.
    """

    def __init__(self, diverter: Diverter, guard: Guard, mode: OperatorMode, *, clock: Clock) -> None:
        self._diverter = diverter
        self._mode = mode
        self._clock = clock
        self._held = HeldFlap(guard.flaps, clock=clock)
        self._bins = tuple(guard.flaps)
        self._homed_s: float | None = None

    @property
    def is_out(self) -> bool:
        """Whether a flap was moved by hand and is to stay where it is."""
        return self._held.bin is not None

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
        if self._held.bin not in (None, bin_name):
            raise RefusedError(f"the flap of {self._held.bin} is out: send it home first")
        if not self.is_out:
            if not self._diverter.at_home:
                raise RefusedError("a flap is not home yet, or at fault: wait until all are home")
            # It is home again only once the diverter has brought it there, whatever becomes of the button.
            self._diverter.home_again(bin_name)
        try:
            self._held.hold(bin_name, to)
        except FlapError as error:
            raise RefusedError(str(error)) from error

    def give_back(self) -> None:
        """Leave the flap that was moved by hand to the diverter, which sends it home."""
        self._held.give_back()

    def advance(self) -> None:
        """Stop the flap whose button was let go. Call it with every step."""
        if self.is_out:
            self._held.advance()

    def _refuse_locked(self) -> None:
        if self._mode.is_stopped:
            raise RefusedError("the stop button is on, or cannot be read: no flap moves")
        if self._mode.in_service:
            raise RefusedError("the bin is in service, somebody may have a hand in it: no flap moves")
