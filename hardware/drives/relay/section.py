"""What the configuration says of a relay."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from hardware.drives.section import DriveContext, FlapSection, TravelSeconds
from hardware.flap import Flap
from hardware.section import Claim, GpioPin, gpio_claims
from hardware.sensor import Switch

if TYPE_CHECKING:
    from hardware.sim.mechanics import BodyContext, FlapMechanics


class RelaySection(FlapSection):
    """A flap moved by a solenoid or a motor driver, with a spring to close it."""

    on_pins: ClassVar[bool] = True

    kind: Literal["relay"]
    pin: GpioPin
    active_high: bool = True
    travel_s: TravelSeconds = 0.3

    def claims(self) -> Iterator[Claim]:
        yield from gpio_claims(pin=self.pin)

    @property
    def introduction(self) -> str:
        return "a relay. It is off now; its spring holds the flap closed."

    def inverted(self) -> Self:
        return self.model_copy(update={"active_high": not self.active_high})

    def make(self, name: str, context: DriveContext, *, end_switch: Switch | None = None) -> Flap:
        from hardware.drives.relay.driver import RelayFlap

        return RelayFlap(self, name=name, pins=context.pins, end_switch=end_switch)

    def body(self, bin: str, context: "BodyContext") -> "FlapMechanics":
        from hardware.drives.relay.body import RelayBody

        return RelayBody(self, bin, context)
