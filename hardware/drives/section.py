"""What the configuration says of any flap's drive, and what can be made from it: driver, simulated body, calibration."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Protocol, Self

from pydantic import Field

from hardware.clock import Clock
from hardware.device import Device
from hardware.errors import HardwareConfigError
from hardware.flap import Flap
from hardware.pin_factory import PinFactory
from hardware.section import SwitchSection, WiredSection
from hardware.sensor import Switch

if TYPE_CHECKING:
    # Only the simulated bin needs the bodies, and they need numpy.
    from hardware.sim.mechanics import BodyContext, FlapMechanics

TravelSeconds = Annotated[float, Field(ge=0.01, le=10)]
OnSeconds = Annotated[float, Field(ge=1, le=60)]
"""A solenoid burns after minutes; a servo that strains against something gets hot within one."""
Newtons = Annotated[float, Field(gt=0, le=500)]
Degrees = Annotated[float, Field(ge=-180, le=180)]


class DriveContext(Protocol):
    """What a driver is made with, besides its section.

    Attributes:
        pins: hands out pins, real or simulated.
        clock: time.
    """

    @property
    def pins(self) -> PinFactory: ...

    @property
    def clock(self) -> Clock: ...

    def drive(self, name: str) -> Device:
        """The device that the section ``drives.NAME`` describes, made once for all flaps that share it.

        Raises:
            HardwareError: it cannot be made.
        """
        ...


class SharedDriveSection(WiredSection, ABC):
    """A section below ``drives``: what the flaps of several bins share. Its kind is that of these flaps."""

    kind: str

    @abstractmethod
    def make(self, name: str, context: DriveContext) -> Device:
        """Its driver; nothing moves. ``name`` is its config key, for messages. Raises HardwareError."""

    @abstractmethod
    def body(self, name: str, context: "BodyContext") -> object:
        """What stands for it in the simulated bin; the bodies of its flaps know its type. Raises HardwareConfigError."""


class FlapSection(WiredSection, ABC):
    """The section ``bins.NAME.flap``: everything that is to be known of one kind of drive is asked of it.

    Attributes:
        drive_section: what describes the drive that flaps of this kind share; None: each has its drive for itself.
        on_pins: whether its driver uses nothing but GPIO pins. Those the simulated bin can read, so it has a body.
        closes_slowly: whether it can close step by step (``Flap.creep_home``).
        travel_s: longest time for the whole way between home and open, in seconds.
        max_on_s: longest time under current, in seconds; then it is let go.
        force_n: force at the flap's edge, in newtons: torque over the distance from the axle. None: not stated, taken for
            strong.
        end_switch: on while the flap is home; None: there is none.
    """

    drive_section: ClassVar[type[SharedDriveSection] | None] = None
    on_pins: ClassVar[bool] = False
    closes_slowly: ClassVar[bool] = False

    kind: str
    travel_s: TravelSeconds = 0.4
    max_on_s: OnSeconds = 10.0
    force_n: Newtons | None = None
    end_switch: SwitchSection | None = None

    @property
    @abstractmethod
    def introduction(self) -> str:
        """What it is and what its first move will be, for the person who calibrates it."""

    @property
    def shared_drive(self) -> str | None:
        """Name of the section below ``drives`` that it needs; None: it has its drive for itself."""
        return None

    def check_drive(self, drive: SharedDriveSection) -> None:
        """Does the shared drive suit? Raises ValueError, with the key that does not fit and what was expected."""
        if self.drive_section is None or not isinstance(drive, self.drive_section):
            raise ValueError(f"drive: expected a drive of kind {self.kind}, {self.shared_drive} is a {drive.kind}")

    def least_travel_s(self, drive: SharedDriveSection) -> float:
        """What ``travel_s`` must be at least with the shared drive, in seconds."""
        return 0.0

    @abstractmethod
    def make(self, name: str, context: DriveContext, *, end_switch: Switch | None = None) -> Flap:
        """Its driver; nothing moves.

        Args:
            name: the bin's name, for messages.
            context: pins, time and shared drives.
            end_switch: on while the flap is home; the caller closes it. None: there is none.

        Raises:
            HardwareConfigError: what it asks for does not exist, or something else of this bin has it.
            FlapError, GpioError: it cannot be used now.
        """

    def body(self, bin: str, context: "BodyContext") -> "FlapMechanics":
        """What the flap does in the simulated bin when its pins are driven.

        Raises:
            HardwareConfigError: there is no simulated body for this kind, or the pins are not simulated.
        """
        raise HardwareConfigError(f"flap {bin!r}: the simulated bin has no body for kind {self.kind}")

    def relays(self, key: tuple[str, ...], drives: Mapping[str, SharedDriveSection]) -> Iterator["SwitchedRelay"]:
        """The relays that it switches, whose level at rest must be checked before they are switched on.

        Args:
            key: this section's in the configuration.
            drives: name -> section of what several flaps share.
        """
        yield from ()


@dataclass(frozen=True, slots=True)
class SwitchedRelay:
    """A relay, and where the configuration says which level switches it on.

    Attributes:
        key: of the whole configuration, e.g. ``("bins", "residual", "flap", "active_high")``.
        section: of a flap on that relay alone; its driver puts the pin to the level at rest when it is made.
        pin: GPIO number.
        active_high: whether a high pin switches it on.
    """

    key: tuple[str, ...]
    section: FlapSection
    pin: int
    active_high: bool


@dataclass(frozen=True, slots=True)
class JogRange:
    """Where a drive may be moved by hand, in degrees: ``min_deg`` <= ``home_deg``, ``open_deg`` <= ``max_deg``."""

    home_deg: float
    open_deg: float
    min_deg: float
    max_deg: float


class AngularSection(FlapSection, ABC):
    """A drive that goes to any angle, so that a person can move it step by step and set its positions. It makes an
    ``AngularFlap``.

    The methods that set something return a changed copy, and raise HardwareConfigError, with the reason, when that is not
    possible.
    """

    @property
    @abstractmethod
    def jog_range(self) -> JogRange:
        """Where it may go."""

    @abstractmethod
    def with_home(self, angle_deg: float) -> Self:
        """Home is at this angle."""

    @abstractmethod
    def with_open(self, angle_deg: float) -> Self:
        """Open is at this angle."""

    @abstractmethod
    def with_limit(self, angle_deg: float) -> Self:
        """It must never go further than this angle, on the side where the angle lies."""


def check_shared_drives(flaps: Mapping[str, FlapSection], drives: Mapping[str, SharedDriveSection]) -> None:
    """Hold the flaps against the drives that they share.

    Args:
        flaps: key of the configuration -> section.
        drives: name -> section.

    Raises:
        ValueError: a flap names a drive that is not there or does not suit, or a drive has no flap.
    """
    unused = set(drives)
    for key, flap in flaps.items():
        name = flap.shared_drive
        if name is None:
            continue
        if name not in drives:
            there = ", ".join(sorted(drives)) or "none"
            raise ValueError(f"{key}.drive: there is no section drives.{name}; there are {there}")
        try:
            flap.check_drive(drives[name])
        except ValueError as error:
            raise ValueError(f"{key}.{error}") from error
        unused.discard(name)
    if unused:
        raise ValueError(f"drives.{min(unused)}: no bin's flap names it as its drive")
