"""The reset line of a sensor, such as XSHUT of a VL53L0X."""

from gpiozero import DigitalOutputDevice

from hardware.error_translation import claiming, driving
from hardware.errors import SensorError
from hardware.pin_factory import PinFactory
from hardware.sensor import ResetLine


class PinResetLine(ResetLine):
    """One pin, low while it holds the sensor.

    The pin is low, or not driven at all: the line has a resistor on the sensor's board that pulls it up to the sensor's own
    supply, 2.8 V on many, which 3.3 V on a pin would exceed.

    Args:
        name: its config key, for messages.
        pin_factory: a gpiozero pin factory.
        pin: GPIO number of the pin.

    Raises:
        HardwareConfigError: the pin is taken or does not exist.
        SensorError, GpioError: the pin cannot be claimed.
    """

    def __init__(self, *, name: str, pin_factory: PinFactory, pin: int) -> None:
        super().__init__(name=name)
        self._pins = pin_factory
        self._pin = pin
        self._where = f"pin {pin}"
        self._low: DigitalOutputDevice | None = None
        self.hold()

    def hold(self) -> None:
        if self._low is None:
            with claiming(self.name, self._where, SensorError):
                self._low = DigitalOutputDevice(self._pin, initial_value=False, pin_factory=self._pins)

    def release(self) -> None:
        low, self._low = self._low, None
        if low is not None:
            with driving(self.name, self._where, "release", SensorError):
                low.close()

    def close(self) -> None:
        self.release()
