"""A servo on an output of the kernel's PWM: pulses that never tremble."""

from typing import Any, Unpack

from hardware.error_translation import claiming
from hardware.errors import FlapError
from hardware.flaps.pulsed import FRAME_MS, PulsedFlap, ServoOptions
from hardware.pwm import KernelPWM


class HardwareServoFlap(PulsedFlap):
    """One servo on one channel of a PWM chip.

    With ``dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4`` GPIO 12 is channel 0 and GPIO 13 channel 1, on the
    Raspberry Pi 5 as on those before it.

    Args:
        name: the bin's name, for messages.
        channel: number of the channel, from 0.
        chip: number of the pwmchip; None: the one behind the Raspberry Pi's header.
        pin_factory: not used; the kernel owns the pin.
        options: those of ``PulsedFlap``.

    Raises:
        HardwareConfigError: a limit is violated, or there is no such chip or channel.
        FlapError, GpioError: the channel cannot be used.
    """

    def __init__(
        self,
        *,
        name: str,
        channel: int,
        chip: int | None = None,
        pin_factory: Any = None,
        **options: Unpack[ServoOptions],
    ) -> None:
        super().__init__(name=name, **options)
        self._place = f"PWM channel {channel}" if chip is None else f"PWM chip {chip} channel {channel}"
        with claiming(self._who, self._where, FlapError):
            self._pwm = KernelPWM(chip=chip, channel=channel, period_ms=FRAME_MS)

    @property
    def _where(self) -> str:
        return self._place

    def _pulse(self, width_ms: float) -> None:
        self._pwm.pulse(width_ms)

    def _quieten(self) -> None:
        self._pwm.stop()

    def _release(self) -> None:
        self._pwm.close()
