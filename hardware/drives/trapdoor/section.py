"""What the configuration says of a trapdoor: the door that several bins share, and the plate that guides into each bin.

The item lies on a door in the tray's floor. Below it is a chute with plates: one that is out guides what falls into its bin,
and what meets no plate falls into the bin at the chute's end. So the door opens for every item, after the plate of its bin, and
closes before that plate goes home.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from hardware.device import Device
from hardware.drives.relay.section import RelaySection
from hardware.drives.section import (
    DriveContext,
    FlapSection,
    OnSeconds,
    SharedDriveSection,
    SwitchedRelay,
    TravelSeconds,
)
from hardware.drives.servo.section import ServoSection
from hardware.flap import Flap
from hardware.section import Claim
from hardware.sensor import Switch

if TYPE_CHECKING:
    from hardware.sim.mechanics import BodyContext, FlapMechanics

SPARE_S = 0.1
"""Time that a way must be given beyond its parts' travel, in seconds: on a busy machine the second part sets off late."""

ROUNDING_S = 1e-6
"""Differences of times below this are floating point, in seconds."""

DriveSection = Annotated[ServoSection | RelaySection, Field(discriminator="kind")]
"""What moves a door or a plate."""


OF_THE_FLAP = ("end_switch", "force_n", "max_on_s")
"""Keys that are stated once, for door and plate together, in the flap's section."""


def _check_part(part: FlapSection | None, key: str) -> None:
    for name in OF_THE_FLAP:
        if part is not None and name in part.model_fields_set:
            raise ValueError(
                f"{key}.{name}: unknown key; expected it in the bin's section flap, for door and plate together"
            )


class TrapdoorSection(SharedDriveSection):
    """The door. ``door``: what moves it, as a flap of its own."""

    kind: Literal["trapdoor"]
    door: DriveSection

    @model_validator(mode="after")
    def _door_is_a_part(self) -> Self:
        _check_part(self.door, "door")
        return self

    def claims(self) -> Iterator[Claim]:
        yield from ()

    def make(self, name: str, context: DriveContext) -> Device:
        from hardware.drives.trapdoor.driver import Trapdoor

        return Trapdoor(self, name=name, context=context)

    def body(self, name: str, context: "BodyContext") -> object:
        from hardware.drives.trapdoor.body import PlatesBelowDoor

        own = {
            bin: one for bin, one in context.flaps.items() if isinstance(one, TrapdoorFlapSection) and one.drive == name
        }
        return PlatesBelowDoor(self, own, context)


class TrapdoorFlapSection(FlapSection):
    """A bin below a trapdoor.

    Attributes:
        drive: name of the door's section below ``drives``.
        plate: what moves the plate that guides into this bin; None: everything falls into it that meets no plate.
        end_switch: on while the plate is home, or the door where there is no plate.
        travel_s: longest time for the plate and then the door, or back, in seconds.
    """

    drive_section: ClassVar[type[SharedDriveSection] | None] = TrapdoorSection
    on_pins: ClassVar[bool] = True

    kind: Literal["trapdoor"]
    drive: str = Field(min_length=1)
    plate: DriveSection | None = None
    travel_s: TravelSeconds = 1.0
    max_on_s: OnSeconds = 10.0

    @model_validator(mode="after")
    def _plate_is_a_part(self) -> Self:
        _check_part(self.plate, "plate")
        return self

    @property
    def shared_drive(self) -> str:
        return self.drive

    def check_drive(self, drive: SharedDriveSection) -> None:
        super().check_drive(drive)
        least_s = self.least_travel_s(drive)
        if self.travel_s < least_s - ROUNDING_S:
            raise ValueError(
                f"travel_s: got {self.travel_s:g}; expected at least {least_s:.2f}: the plate's travel_s and that of "
                f"drives.{self.drive}.door, one after the other, and {SPARE_S:g} more"
            )

    def least_travel_s(self, drive: SharedDriveSection) -> float:
        assert isinstance(drive, TrapdoorSection)  # as above
        return drive.door.travel_s + (0.0 if self.plate is None else self.plate.travel_s) + SPARE_S

    def claims(self) -> Iterator[Claim]:
        if self.plate is None:
            yield Claim("plate", f"the end of the chute below drives.{self.drive}, where no plate guides")

    @property
    def introduction(self) -> str:
        if self.plate is None:
            return f"it has none of its own: what falls through {self.drive} and meets no plate falls into it."
        return f"a plate below {self.drive}. It goes out first, then {self.drive} opens; back the other way round."

    def relays(self, key: tuple[str, ...], drives: Mapping[str, SharedDriveSection]) -> Iterator[SwitchedRelay]:
        trapdoor = drives[self.drive]
        assert isinstance(trapdoor, TrapdoorSection)  # the configuration has been checked (``check_drive``)
        yield from trapdoor.door.relays(("drives", self.drive, "door"), drives)
        if self.plate is not None:
            yield from self.plate.relays((*key, "plate"), drives)

    def make(self, name: str, context: DriveContext, *, end_switch: Switch | None = None) -> Flap:
        from hardware.drives.trapdoor.driver import Trapdoor
        from hardware.drives.trapdoor.flap import TrapdoorFlap

        trapdoor = context.drive(self.drive)
        assert isinstance(trapdoor, Trapdoor)  # as above
        plate = None if self.plate is None else self.plate.make(name, context)
        return TrapdoorFlap(self, trapdoor, plate, name=name, end_switch=end_switch)

    def body(self, bin: str, context: "BodyContext") -> "FlapMechanics":
        from hardware.drives.trapdoor.body import PlatesBelowDoor, TrapdoorBody

        shared = context.shared[self.drive]
        assert isinstance(shared, PlatesBelowDoor)  # as above
        return TrapdoorBody(self, bin, shared, context)
