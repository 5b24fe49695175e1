"""What the configuration says of a carousel: the motor that several bins share, and where each bin stands.

A carousel is a chute that turns below the tray, on one stepper motor. A gate in the tray's floor, a flap of its own, holds
the item until the chute stands over its bin: a chute that turned with an item in it, or a slot that passed over the bins
before, would drop it on the way. Home is where the home switch is on, with the gate closed.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from hardware.device import Device
from hardware.drives.carousel.ramp import step_delays
from hardware.drives.relay.section import RelaySection, check_level_is_stated
from hardware.drives.section import (
    AngularSection,
    DriveContext,
    JogRange,
    OnSeconds,
    SharedDriveSection,
    SwitchedRelay,
    TravelSeconds,
)
from hardware.errors import HardwareConfigError
from hardware.flap import Flap
from hardware.section import Claim, GpioPin, SwitchSection, gpio_claims
from hardware.sensor import Switch

if TYPE_CHECKING:
    from hardware.sim.mechanics import BodyContext, FlapMechanics

FULL_TURN_DEG = 360.0

MIN_APART_DEG = 15.0
"""Least distance between home and a bin, in degrees: the chute must be clear of the home switch, and over one bin alone."""

PACE_RESERVE = 1.4
"""Allowed time for a way as a multiple of the computed one: a thread on two loaded cores sent 1430 of 2000 pulses a second."""


class CarouselSection(SharedDriveSection):
    """A stepper motor on a driver board with STEP, DIR and ENABLE (A4988, DRV8825, TMC2209), a home switch, and a gate: a
    solenoid that pulls it open, and a spring that closes it, so that without power nothing falls.
    """

    kind: Literal["carousel"]
    step_pin: GpioPin
    dir_pin: GpioPin
    enable_pin: GpioPin
    enable_active_high: bool = False
    reversed: bool = False
    home_switch: SwitchSection
    home_depth_deg: float = Field(3.0, ge=0.5, le=5)
    steps_per_turn: int = Field(1600, ge=100, le=100_000, strict=True)
    # A thread falls behind above 2000 a second.
    max_steps_per_s: float = Field(1000.0, ge=50, le=2000)
    homing_steps_per_s: float = Field(1000.0, ge=50, le=2000)
    acceleration: float = Field(4000.0, ge=100, le=100_000)
    max_hold_s: float = Field(20.0, ge=1, le=60)
    gate_pin: GpioPin
    gate_active_high: bool
    gate_travel_s: TravelSeconds = 0.3

    @model_validator(mode="before")
    @classmethod
    def _level_is_stated(cls, values: object) -> object:
        return check_level_is_stated(values, "gate_active_high")

    @model_validator(mode="after")
    def _homes_no_faster(self) -> Self:
        if self.homing_steps_per_s > self.max_steps_per_s:
            raise ValueError(
                f"homing_steps_per_s {self.homing_steps_per_s:g} is above max_steps_per_s {self.max_steps_per_s:g}"
            )
        return self

    def claims(self) -> Iterator[Claim]:
        yield from gpio_claims(step_pin=self.step_pin, dir_pin=self.dir_pin, enable_pin=self.enable_pin)
        yield from gpio_claims(gate_pin=self.gate_pin, moves_on_high=self.gate_active_high)

    @property
    def gate(self) -> RelaySection:
        """The gate: it works as any flap on a relay does."""
        return RelaySection(
            kind="relay", pin=self.gate_pin, active_high=self.gate_active_high, travel_s=self.gate_travel_s
        )

    def steps(self, angle_deg: float) -> int:
        """Steps from home to an angle; below 0 backwards."""
        return round(angle_deg / FULL_TURN_DEG * self.steps_per_turn)

    def way_s(self, angle_deg: float) -> float:
        """Longest time from home to a position with the gate open, or back, in seconds."""
        turning_s = sum(self.delays(self.steps(angle_deg)))
        return PACE_RESERVE * turning_s + self.gate_travel_s

    @property
    def search_s(self) -> float:
        """Longest time for finding home from anywhere, in seconds: out of the switch, and up to a whole turn back."""
        steps = self.steps_per_turn + 2 * self.steps(MIN_APART_DEG)
        return PACE_RESERVE * steps / self.homing_steps_per_s + self.gate_travel_s

    def delays(self, steps: int) -> Iterator[float]:
        """Pauses after each of so many steps, from rest to rest, in seconds."""
        return step_delays(abs(steps), cruise_hz=self.max_steps_per_s, acceleration=self.acceleration)

    def make(self, name: str, context: DriveContext) -> Device:
        from hardware.drives.carousel.driver import Carousel

        return Carousel(self, name=name, context=context)

    def body(self, name: str, context: "BodyContext") -> object:
        from hardware.drives.carousel.body import Chute

        positions: Mapping[str, float] = {
            bin: one.position_deg
            for bin, one in context.flaps.items()
            if isinstance(one, CarouselFlapSection) and one.drive == name
        }
        return Chute(self, positions, context)


class CarouselFlapSection(AngularSection):
    """A bin that the chute of a carousel turns to."""

    drive_section: ClassVar[type[SharedDriveSection] | None] = CarouselSection
    on_pins: ClassVar[bool] = True

    kind: Literal["carousel"]
    drive: str = Field(min_length=1)
    position_deg: float = Field(ge=-180, le=180)
    travel_s: TravelSeconds = 4.0
    max_on_s: OnSeconds = 30.0

    @model_validator(mode="after")
    def _is_clear_of_home(self) -> Self:
        if abs(self.position_deg) < MIN_APART_DEG:
            raise ValueError(
                f"position_deg {self.position_deg:g} is too near to home: expected {MIN_APART_DEG:g} or more away from 0"
            )
        return self

    @property
    def shared_drive(self) -> str:
        return self.drive

    def check_drive(self, drive: SharedDriveSection) -> None:
        super().check_drive(drive)
        least_s = self.least_travel_s(drive)
        if self.travel_s < least_s:
            raise ValueError(
                f"travel_s: got {self.travel_s:g}; with drives.{self.drive} as it is expected at least {least_s:.2f}, for "
                "the way there, and for finding home from anywhere"
            )

    def least_travel_s(self, drive: SharedDriveSection) -> float:
        assert isinstance(drive, CarouselSection)  # as above
        return max(drive.way_s(self.position_deg), drive.search_s)

    def claims(self) -> Iterator[Claim]:
        yield Claim("position_deg", f"position {self.position_deg % FULL_TURN_DEG:g} degrees of drives.{self.drive}")

    @property
    def introduction(self) -> str:
        return (
            f"the chute of {self.drive} at {self.position_deg:g} degrees. Its first move looks for the home switch, and "
            "may go all the way round."
        )

    @property
    def jog_range(self) -> JogRange:
        return JogRange(home_deg=0.0, open_deg=self.position_deg, min_deg=-180.0, max_deg=180.0)

    def relays(self, key: tuple[str, ...], drives: Mapping[str, SharedDriveSection]) -> Iterator[SwitchedRelay]:
        carousel = drives[self.drive]
        assert isinstance(carousel, CarouselSection)  # the configuration has been checked (``check_drive``)
        gate = carousel.gate
        yield SwitchedRelay(("drives", self.drive, "gate_active_high"), gate, gate.pin, gate.active_high)

    def with_home(self, angle_deg: float) -> Self:
        raise HardwareConfigError("Home is where the home switch is: move the switch.")

    def with_open(self, angle_deg: float) -> Self:
        if abs(angle_deg) < MIN_APART_DEG:
            raise HardwareConfigError(f"A bin stands at least {MIN_APART_DEG:g} degrees away from home.")
        return self.model_copy(update={"position_deg": angle_deg})

    def with_limit(self, angle_deg: float) -> Self:
        raise HardwareConfigError("A carousel has no limits: its chute must be free to turn all the way round.")

    def make(self, name: str, context: DriveContext, *, end_switch: Switch | None = None) -> Flap:
        from hardware.drives.carousel.driver import Carousel
        from hardware.drives.carousel.flap import CarouselFlap

        carousel = context.drive(self.drive)
        assert isinstance(carousel, Carousel)  # the configuration has been checked (``check_drive``)
        return CarouselFlap(self, carousel, name=name, end_switch=end_switch)

    def body(self, bin: str, context: "BodyContext") -> "FlapMechanics":
        from hardware.drives.carousel.body import CarouselBody, Chute

        chute = context.shared[self.drive]
        assert isinstance(chute, Chute)  # as above
        return CarouselBody(self, bin, chute, context)
