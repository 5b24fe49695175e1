"""What the sections of the configuration have in common, and what those claim that are wired to the computer."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

GpioPin = Annotated[int, Field(ge=0, le=27, strict=True)]  # strict: true is no pin 1
I2CBus = Annotated[int, Field(ge=0, le=31, strict=True)]
I2CAddress = Annotated[int, Field(ge=0x08, le=0x77, strict=True)]

PULLED_UP_AT_BOOT = range(9)
"""GPIO numbers that the board pulls up from power-on until a driver takes them; it pulls the others of the header down."""

HEADER_I2C = {0: (0, 1), 1: (2, 3)}
"""I2C bus -> the header's pins that it runs on; the other buses run elsewhere."""


class Section(BaseModel):
    """Base of all sections: immutable, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, protected_namespaces=())


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that there is only once, and that a section needs.

    Attributes:
        key: where that stands, below the section's own key.
        what: what it is, e.g. ``GPIO 12``.
        bus: what claims it for several together, e.g. ``I2C bus 1``; they do not disturb each other. None: one alone.
        remedy: what to do when another section of the same kind needs the same, if there is more to say than to choose another.
    """

    key: str
    what: str
    bus: str | None = None
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class GpioClaim(Claim):
    """A pin of the header, or with ``bus`` one of the pins that a bus runs on.

    Attributes:
        pin: its GPIO number.
        moves_on_high: whether something may move while the pin is high although no driver runs: a relay that this switches on,
            a servo that takes it for a pulse.
    """

    pin: int = 0
    moves_on_high: bool = False


@dataclass(frozen=True, slots=True)
class I2CClaim(Claim):
    """A device on an I2C bus.

    Attributes:
        number: of the bus.
        address: the device's on it, as soon as its driver runs.
        wakes_at: its address until then; None: the same.
    """

    number: int = 0
    address: int = 0
    wakes_at: int | None = None


@dataclass(frozen=True, slots=True)
class PWMClaim(Claim):
    """An output of the kernel's PWM. ``chip``: number of the pwmchip, None: the header's; ``channel``: on that chip."""

    chip: int | None = None
    channel: int = 0


class WiredSection(Section, ABC):
    """The section of something that is wired to the computer."""

    @abstractmethod
    def claims(self) -> Iterator[Claim]:
        """What it needs for itself, without its parts."""

    def parts(self, key: str) -> Iterator[tuple[str, "WiredSection"]]:
        """This section and the wired sections within it, each with its whole key; ``key`` is this one's."""
        yield key, self
        for name in type(self).model_fields:
            part = getattr(self, name)
            if isinstance(part, WiredSection):
                yield from part.parts(f"{key}.{name}")


def gpio_claims(*, moves_on_high: bool = False, **pins: int | None) -> Iterator[GpioClaim]:
    """One claim for each pin: its key and its GPIO number; None: it is not connected. ``moves_on_high``: as of ``GpioClaim``."""
    return (
        GpioClaim(key, f"GPIO {pin}", pin=pin, moves_on_high=moves_on_high)
        for key, pin in pins.items()
        if pin is not None
    )


def i2c_claims(
    bus: int, address: int, *, shared_by: str | None = None, wakes_at: int | None = None, remedy: str = ""
) -> Iterator[Claim]:
    """The header's pins that the bus runs on, and the device itself.

    Args:
        bus: number of the bus.
        address: the device's on it.
        shared_by: kind of the device, if several sections may name the same one; None: one alone.
        wakes_at: its address until its driver gives it its own; the driver sees to it that no other device that wakes there is
            awake then. None: it always has its own.
        remedy: as of ``Claim``.
    """
    for pin in HEADER_I2C.get(bus, ()):
        yield GpioClaim("bus", f"GPIO {pin}", f"I2C bus {bus}", pin=pin)
    device = _device_at(bus, address)
    shared = None if shared_by is None else f"{shared_by} at {device}"
    yield I2CClaim("address", device, shared, remedy, number=bus, address=address, wakes_at=wakes_at)
    if wakes_at is not None:
        yield Claim("address", _device_at(bus, wakes_at), f"those that wake up there on bus {bus}", remedy)


def _device_at(bus: int, address: int) -> str:
    return f"I2C bus {bus} address {address:#04x}"


class ContactSection(WiredSection, ABC):
    """What is on or off and wired to one pin. ``pin``: GPIO number."""

    pin: GpioPin

    @property
    @abstractmethod
    def is_on_high(self) -> bool:
        """Whether a high pin means on."""

    @property
    @abstractmethod
    def is_pulled_up(self) -> bool:
        """Whether the pin is pulled up, so that it is high with nothing wired to it; else down."""

    @property
    @abstractmethod
    def inverse(self) -> dict[str, object]:
        """The key and value that give on and off the opposite meaning."""

    def claims(self) -> Iterator[Claim]:
        yield from gpio_claims(pin=self.pin)


class SwitchSection(ContactSection):
    """A button or end switch. Pulled towards off: with a broken wire a button cannot be pressed, and no flap is at home.

    Attributes:
        active_high: whether it connects the pin to 3.3 V; else to ground.
    """

    active_high: bool = False

    @property
    def is_on_high(self) -> bool:
        return self.active_high

    @property
    def is_pulled_up(self) -> bool:
        return not self.active_high

    @property
    def inverse(self) -> dict[str, object]:
        return {"active_high": not self.active_high}


class SafetySwitchSection(ContactSection):
    """A lid contact, light barrier or stop button, which keeps every flap still while it is on. It connects the pin to ground,
    and the pin is pulled up.

    Attributes:
        contact: what the contact does as the lid opens, a hand comes in or the button is pressed. One that opens, as a reed
            does that is closed while the lid is shut, reads as on when its wire breaks. With one that closes, the break of a
            wire goes unnoticed.
    """

    contact: Literal["opens", "closes"] = "opens"

    @model_validator(mode="before")
    @classmethod
    def _says_what_the_contact_does(cls, values: object) -> object:
        if isinstance(values, dict) and "active_high" in values:
            raise ValueError(
                "active_high: unknown key; expected contact: opens (it connects the pin to ground until the lid opens or the "
                "button is pressed: a broken wire stops the flaps) or contact: closes (a broken wire goes unnoticed)"
            )
        return values

    @property
    def is_on_high(self) -> bool:
        return self.contact == "opens"

    @property
    def is_pulled_up(self) -> bool:
        return True

    @property
    def inverse(self) -> dict[str, object]:
        return {"contact": "closes" if self.contact == "opens" else "opens"}
