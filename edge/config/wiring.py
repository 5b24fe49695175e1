"""What is wired to the computer: the sections of the configuration for flaps, switches, level sensors and the light."""

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from edge.config.section import Section

GpioPin = Annotated[int, Field(ge=0, le=27, strict=True)]  # strict: true is no pin 1
TravelSeconds = Annotated[float, Field(gt=0, le=10)]
Degrees = Annotated[float, Field(ge=-180, le=180)]
I2CBus = Annotated[int, Field(ge=0, le=31, strict=True)]
I2CAddress = Annotated[int, Field(ge=0x08, le=0x77, strict=True)]


class Claim(NamedTuple):
    """A part needs something that there is only once.

    Attributes:
        key: where that stands, below the part's own key.
        what: what it is, e.g. ``GPIO 12``.
        bus: what claims it for several together, e.g. ``I2C bus 1``; they do not disturb each other. None: one alone.
    """

    key: str
    what: str
    bus: str | None = None


def _gpio(**pins: int | None) -> Iterator[Claim]:
    return (Claim(key, f"GPIO {pin}") for key, pin in pins.items() if pin is not None)


def _i2c(bus: int) -> Iterator[Claim]:
    """The header's pins that an I2C bus runs on; the others run elsewhere."""
    pins = {0: (0, 1), 1: (2, 3)}.get(bus, ())
    return (Claim("bus", f"GPIO {pin}", f"I2C bus {bus}") for pin in pins)


class SwitchConfig(Section):
    """A button, lid contact, light barrier or end switch on one pin."""

    pin: GpioPin
    active_high: bool = False

    def claims(self) -> Iterator[Claim]:
        """What it needs."""
        yield from _gpio(pin=self.pin)


class _FlapSection(Section):
    travel_s: TravelSeconds = 0.4
    end_switch: SwitchConfig | None = None


class _ServoSection(_FlapSection):
    home_deg: Degrees
    open_deg: Degrees
    min_deg: Degrees = -90.0
    max_deg: Degrees = 90.0
    min_pulse_ms: float = Field(0.5, ge=0.3, le=3)
    max_pulse_ms: float = Field(2.5, ge=0.3, le=3)

    @model_validator(mode="after")
    def _within_limits(self) -> Self:
        if self.min_deg >= self.max_deg or self.min_pulse_ms >= self.max_pulse_ms:
            raise ValueError("min_deg must be below max_deg, and min_pulse_ms below max_pulse_ms")
        for name, angle in (("home_deg", self.home_deg), ("open_deg", self.open_deg)):
            if not self.min_deg <= angle <= self.max_deg:
                raise ValueError(f"{name} {angle} lies outside min_deg {self.min_deg} .. max_deg {self.max_deg}")
        if self.home_deg == self.open_deg:
            raise ValueError("home_deg and open_deg are the same: the flap would never open")
        return self


class ServoConfig(_ServoSection):
    """A flap moved by a hobby servo, its pulses made by software."""

    kind: Literal["servo"]
    pin: GpioPin

    def claims(self) -> Iterator[Claim]:
        """What it needs."""
        yield from _gpio(pin=self.pin)


class HardwareServoConfig(_ServoSection):
    """A flap moved by a hobby servo, its pulses made by the kernel's PWM (/sys/class/pwm)."""

    kind: Literal["hardware_servo"]
    chip: Annotated[int, Field(ge=0, le=31, strict=True)] | None = None
    channel: int = Field(ge=0, le=15, strict=True)

    def claims(self) -> Iterator[Claim]:
        """What it needs."""
        chip = "" if self.chip is None else f"chip {self.chip} "
        yield Claim("channel", f"PWM {chip}channel {self.channel}")


class PCA9685Config(_ServoSection):
    """A flap moved by a hobby servo on a PCA9685 board."""

    kind: Literal["pca9685"]
    bus: I2CBus = 1
    address: I2CAddress = 0x40
    channel: int = Field(ge=0, le=15, strict=True)

    def claims(self) -> Iterator[Claim]:
        """What it needs."""
        device = f"I2C bus {self.bus} address {self.address:#04x}"
        yield from _i2c(self.bus)
        yield Claim("address", device, f"PCA9685 at {device}")
        yield Claim("channel", f"PCA9685 at {device} channel {self.channel}")


class RelayConfig(_FlapSection):
    """A flap moved by a solenoid or a motor driver, with a spring to close it."""

    kind: Literal["relay"]
    pin: GpioPin
    active_high: bool = True
    travel_s: TravelSeconds = 0.3

    def claims(self) -> Iterator[Claim]:
        """What it needs."""
        yield from _gpio(pin=self.pin)


FlapConfig = Annotated[
    ServoConfig | HardwareServoConfig | PCA9685Config | RelayConfig,
    Field(discriminator="kind"),
]


class _LevelSection(Section):
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
        """What it needs."""
        yield from _gpio(trigger_pin=self.trigger_pin, echo_pin=self.echo_pin)


class VL53L0XConfig(_LevelSection):
    """A VL53L0X time-of-flight sensor, looking down into the bin."""

    kind: Literal["vl53l0x"]
    bus: I2CBus = 1
    address: I2CAddress = 0x29
    empty_m: float = Field(gt=0, le=2)

    def claims(self) -> Iterator[Claim]:
        """What it needs."""
        yield from _i2c(self.bus)
        yield Claim("address", f"I2C bus {self.bus} address {self.address:#04x}")


class SimLevelConfig(_LevelSection):
    """What fell into a bin of the simulated ones."""

    kind: Literal["sim"]

    def claims(self) -> Iterator[Claim]:
        """What it needs: nothing."""
        yield from ()


LevelConfig = Annotated[UltrasonicConfig | VL53L0XConfig | SimLevelConfig, Field(discriminator="kind")]


class LedsConfig(Section):
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
        """What it needs."""
        yield from _gpio(ready=self.ready, sorting=self.sorting, attention=self.attention, fault=self.fault)


class PanelConfig(Section):
    """What people touch and see at the bin."""

    lid: SwitchConfig | None = None
    service_button: SwitchConfig | None = None
    stop_button: SwitchConfig | None = None
    light: LedsConfig | None = None

    def switches(self) -> dict[str, SwitchConfig]:
        """The switches that there are, by their key."""
        parts = {"lid": self.lid, "service_button": self.service_button, "stop_button": self.stop_button}
        return {name: part for name, part in parts.items() if part is not None}


Part = (
    ServoConfig
    | HardwareServoConfig
    | PCA9685Config
    | RelayConfig
    | SwitchConfig
    | UltrasonicConfig
    | VL53L0XConfig
    | SimLevelConfig
    | LedsConfig
)
"""The section of anything that is wired to the computer; ``claims()`` says what it needs."""

KINDS = frozenset({"servo", "hardware_servo", "pca9685", "relay", "ultrasonic", "vl53l0x", "sim", "leds"})
"""Every kind of part that has one."""


def check_no_conflicts(claims: Iterator[Claim]) -> None:
    """Refuse what is claimed twice.

    Args:
        claims: of all parts, with their whole keys.

    Raises:
        ValueError: two parts need the same; the text names both keys.
    """
    owners: dict[str, Claim] = {}
    for claim in claims:
        other = owners.setdefault(claim.what, claim)
        if other.key != claim.key and (other.bus is None or other.bus != claim.bus):
            taken = f"{claim.key}: {claim.what} is taken by {other.key} already"
            raise ValueError(taken if other.bus is None else f"{taken}, for {other.bus}")
