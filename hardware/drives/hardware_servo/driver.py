"""A servo on an output of the kernel's PWM: pulses that never jitter."""

from hardware.drives.hardware_servo.section import HardwareServoSection
from hardware.drives.pulsed.driver import FRAME_MS, PulsedFlap
from hardware.error_translation import claiming
from hardware.errors import FlapError
from hardware.pwm import KernelPWM
from hardware.sensor import Switch


class HardwareServoFlap(PulsedFlap):
    """One servo on one channel of a PWM chip.

    With ``dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4`` GPIO 12 is channel 0 and GPIO 13 channel 1, on the
    Raspberry Pi 5 as on those before it.

    Args:
        section: chip, channel, angles, pulses and travel time.
        name: the bin's name, for messages.
        end_switch: on while the flap is home; None: there is none.

    Raises:
        HardwareConfigError: there is no such chip or channel.
        FlapError, GpioError: the channel cannot be used.
    """

    def __init__(self, section: HardwareServoSection, *, name: str, end_switch: Switch | None = None) -> None:
        super().__init__(section, name=name, end_switch=end_switch)
        self._place = section.place
        with claiming(self._who, self._where, FlapError):
            self._pwm = KernelPWM(chip=section.chip, channel=section.channel, period_ms=FRAME_MS)

    @property
    def _where(self) -> str:
        return self._place

    def _pulse(self, width_ms: float) -> None:
        self._pwm.pulse(width_ms)

    def _stop_pulses(self) -> None:
        self._pwm.stop()

    def _release(self) -> None:
        self._pwm.close()
