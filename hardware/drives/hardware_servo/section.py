"""What the configuration says of a servo on the kernel's PWM."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from hardware.drives.pulsed.section import PulsedSection
from hardware.drives.section import DriveContext
from hardware.flap import Flap
from hardware.section import Claim, PWMClaim
from hardware.sensor import Switch


class HardwareServoSection(PulsedSection):
    """A flap moved by a hobby servo, its pulses made by the kernel's PWM (/sys/class/pwm)."""

    kind: Literal["hardware_servo"]
    chip: Annotated[int, Field(ge=0, le=31, strict=True)] | None = None
    channel: int = Field(ge=0, le=15, strict=True)

    @property
    def place(self) -> str:
        """What makes the pulses, for messages."""
        return f"PWM {'' if self.chip is None else f'chip {self.chip} '}channel {self.channel}"

    def claims(self) -> Iterator[Claim]:
        yield PWMClaim("channel", self.place, chip=self.chip, channel=self.channel)

    def make(self, name: str, context: DriveContext, *, end_switch: Switch | None = None) -> Flap:
        from hardware.drives.hardware_servo.driver import HardwareServoFlap

        return HardwareServoFlap(self, name=name, end_switch=end_switch)
