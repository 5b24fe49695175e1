"""What the configuration says of a servo on a pin."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from hardware.drives.pulsed.section import PulsedSection
from hardware.drives.section import DriveContext
from hardware.flap import Flap
from hardware.section import Claim, GpioPin, gpio_claims
from hardware.sensor import Switch

if TYPE_CHECKING:
    from hardware.sim.mechanics import BodyContext, FlapMechanics


class ServoSection(PulsedSection):
    """A flap moved by a hobby servo, its pulses made by software."""

    on_pins: ClassVar[bool] = True

    kind: Literal["servo"]
    pin: GpioPin

    def claims(self) -> Iterator[Claim]:
        yield from gpio_claims(pin=self.pin, moves_on_high=True)

    def make(self, name: str, context: DriveContext, *, end_switch: Switch | None = None) -> Flap:
        from hardware.drives.servo.driver import ServoFlap

        return ServoFlap(self, name=name, pins=context.pins, end_switch=end_switch)

    def body(self, bin: str, context: "BodyContext") -> "FlapMechanics":
        from hardware.drives.servo.body import ServoBody

        return ServoBody(self, bin, context)
