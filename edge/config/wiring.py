"""What is wired to the computer: the sections of the configuration for flaps, switches, level sensors and the light."""

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from edge.config.section import Section
from hardware.drives.section import FlapSection, SharedDriveSection
from hardware.missing_bus import how_to_get_bus
from hardware.registry import FLAPS, load_all
from hardware.section import (
    Claim,
    ContactSection,
    GpioPin,
    I2CAddress,
    I2CBus,
    SafetySwitchSection,
    SwitchSection,
    WiredSection,
    gpio_claims,
    i2c_claims,
)

FLAP_SECTIONS = load_all(FLAPS)
SHARED_DRIVE_SECTIONS = [section.drive_section for section in FLAP_SECTIONS if section.drive_section is not None]

if TYPE_CHECKING:
    FlapConfig = FlapSection
    SharedDriveConfig = SharedDriveSection
else:
    # Made from the registry, so that a new kind is entered there alone; a type checker cannot follow that.
    FlapConfig = Annotated[reduce(or_, FLAP_SECTIONS), Field(discriminator="kind")]
    SharedDriveConfig = reduce(or_, SHARED_DRIVE_SECTIONS or [SharedDriveSection])
    if len(SHARED_DRIVE_SECTIONS) > 1:  # one alone is no union, and has no discriminator
        SharedDriveConfig = Annotated[SharedDriveConfig, Field(discriminator="kind")]


class _LevelSection(WiredSection):
    empty_m: float = Field(gt=0, le=4)
    full_m: float = Field(gt=0, le=4)

    @model_validator(mode="after")
    def _full_is_nearer(self) -> Self:
        if self.full_m >= self.empty_m:
            raise ValueError(f"full_m {self.full_m:g} must be below empty_m {self.empty_m:g}: the sensor looks down")
        return self


class UltrasonicConfig(_LevelSection):
    """An HC-SR04 or the like, looking down into the bin."""

    kind: Literal["ultrasonic"]
    trigger_pin: GpioPin
    echo_pin: GpioPin

    def claims(self) -> Iterator[Claim]:
        yield from gpio_claims(trigger_pin=self.trigger_pin, echo_pin=self.echo_pin)


VL53L0X_WAKES_AT = 0x29
"""Address of every VL53L0X when it gets its power, or wakes up from its reset."""

SEVERAL_VL53L0X = (
    f"every VL53L0X wakes up at {VL53L0X_WAKES_AT:#04x}: give this one a bus of its own (bus: 3; {how_to_get_bus(3)}), or give "
    "each one on this bus an xshut_pin and an address of its own (address: 0x30, 0x31 ..)"
)
"""What to say where two of them would answer at once."""


class VL53L0XConfig(_LevelSection):
    """A VL53L0X time-of-flight sensor, looking down into the bin.

    Attributes:
        bus: number of its I2C bus.
        address: its address there. Without ``xshut_pin`` it can only be the one at which it wakes up.
        xshut_pin: GPIO number of the pin at its XSHUT, that holds it in reset while the others on the bus get their addresses;
            None: not connected.
    """

    kind: Literal["vl53l0x"]
    bus: I2CBus = 1
    address: I2CAddress = VL53L0X_WAKES_AT
    xshut_pin: GpioPin | None = None
    empty_m: float = Field(gt=0, le=2)

    @model_validator(mode="after")
    def _can_have_its_address(self) -> Self:
        wakes_at, has_own = f"{VL53L0X_WAKES_AT:#04x}", self.address != VL53L0X_WAKES_AT
        if self.xshut_pin is None and has_own:
            raise ValueError(
                f"address: got {self.address:#04x}; a VL53L0X wakes up at {wakes_at}, and gets another address only with an "
                "xshut_pin"
            )
        if self.xshut_pin is not None and not has_own:
            raise ValueError(
                f"address: got {wakes_at}, where every VL53L0X wakes up; with an xshut_pin expected another one, of its own "
                "(0x30, 0x31 ..)"
            )
        return self

    def claims(self) -> Iterator[Claim]:
        yield from gpio_claims(xshut_pin=self.xshut_pin)
        wakes_at = None if self.xshut_pin is None else VL53L0X_WAKES_AT
        yield from i2c_claims(self.bus, self.address, wakes_at=wakes_at, remedy=SEVERAL_VL53L0X)


class SimLevelConfig(_LevelSection):
    """What fell into a bin of the simulated ones."""

    kind: Literal["sim"]

    def claims(self) -> Iterator[Claim]:
        yield from ()


LevelConfig = Annotated[UltrasonicConfig | VL53L0XConfig | SimLevelConfig, Field(discriminator="kind")]


class LedsConfig(WiredSection):
    """A lamp for each signal, or for some."""

    kind: Literal["leds"]
    ready: GpioPin | None = None
    sorting: GpioPin | None = None
    attention: GpioPin | None = None
    fault: GpioPin | None = None
    active_high: bool = True

    @model_validator(mode="after")
    def _shines(self) -> Self:
        if not any(self.claims()):
            raise ValueError("expected a pin for at least one of ready, sorting, attention and fault")
        return self

    def claims(self) -> Iterator[Claim]:
        yield from gpio_claims(ready=self.ready, sorting=self.sorting, attention=self.attention, fault=self.fault)


class BinConfig(Section):
    """One bin: its flap, how long that stays open, and its level sensor."""

    flap: FlapConfig
    dwell_s: float = Field(1.0, gt=0, le=30)
    level: LevelConfig | None = None

    @model_validator(mode="after")
    def _dwell_covers_travel(self) -> Self:
        if self.dwell_s < self.flap.travel_s:
            raise ValueError(
                f"dwell_s {self.dwell_s} is shorter than the flap's travel_s {self.flap.travel_s}: it would not open fully"
            )
        on_s = self.dwell_s + self.flap.travel_s
        if on_s > self.flap.max_on_s:
            raise ValueError(
                f"dwell_s {self.dwell_s:g}: with travel_s {self.flap.travel_s:g} the drive is under current for {on_s:g} s; "
                f"expected at most its max_on_s, {self.flap.max_on_s:g}"
            )
        return self


class FlapsConfig(Section):
    """Settings of all flaps."""

    pin_factory: Literal["mock", "lgpio"] = "mock"
    max_openings_per_min: int = Field(30, ge=1, le=120)
    retries: int = Field(1, ge=0, le=5)
    when_blind: Literal["wait", "close_slowly"] = "wait"
    in_view: bool | None = None


class PanelConfig(Section):
    """What people touch and see at the bin."""

    lid: SafetySwitchSection | None = None
    service_button: SwitchSection | None = None
    stop_button: SafetySwitchSection | None = None
    light: LedsConfig | None = None

    def switches(self) -> dict[str, ContactSection]:
        """The switches that there are, by their key."""
        parts: dict[str, ContactSection | None] = {
            "lid": self.lid,
            "service_button": self.service_button,
            "stop_button": self.stop_button,
        }
        return {name: part for name, part in parts.items() if part is not None}


KINDS = frozenset({*FLAPS, "ultrasonic", "vl53l0x", "sim", "leds"})
"""Every kind of part that has one."""


def all_claims(parts: Iterator[tuple[str, WiredSection]]) -> Iterator[tuple[str, Claim]]:
    """What these parts need, each with its whole key."""
    return ((f"{key}.{claim.key}", claim) for key, part in parts for claim in part.claims())


def check_simulated(flaps: Mapping[str, FlapSection], levels: Mapping[str, LevelConfig | None], *, camera: str) -> None:
    """The simulated bin moves what hangs on simulated pins, and measures its own bins; nothing else can.

    Args:
        flaps: key -> section.
        levels: key -> section; None: there is none.
        camera: kind of the camera.

    Raises:
        ValueError: a kind does not go together with the camera's.
    """
    on_pins = [kind for kind, section in zip(FLAPS, FLAP_SECTIONS, strict=True) if section.on_pins]
    for key, flap in flaps.items():
        if camera == "sim" and not flap.on_pins:
            raise ValueError(f"{key}.kind: camera.kind is sim, so expected {' or '.join(on_pins)}, got {flap.kind}")
    for key, level in levels.items():
        if level is not None and (camera == "sim") != (level.kind == "sim"):
            expected = "sim" if camera == "sim" else "ultrasonic or vl53l0x"
            raise ValueError(f"{key}.kind: expected {expected} with camera.kind {camera}, got {level.kind}")


def check_no_conflicts(claims: Iterator[tuple[str, Claim]]) -> None:
    """Refuse what is claimed twice.

    Args:
        claims: of all parts, each with its whole key.

    Raises:
        ValueError: two parts need the same; the text names both keys.
    """
    owners: dict[str, tuple[str, Claim]] = {}
    for key, claim in claims:
        other_key, other = owners.setdefault(claim.what, (key, claim))
        if other_key != key and (other.bus is None or other.bus != claim.bus):
            taken = f"{key}: {claim.what} is taken by {other_key} already"
            taken += "" if other.bus is None else f", for {other.bus}"
            alike = claim.remedy and claim.remedy == other.remedy
            raise ValueError(f"{taken}; {claim.remedy}" if alike else taken)
