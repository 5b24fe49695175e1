"""A flap moved by a hobby servo, whatever makes its pulses."""

from abc import abstractmethod
from typing import Required, TypedDict

from hardware.error_translation import driving
from hardware.errors import FlapError, HardwareConfigError
from hardware.flap import Flap
from hardware.limits import within
from hardware.sensor import Switch

FRAME_MS = 20.0
"""Time from one pulse to the next (50 Hz), in milliseconds."""

MIN_DEG, MAX_DEG = -90.0, 90.0
MIN_PULSE_MS, MAX_PULSE_MS = 0.5, 2.5
"""What common small servos do; measure yours."""


class ServoOptions(TypedDict, total=False):
    """What every servo is told; ``PulsedFlap`` explains it."""

    home_deg: Required[float]
    open_deg: Required[float]
    travel_s: float
    min_deg: float
    max_deg: float
    min_pulse_ms: float
    max_pulse_ms: float
    end_switch: Switch | None


class PulsedFlap(Flap):
    """One servo: the length of its pulses says where it goes. No pulses until the first command, none after ``detach()``.

    A subclass checks nothing and computes nothing: it sends pulses and stops sending them.

    Args:
        name: the bin's name, for messages.
        home_deg: angle of the closed flap, within ``min_deg..max_deg``.
        open_deg: angle of the open flap, within ``min_deg..max_deg``; not ``home_deg``.
        travel_s: time for the whole way between home and open, in seconds (0.01..10).
        min_deg: angle at the shortest pulse.
        max_deg: angle at the longest pulse; above ``min_deg``.
        min_pulse_ms: shortest pulse in milliseconds (0.1 or more).
        max_pulse_ms: longest pulse in milliseconds (above ``min_pulse_ms``, 5 at most).
        end_switch: on while the flap is home; None: there is none.

    Raises:
        HardwareConfigError: a limit is violated.
    """

    def __init__(
        self,
        *,
        name: str,
        home_deg: float,
        open_deg: float,
        travel_s: float = 0.4,
        min_deg: float = MIN_DEG,
        max_deg: float = MAX_DEG,
        min_pulse_ms: float = MIN_PULSE_MS,
        max_pulse_ms: float = MAX_PULSE_MS,
        end_switch: Switch | None = None,
    ) -> None:
        super().__init__(name=name, travel_s=travel_s, end_switch=end_switch)
        self._who = f"flap {name!r}"
        within(f"{self._who}: travel_s", travel_s, 0.01, 10)
        if not 0.1 <= min_pulse_ms < max_pulse_ms <= 5.0:
            raise HardwareConfigError(
                f"{self._who}: expected 0.1 <= min_pulse_ms < max_pulse_ms <= 5.0, got {min_pulse_ms} and {max_pulse_ms}"
            )
        if not min_deg < max_deg:
            raise HardwareConfigError(f"{self._who}: expected min_deg < max_deg, got {min_deg} and {max_deg}")
        for key, angle_deg in (("home_deg", home_deg), ("open_deg", open_deg)):
            if not min_deg <= angle_deg <= max_deg:
                raise HardwareConfigError(
                    f"{self._who}: {key}: expected an angle within {min_deg}..{max_deg}, got {angle_deg}"
                )
        if home_deg == open_deg:
            raise HardwareConfigError(f"{self._who}: home_deg and open_deg are both {home_deg}: it would never open")
        ms_per_deg = (max_pulse_ms - min_pulse_ms) / (max_deg - min_deg)
        self._home_ms = min_pulse_ms + (home_deg - min_deg) * ms_per_deg
        self._open_ms = min_pulse_ms + (open_deg - min_deg) * ms_per_deg
        self._closed = False

    @property
    @abstractmethod
    def _where(self) -> str:
        """What makes the pulses, for messages, e.g. ``pin 12``."""

    @abstractmethod
    def _pulse(self, width_ms: float) -> None:
        """Send pulses of this length, one every ``FRAME_MS``."""

    @abstractmethod
    def _quieten(self) -> None:
        """Send no more pulses."""

    @abstractmethod
    def _release(self) -> None:
        """Let go of what makes the pulses."""

    def open(self) -> None:
        self._go("open", self._open_ms)

    def home(self) -> None:
        self._go("go home", self._home_ms)

    def detach(self) -> None:
        if not self._closed:
            with driving(self._who, self._where, "detach", FlapError):
                self._quieten()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with driving(self._who, self._where, "release", FlapError):
            try:
                self._quieten()
            finally:
                self._release()

    def _go(self, what: str, width_ms: float) -> None:
        if self._closed:
            raise FlapError(f"{self._who}: cannot {what}, it is closed")
        with driving(self._who, self._where, what, FlapError):
            self._pulse(width_ms)
