"""A flap that moves for as long as a person holds a button."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Literal

from edge.guard.guarded_flap import GuardedFlap, NoPermitError
from hardware.clock import Clock
from hardware.errors import FlapError

DEAD_MAN_S = 0.5
"""Time after which a button that has not been told of again counts as let go, in seconds: two messages may be late."""

Way = Literal["open", "home"]


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
