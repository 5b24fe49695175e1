"""A servo on a pin: gpiozero makes the pulses in software."""

from gpiozero import PWMOutputDevice

from hardware.drives.pulsed.driver import FRAME_MS, PulsedFlap
from hardware.drives.servo.section import ServoSection
from hardware.error_translation import claiming, undoing
from hardware.errors import FlapError
from hardware.pin_factory import PinFactory
from hardware.sensor import Switch


class ServoFlap(PulsedFlap):
    """One servo on one pin. Good for any pin; the pulses jitter a little when the machine is busy.

    Args:
        section: pin, angles, pulses and travel time.
        name: the bin's name, for messages.
        pins: hands out the pin.
        end_switch: on while the flap is home; None: there is none.

    Raises:
        HardwareConfigError: the pin is taken or does not exist.
        FlapError, GpioError: the pin cannot be claimed.
    """

    def __init__(self, section: ServoSection, *, name: str, pins: PinFactory, end_switch: Switch | None = None) -> None:
        super().__init__(section, name=name, end_switch=end_switch)
        self._pin = section.pin
        with claiming(self._who, self._where, FlapError):
            self._pwm = PWMOutputDevice(section.pin, frequency=round(1000 / FRAME_MS), pin_factory=pins)
            with undoing(self._pwm.close):
                self._stop_pulses()

    @property
    def _where(self) -> str:
        return f"pin {self._pin}"

    def _pulse(self, width_ms: float) -> None:
        self._pwm.frequency = round(1000 / FRAME_MS)
        self._pwm.value = width_ms / FRAME_MS

    def _stop_pulses(self) -> None:
        self._pwm.frequency = None

    def _release(self) -> None:
        self._pwm.close()
