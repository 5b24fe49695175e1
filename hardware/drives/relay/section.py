"""What the configuration says of a relay."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import model_validator

from hardware.drives.section import DriveContext, FlapSection, SharedDriveSection, SwitchedRelay, TravelSeconds
from hardware.flap import Flap
from hardware.section import Claim, GpioPin, gpio_claims
from hardware.sensor import Switch

if TYPE_CHECKING:
    from hardware.sim.mechanics import BodyContext, FlapMechanics

WHICH_LEVEL = (
    "expected the level of the pin that switches the relay on: false for most opto-coupled relay boards (their LED is "
    "dark while the pin is high), true for most transistor and MOSFET boards"
)
"""What to say where the level is missing. It has no default: with the wrong one the solenoid is on at rest, and burns."""


def check_level_is_stated(values: object, key: str) -> object:
    """Refuse a section that does not say which level switches its relay on, before pydantic, which knows no reason.

    Raises:
        ValueError: ``key`` is missing.
    """
    if isinstance(values, dict) and key not in values:
        raise ValueError(f"{key}: missing; {WHICH_LEVEL}")
    return values


class RelaySection(FlapSection):
    """A flap moved by a solenoid or a motor driver, with a spring to close it.

    Attributes:
        pin: GPIO number.
        active_high: whether a high pin switches the relay on. Most opto-coupled boards are the other way round.
        travel_s: longest time to open, or for the spring to close, in seconds.
    """

    on_pins: ClassVar[bool] = True

    kind: Literal["relay"]
    pin: GpioPin
    active_high: bool
    travel_s: TravelSeconds = 0.3

    @model_validator(mode="before")
    @classmethod
    def _level_is_stated(cls, values: object) -> object:
        return check_level_is_stated(values, "active_high")

    def claims(self) -> Iterator[Claim]:
        yield from gpio_claims(pin=self.pin, moves_on_high=self.active_high)

    @property
    def introduction(self) -> str:
        return "a relay. While it is off, a spring holds the flap closed."

    def relays(self, key: tuple[str, ...], drives: Mapping[str, SharedDriveSection]) -> Iterator[SwitchedRelay]:
        yield SwitchedRelay((*key, "active_high"), self, self.pin, self.active_high)

    def make(self, name: str, context: DriveContext, *, end_switch: Switch | None = None) -> Flap:
        from hardware.drives.relay.driver import RelayFlap

        return RelayFlap(self, name=name, pins=context.pins, end_switch=end_switch)

    def body(self, bin: str, context: "BodyContext") -> "FlapMechanics":
        from hardware.drives.relay.body import RelayBody

        return RelayBody(self, bin, context)
