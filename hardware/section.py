"""What the sections of the configuration have in common, and what those claim that are wired to the computer."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

GpioPin = Annotated[int, Field(ge=0, le=27, strict=True)]  # strict: true is no pin 1
I2CBus = Annotated[int, Field(ge=0, le=31, strict=True)]
I2CAddress = Annotated[int, Field(ge=0x08, le=0x77, strict=True)]

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
    """

    key: str
    what: str
    bus: str | None = None


@dataclass(frozen=True, slots=True)
class GpioClaim(Claim):
    """A pin of the header, or with ``bus`` one of the pins that a bus runs on. ``pin``: its GPIO number."""

    pin: int = 0


@dataclass(frozen=True, slots=True)
class I2CClaim(Claim):
    """A device on an I2C bus. ``number``: of the bus; ``address``: the device's on it."""

    number: int = 0
    address: int = 0


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


def gpio_claims(**pins: int | None) -> Iterator[GpioClaim]:
    """One claim for each pin: its key and its GPIO number; None: it is not connected."""
    return (GpioClaim(key, f"GPIO {pin}", pin=pin) for key, pin in pins.items() if pin is not None)


def i2c_claims(bus: int, address: int, *, shared_by: str | None = None) -> Iterator[Claim]:
    """The header's pins that the bus runs on, and the device itself.

    Args:
        bus: number of the bus.
        address: the device's on it.
        shared_by: kind of the device, if several sections may name the same one; None: one alone.
    """
    device = f"I2C bus {bus} address {address:#04x}"
    for pin in HEADER_I2C.get(bus, ()):
        yield GpioClaim("bus", f"GPIO {pin}", f"I2C bus {bus}", pin=pin)
    shared = None if shared_by is None else f"{shared_by} at {device}"
    yield I2CClaim("address", device, shared, number=bus, address=address)


class SwitchSection(WiredSection):
    """A button, lid contact, light barrier or end switch on one pin."""

    pin: GpioPin
    active_high: bool = False

    def claims(self) -> Iterator[Claim]:
        yield from gpio_claims(pin=self.pin)
