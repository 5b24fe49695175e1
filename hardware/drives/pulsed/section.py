"""What the configuration says of any hobby servo: its angles, and the pulses that mean them."""

from abc import ABC
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from hardware.drives.section import AngularSection, Degrees, JogRange
from hardware.errors import HardwareConfigError

PulseMilliseconds = Annotated[float, Field(ge=0.3, le=3)]
"""Beyond 0.5..2.5 ms common servos run against their stops; a few take 0.3..3."""


class PulsedSection(AngularSection, ABC):
    """A flap moved by a hobby servo: the length of its pulses says where it goes."""

    closes_slowly: ClassVar[bool] = True

    home_deg: Degrees
    open_deg: Degrees
    # What common small servos do; measure yours.
    min_deg: Degrees = -90.0
    max_deg: Degrees = 90.0
    min_pulse_ms: PulseMilliseconds = 0.5
    max_pulse_ms: PulseMilliseconds = 2.5

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

    def pulse_ms(self, angle_deg: float) -> float:
        """Length of the pulses that mean an angle, in milliseconds."""
        ms_per_deg = (self.max_pulse_ms - self.min_pulse_ms) / (self.max_deg - self.min_deg)
        return self.min_pulse_ms + (angle_deg - self.min_deg) * ms_per_deg

    @property
    def introduction(self) -> str:
        return (
            f"a {self.kind}, home {self.home_deg:g}, open {self.open_deg:g}, limits {self.min_deg:g} .. "
            f"{self.max_deg:g} degrees. Its position is not known: its first move goes home at full speed."
        )

    @property
    def jog_range(self) -> JogRange:
        return JogRange(self.home_deg, self.open_deg, self.min_deg, self.max_deg)

    def with_home(self, angle_deg: float) -> Self:
        return self._with_position("home_deg", angle_deg, other_deg=self.open_deg)

    def with_open(self, angle_deg: float) -> Self:
        return self._with_position("open_deg", angle_deg, other_deg=self.home_deg)

    def with_limit(self, angle_deg: float) -> Self:
        # Angle and pulse of a limit go together, so that no other angle changes its meaning.
        pulse_ms = round(self.pulse_ms(angle_deg), 4)
        if angle_deg <= min(self.home_deg, self.open_deg):
            return self.model_copy(update={"min_deg": angle_deg, "min_pulse_ms": pulse_ms})
        if angle_deg >= max(self.home_deg, self.open_deg):
            return self.model_copy(update={"max_deg": angle_deg, "max_pulse_ms": pulse_ms})
        raise HardwareConfigError("A limit cannot lie between home and open: set these first, or go to one of them.")

    def _with_position(self, key: str, angle_deg: float, *, other_deg: float) -> Self:
        if angle_deg == other_deg:
            raise HardwareConfigError("Home and open would be the same: the flap would never open.")
        return self.model_copy(update={key: angle_deg})
