"""A servo on a pin: gpiozero makes the pulses in software."""

from typing import Any, Unpack

from gpiozero import PWMOutputDevice

from hardware.error_translation import claiming, undoing
from hardware.errors import FlapError
from hardware.flaps.pulsed import FRAME_MS, PulsedFlap, ServoOptions


class ServoFlap(PulsedFlap):
    """One servo on one pin. Good for any pin; the pulses tremble a little when the machine is busy.

    Args:
        name: the bin's name, for messages.
        pin_factory: a gpiozero pin factory.
        pin: BCM number of the signal pin.
        options: those of ``PulsedFlap``.

    Raises:
        HardwareConfigError: a limit is violated, or the pin is taken or does not exist.
        FlapError, GpioError: the pin cannot be claimed.
    """

    def __init__(self, *, name: str, pin_factory: Any, pin: int, **options: Unpack[ServoOptions]) -> None:
        super().__init__(name=name, **options)
        self._pin = pin
        with claiming(self._who, self._where, FlapError):
            self._pwm = PWMOutputDevice(pin, frequency=round(1000 / FRAME_MS), pin_factory=pin_factory)
            with undoing(self._pwm.close):
                self._quieten()

    @property
    def _where(self) -> str:
        return f"pin {self._pin}"

    def _pulse(self, width_ms: float) -> None:
        self._pwm.frequency = round(1000 / FRAME_MS)
        self._pwm.value = width_ms / FRAME_MS

    def _quieten(self) -> None:
        self._pwm.frequency = None

    def _release(self) -> None:
        self._pwm.close()
