"""The diverter: the state machine that moves the flaps, one at a time, on the injected clock."""

import logging
import threading
from collections import deque
from collections.abc import Mapping
from enum import StrEnum

from hardware.clock import Clock
from hardware.errors import FlapError
from hardware.flap import Flap

log = logging.getLogger(__name__)


class FlapState(StrEnum):
    """What the diverter is doing."""

    HOME = "home"
    """Every flap is closed and let go."""
    OPEN = "open"
    """One flap travels to open and dwells there."""
    CLOSING = "closing"
    """That flap travels home."""
    FAULT = "fault"
    """A flap could not be driven; nothing moves until ``home_all`` or ``shutdown``."""


class Diverter:
    """Opens one flap, dwells, homes it, lets it go. Nothing moves at construction.

    Args:
        flaps: bin name -> flap.
        dwell_s: bin name -> seconds from the command to open until the command to go home; not below the travel time.
        clock: time.
        max_openings_per_min: duty limit over all flaps; further openings wait (``ready`` is False). > 0.
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
        self.state = FlapState.HOME

    @property
    def ready(self) -> bool:
        """May a flap be opened now?"""
        if self.state is not FlapState.HOME or self._to_home:
            return False
        return len(self._openings) < (self._openings.maxlen or 0) or self._clock.now_s() - self._openings[0] >= 60.0

    @property
    def active_bin(self) -> str | None:
        """The bin whose flap is not at home."""
        return self._bin

    def open(self, bin_name: str) -> None:
        """Start the cycle of one flap.

        Raises:
            RuntimeError: not ``ready``.
            FlapError: the pin cannot be driven; the diverter is then in FAULT.
        """
        if not self.ready:
            raise RuntimeError(f"flap {bin_name}: the diverter is not ready ({self.state})")
        now_s = self._clock.now_s()
        self._openings.append(now_s)
        self._bin = bin_name
        self._drive(bin_name, "open")
        self.state, self._until_s = FlapState.OPEN, now_s + self._dwell_s[bin_name]

    def update(self) -> bool:
        """Advance with the clock; True when a cycle (or a homing) has just ended with the flap home and let go.

        Raises:
            FlapError: the pin cannot be driven; the diverter is then in FAULT.
        """
        if self.state in (FlapState.OPEN, FlapState.CLOSING) and self._clock.now_s() < self._until_s:
            return False
        if self.state is FlapState.OPEN:
            assert self._bin is not None
            self._go_home(self._bin)
        elif self.state is FlapState.CLOSING:
            assert self._bin is not None
            self._drive(self._bin, "detach")
            self.state, self._bin = FlapState.HOME, None
            if not self._to_home:
                return True
        if self.state is FlapState.HOME and self._to_home:
            self._go_home(self._to_home.popleft())
        return False

    def home_all(self) -> None:
        """Send every flap home, one after the other, as after an unclean stop (nobody knows where they are)."""
        self._to_home = deque(self._flaps)
        if self._bin is not None:
            # The one that is out goes first; it may be in motion, and two must never be.
            self._to_home.remove(self._bin)
            if self.state is FlapState.OPEN:
                self._until_s = self._clock.now_s()
            if self.state is FlapState.FAULT:
                self._to_home.appendleft(self._bin)
                self.state, self._bin = FlapState.HOME, None
        self.update()

    def shutdown(self) -> bool:
        """Bring home the flap that is out and those still waiting for it (after an unclean stop), each with its travel on
        the clock; let every flap go. Never raises: it is the way out. False when a flap may not have come home."""
        all_home = self.state is not FlapState.FAULT
        never = threading.Event()
        for name in [*([] if self._bin is None else [self._bin]), *self._to_home]:
            flap = self._flaps[name]
            try:
                if name != self._bin or self.state is not FlapState.CLOSING:
                    flap.home()
                    self._until_s = self._clock.now_s() + flap.travel_s
                self._clock.wait(never, self._until_s - self._clock.now_s())
                flap.detach()
            except Exception:
                all_home = False
                log.exception("flap %s could not be brought home", name)
        for name, flap in self._flaps.items():
            try:
                flap.detach()
            except Exception:
                log.exception("flap %s could not be let go", name)
        self.state, self._bin = FlapState.HOME, None
        self._to_home.clear()
        return all_home

    def _go_home(self, bin_name: str) -> None:
        self._bin = bin_name
        self._drive(bin_name, "home")
        self.state, self._until_s = FlapState.CLOSING, self._clock.now_s() + self._flaps[bin_name].travel_s

    def _drive(self, bin_name: str, where: str) -> None:
        try:
            getattr(self._flaps[bin_name], where)()
        except FlapError:
            self.state = FlapState.FAULT
            raise
