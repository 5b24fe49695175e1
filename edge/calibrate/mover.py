"""Jogs one flap for the user: to any angle within its limits, detached after every move, home at the end."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from edge.calibrate.signals import defer_signals
from hardware.clock import Clock
from hardware.drives.section import AngularSection, FlapSection
from hardware.errors import FlapError, HardwareConfigError
from hardware.flap import AngularFlap, Flap

WHOLE_WAY_S = 1.0
"""Shortest time that a whole way is given, in seconds: how long it takes may be what is to be found out."""

SLOWER = 1.5
"""A whole way is given this many times the configured travel time: a flap not yet calibrated may take longer."""

STEP_S = 0.4
"""Shortest time that a small step is given, in seconds."""

STEP_SHARE = 0.25
"""The same as a share of the travel time: a small step is less than a quarter of a common way."""

NEAR_DEG = 20.0
"""Largest step that counts as small, in degrees."""

LOOK_S = 0.02
"""Time from one look at the stop button to the next while a flap moves, in seconds."""


class FlapJogger:
    """One flap's drive, made again whenever its section changes. A context manager: the flap is brought home at its end.

    Args:
        section: the flap's section of the configuration.
        make: makes the driver of such a section, for the stack to close; nothing moves.
        clock: time.
        stopped: whether the stop button is on: then nothing moves, also not home. Raises SensorError.

    Attributes:
        section: what the person has changed it to.
        angle_deg: where the drive stands; None: not known yet, or it is one without angles.
    """

    def __init__(
        self,
        section: FlapSection,
        make: Callable[[ExitStack, FlapSection], Flap],
        clock: Clock,
        *,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.section = section
        self.angle_deg: float | None = None
        self._make = make
        self._clock = clock
        self._stopped = stopped
        self._never = threading.Event()
        self._flap: Flap | None = None
        self._held = ExitStack()
        self._made_with: FlapSection | None = None
        self._moved = self._arrived = False

    def at_home(self) -> bool | None:
        """Whether the end switch is on; None without one.

        Raises:
            SensorError: it cannot be read.
        """
        return self._drive().is_home

    def move_to(self, angle_deg: float) -> None:
        """Move to an angle and stop there; only for an ``AngularSection``.

        Raises:
            HardwareConfigError: the angle lies outside the limits; nothing moves.
            FlapError: it cannot be driven.
        """
        assert isinstance(self.section, AngularSection)
        least, most = self.section.jog_range.min_deg, self.section.jog_range.max_deg
        if not least <= angle_deg <= most:
            raise HardwareConfigError(f"{angle_deg:g} degrees lies outside the limits {least:g} .. {most:g}")
        near = self._arrived and self.angle_deg is not None and abs(angle_deg - self.angle_deg) <= NEAR_DEG
        flap = self._drive()
        assert isinstance(flap, AngularFlap)  # an ``AngularSection`` makes one
        self._command(lambda: flap.move_to(angle_deg))
        self.angle_deg = angle_deg
        self._wait(max(STEP_S, STEP_SHARE * self.section.travel_s) if near else self.full_travel_s)
        # Not detached: a stepper without current forgets where it stands. A servo gets no more pulses either way.
        flap.halt()
        self._arrived = True

    def home(self) -> None:
        """Go home and detach.

        Raises:
            FlapError: it cannot be driven.
        """
        self.start_home()
        self.detach(after_s=self.full_travel_s)

    def cycle(self, dwell_s: float) -> None:
        """Open, dwell this many seconds, go home and let go, as for an item. Raises FlapError."""
        self.start_open()
        self._wait(max(dwell_s, self.section.travel_s))
        self.home()

    def start_open(self) -> None:
        """Set off to the open position; the caller lets go. Raises FlapError."""
        self._command(self._drive().open)
        self.angle_deg = self.section.jog_range.open_deg if isinstance(self.section, AngularSection) else None

    def start_home(self) -> None:
        """Set off home; the caller lets go. Raises FlapError."""
        self._command(self._drive().home)
        self.angle_deg = self.section.jog_range.home_deg if isinstance(self.section, AngularSection) else None

    def check_stop_button(self) -> None:
        """Stop on the way if the stop button is on; to be called while waiting for a flap by other means.

        Raises:
            FlapError: it is.
        """
        if self._stopped():
            if self._flap is not None:
                self._flap.halt()
            raise FlapError("the stop button was pressed (panel.stop_button): the flap has stopped on its way")

    def detach(self, *, after_s: float = 0.0) -> None:
        """Send no more pulses after this many seconds; a relay drops.

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
        return max(SLOWER * self.section.travel_s, WHOLE_WAY_S)

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

    def _drive(self) -> Flap:
        if self._flap is None or self.section != self._made_with:
            self._release()
            self._flap, self._made_with = self._make(self._held, self.section), self.section
        return self._flap

    def _command(self, command: Callable[[], None]) -> None:
        if self._stopped():
            raise FlapError("the stop button is on (panel.stop_button): nothing moves")
        self._arrived = False
        self._moved = True  # set before the command: a failing one may have moved the flap partly
        command()

    def _wait(self, seconds: float) -> None:
        until_s = self._clock.now_s() + seconds
        while (left_s := until_s - self._clock.now_s()) > 1e-9:
            self._clock.wait(self._never, min(left_s, LOOK_S))
            self.check_stop_button()

    def _release(self) -> None:
        self._flap = None
        self._held.close()
