"""A flap moved by a hobby servo."""

from typing import Any

from gpiozero import AngularServo

from hardware.errors import FlapError, HardwareConfigError
from hardware.flap import Flap
from hardware.flaps.guard import claiming, driving
from hardware.limits import within

FRAME_MS = 20.0
"""Time from one pulse to the next (50 Hz), in milliseconds."""

MIN_DEG, MAX_DEG = -90.0, 90.0
MIN_PULSE_MS, MAX_PULSE_MS = 0.5, 2.5
"""What common small servos do; measure yours."""


class ServoFlap(Flap):
    """One servo on one pin. No pulses until the first command, none after ``detach()``.

    Args:
        name: the bin's name, for messages.
        pin_factory: a gpiozero pin factory.
        pin: BCM number of the signal pin.
        home_deg: angle of the closed flap, within ``min_deg..max_deg``.
        open_deg: angle of the open flap, within ``min_deg..max_deg``; not ``home_deg``.
        travel_s: time for the whole way between home and open, in seconds (0.01..10).
        min_deg: angle at the shortest pulse.
        max_deg: angle at the longest pulse; above ``min_deg``.
        min_pulse_ms: shortest pulse in milliseconds (0.1 or more).
        max_pulse_ms: longest pulse in milliseconds (above ``min_pulse_ms``, 5 at most).

    Raises:
        HardwareConfigError: a limit is violated, or the pin is taken or does not exist.
        FlapError: the pin cannot be claimed.
    """

    def __init__(
        self,
        *,
        name: str,
        pin_factory: Any,
        pin: int,
        home_deg: float,
        open_deg: float,
        travel_s: float = 0.4,
        min_deg: float = MIN_DEG,
        max_deg: float = MAX_DEG,
        min_pulse_ms: float = MIN_PULSE_MS,
        max_pulse_ms: float = MAX_PULSE_MS,
    ) -> None:
        super().__init__(name=name, travel_s=travel_s)
        within(f"flap {name!r}: travel_s", travel_s, 0.01, 10)
        if not 0.1 <= min_pulse_ms < max_pulse_ms <= 5.0:
            raise HardwareConfigError(
                f"flap {name!r}: expected 0.1 <= min_pulse_ms < max_pulse_ms <= 5.0, "
                f"got {min_pulse_ms} and {max_pulse_ms}"
            )
        if not min_deg < max_deg:
            raise HardwareConfigError(f"flap {name!r}: expected min_deg < max_deg, got {min_deg} and {max_deg}")
        for key, angle_deg in (("home_deg", home_deg), ("open_deg", open_deg)):
            if not min_deg <= angle_deg <= max_deg:
                raise HardwareConfigError(
                    f"flap {name!r}: {key}: expected an angle within {min_deg}..{max_deg}, got {angle_deg}"
                )
        if home_deg == open_deg:
            raise HardwareConfigError(f"flap {name!r}: home_deg and open_deg are both {home_deg}: it would never open")
        self._pin = pin
        self._home_deg = home_deg
        self._open_deg = open_deg
        with claiming(name, pin):
            self._servo: AngularServo | None = AngularServo(
                pin,
                initial_angle=None,  # 0, gpiozero's default, would move the flap at start
                min_angle=min_deg,
                max_angle=max_deg,
                min_pulse_width=min_pulse_ms / 1000,
                max_pulse_width=max_pulse_ms / 1000,
                frame_width=FRAME_MS / 1000,
                pin_factory=pin_factory,
            )

    def open(self) -> None:
        self._go("open", self._open_deg)

    def home(self) -> None:
        self._go("go home", self._home_deg)

    def detach(self) -> None:
        if self._servo is not None:
            with driving(self.name, self._pin, "detach"):
                self._servo.detach()

    def close(self) -> None:
        servo, self._servo = self._servo, None
        if servo is not None:
            with driving(self.name, self._pin, "release"):
                servo.close()  # ends the pulses, then lets the pin float

    def _go(self, what: str, angle_deg: float) -> None:
        if self._servo is None:
            raise FlapError(f"flap {self.name!r}: cannot {what}, it is closed")
        with driving(self.name, self._pin, what):
            self._servo.angle = angle_deg
