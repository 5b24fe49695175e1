"""Bin level by ultrasound: an HC-SR04 or one of its relatives."""

import warnings

from gpiozero import DistanceSensor
from gpiozero.exc import PWMSoftwareFallback

from hardware.error_translation import claiming, driving
from hardware.errors import SensorError
from hardware.pin_factory import PinFactory
from hardware.sensor import LevelSensor

MAX_DISTANCE_M = 4.0
"""What the sensor reaches."""

LOST_AFTER = 20
"""Number of pings in a row without an echo, about three seconds, after which the sensor counts as gone."""


class _Sonar(DistanceSensor):  # type: ignore[misc]
    """gpiozero's goes on reporting its last distances when no echo comes any more; this one counts.

    Attributes:
        heard: number of pings with an echo.
        unheard: number of the newest pings in a row without one.
    """

    heard = unheard = 0

    def _read(self) -> float | None:
        try:
            reading: float | None = super()._read()
        except Exception:
            reading = None  # it would end the thread, and the last distance would stand for ever
        if reading is None:
            self.unheard += 1
        else:
            self.heard, self.unheard = self.heard + 1, 0
        return reading


class UltrasonicLevel(LevelSensor):
    """One sensor with a trigger and an echo pin; gpiozero pings about ten times a second in a thread of its own.

    The echo pin gives 5 V: lead it through a divider (330 ohms from the sensor, 470 ohms to ground).

    Args:
        name: its config key, for messages.
        pin_factory: a gpiozero pin factory.
        trigger_pin: BCM number of the pin that starts a ping.
        echo_pin: BCM number of the pin that is high until the echo comes.

    Raises:
        HardwareConfigError: a pin is taken or does not exist.
        SensorError, GpioError: a pin cannot be claimed.
    """

    def __init__(self, *, name: str, pin_factory: PinFactory, trigger_pin: int, echo_pin: int) -> None:
        super().__init__(name=name)
        self._where = f"pins {trigger_pin} (trigger) and {echo_pin} (echo)"
        with claiming(name, self._where, SensorError), warnings.catch_warnings():
            # It recommends pigpio, which the Raspberry Pi 5 does not have; a bin's level needs no millimetres.
            warnings.simplefilter("ignore", PWMSoftwareFallback)
            self._sonar: _Sonar | None = _Sonar(
                echo_pin, trigger_pin, max_distance=MAX_DISTANCE_M, partial=True, pin_factory=pin_factory
            )

    @property
    def distance_m(self) -> float | None:
        sonar = self._sonar
        if sonar is None:
            raise SensorError(f"{self.name}: cannot read, it is closed")
        if sonar.unheard >= LOST_AFTER:
            raise SensorError(
                f"{self.name}: no echo on {self._where}: check the sensor's 5 V, its wiring and its divider"
            )
        if sonar.heard < 2:
            return None  # gpiozero says 0 until it has put the first into its queue
        with driving(self.name, self._where, "read", SensorError):
            distance_m = float(sonar.distance)
        return distance_m if distance_m < MAX_DISTANCE_M else None

    def close(self) -> None:
        sonar, self._sonar = self._sonar, None
        if sonar is not None:
            with driving(self.name, self._where, "release", SensorError):
                sonar.pin.when_changed = None  # an edge reported after the end would end lgpio's thread
                sonar.close()
