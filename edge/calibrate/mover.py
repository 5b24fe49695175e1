"""Jogs one flap for the user: to any angle within its limits, detached after every move, home at the end."""

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from edge.calibrate.signals import defer_signals
from hardware.clock import Clock
from hardware.errors import FlapError, HardwareConfigError
from hardware.flap import Flap

WHOLE_WAY_S = 1.0
"""A whole way is given this long at least, in seconds: how long it takes may be what is to be found out."""

STEP_S = 0.4
"""The same for a small step."""

NEAR_DEG = 20.0
"""A step is small up to here, in degrees."""

LOOK_S = 0.02
"""So often the stop button is looked at while a flap moves, in seconds."""


class FlapJogger:
    """One flap's drive, made anew whenever it is to work otherwise. A context manager: the flap is brought home at its end.

    Args:
        options: of the flap's driver, as in the configuration, without ``kind``.
        make: makes the driver with such options, for the stack to close; nothing moves.
        clock: time.
        stopped: whether the stop button is on: then nothing moves, also not home. Raises SensorError.

    Attributes:
        options: what the person has changed them to.
        angle_deg: where a servo stands; None: nobody knows yet, or it is a relay.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        make: Callable[[ExitStack, Mapping[str, Any]], Flap],
        clock: Clock,
        *,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.options = dict(options)
        self.angle_deg: float | None = None
        self._make = make
        self._clock = clock
        self._stopped = stopped
        self._never = threading.Event()
        self._flap: Flap | None = None
        self._held = ExitStack()
        self._made_with: dict[str, Any] = {}
        self._moved = self._arrived = False

    def at_home(self) -> bool | None:
        """Whether the end switch is on; None without one.

        Raises:
            SensorError: it cannot be read.
        """
        return self._drive({}).is_home

    def move_to(self, angle_deg: float) -> None:
        """Move a servo to an angle and let it go.

        Raises:
            HardwareConfigError: the angle lies outside the limits; nothing moves.
            FlapError: it cannot be driven.
        """
        least, most = self.options["min_deg"], self.options["max_deg"]
        if not least <= angle_deg <= most:
            raise HardwareConfigError(f"{angle_deg:g} degrees lies outside the limits {least:g} .. {most:g}")
        near = self._arrived and self.angle_deg is not None and abs(angle_deg - self.angle_deg) <= NEAR_DEG
        # A flap at any angle is one that is open there.
        other = most if angle_deg == least else least
        self._command(self._drive({"open_deg": angle_deg, "home_deg": other}), "open")
        self.angle_deg = angle_deg
        self.detach(after_s=STEP_S if near else self.full_travel_s)

    def home(self) -> None:
        """Go home and detach.

        Raises:
            FlapError: it cannot be driven.
        """
        self.start_home()
        self.detach(after_s=self.full_travel_s)

    def cycle(self, dwell_s: float) -> None:
        """Open, dwell so many seconds, go home and let go, as for an item. Raises FlapError."""
        self.start_open()
        self._wait(max(dwell_s, self.options["travel_s"]))
        self.home()

    def start_open(self) -> None:
        """Set off to the open position; the caller lets go. Raises FlapError."""
        self._command(self._drive({}), "open")
        self.angle_deg = self.options.get("open_deg")

    def start_home(self) -> None:
        """Set off home; the caller lets go. Raises FlapError."""
        self._command(self._drive({}), "home")
        self.angle_deg = self.options.get("home_deg")

    def check_stop_button(self) -> None:
        """Stop on the way if the stop button is on; whoever waits for a flap by other means calls it while he does.

        Raises:
            FlapError: it is.
        """
        if self._stopped():
            if self._flap is not None:
                self._flap.halt()
            raise FlapError("the stop button was pressed (panel.stop_button): the flap has stopped on its way")

    def detach(self, *, after_s: float = 0.0) -> None:
        """No more pulses, after so many seconds; a relay drops.

        Raises:
            FlapError: it cannot be driven, or the stop button was pressed meanwhile: it has stopped on its way.
        """
        self._wait(after_s)
        if self._flap is not None:
            self._flap.detach()
        self._arrived = True

    @property
    def full_travel_s(self) -> float:
        """How long the way between home and open is given, in seconds."""
        return float(max(1.5 * self.options["travel_s"], WHOLE_WAY_S))

    def close(self) -> None:
        """Bring the flap home if it has moved, detach and release it. May be called twice.

        Raises:
            FlapError: it cannot be driven home; it is released nevertheless.
        """
        with defer_signals():
            try:
                if self._moved:
                    self.home()
            finally:
                self._moved = False
                self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _drive(self, changes: Mapping[str, Any]) -> Flap:
        wanted = {**self.options, **changes}
        if self._flap is None or wanted != self._made_with:
            self._release()
            self._flap, self._made_with = self._make(self._held, wanted), wanted
        return self._flap

    def _command(self, flap: Flap, where: str) -> None:
        if self._stopped():
            raise FlapError("the stop button is on (panel.stop_button): nothing moves")
        self._arrived = False
        self._moved = True  # set before the command: a failing one may have moved the flap partly
        getattr(flap, where)()

    def _wait(self, seconds: float) -> None:
        until_s = self._clock.now_s() + seconds
        while (left_s := until_s - self._clock.now_s()) > 1e-9:
            self._clock.wait(self._never, min(left_s, LOOK_S))
            self.check_stop_button()

    def _release(self) -> None:
        self._flap = None
        self._held.close()
