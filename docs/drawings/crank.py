"""The crank of a servo that moves a door or a plate, and how its horn comes onto the axle."""

from dataclasses import dataclass
from itertools import pairwise
from math import acos, asin, atan2, cos, degrees, hypot, radians, sin

SPLINE_TEETH = 25
"""Of the axle of common servos of this size: a horn fits on every 14.4 degrees."""


@dataclass(frozen=True)
class Crank:
    """A servo's horn with a rod to a plate: home and open both lie where horn and rod are in one line.

    There the plate's weight pulls through the servo's axle: it turns nothing, and no pulses are needed.

    Attributes:
        horn_mm: from the servo's axle to the rod.
        attach_mm: from the plate's hinge to the rod.
        rod_mm: length of the rod.
        beyond_deg: how far past the dead centre home lies, against a stop.
    """

    horn_mm: float = 25.0
    attach_mm: float = 60.0
    rod_mm: float = 50.0
    beyond_deg: float = 5.0

    @property
    def drop_deg(self) -> float:
        """How far the plate falls, in degrees: the rod's end moves by two horns."""
        return degrees(2 * asin(self.horn_mm / self.attach_mm))

    @property
    def axle_mm(self) -> tuple[float, float]:
        """The servo's axle, from the hinge: along the plate, and down."""
        drop = radians(self.drop_deg)
        home, fallen = (self.attach_mm, 0.0), (self.attach_mm * cos(drop), self.attach_mm * sin(drop))
        length = hypot(fallen[0] - home[0], fallen[1] - home[1])
        reach = (self.rod_mm + self.horn_mm) / length
        return home[0] + (fallen[0] - home[0]) * reach, home[1] + (fallen[1] - home[1]) * reach

    def plate_deg(self, turned_deg: float) -> float:
        """Where the plate is when the horn has turned from the dead centre at home, 0..180 degrees."""
        x, y = self.axle_mm
        towards_home = atan2(0 - y, self.attach_mm - x)
        angle = towards_home - radians(turned_deg)
        tip_x, tip_y = x + self.horn_mm * cos(angle), y + self.horn_mm * sin(angle)
        distance = hypot(tip_x, tip_y)
        corner = (distance**2 + self.attach_mm**2 - self.rod_mm**2) / (2 * distance * self.attach_mm)
        return degrees(atan2(tip_y, tip_x) - acos(max(-1.0, min(1.0, corner))))

    @property
    def ratio(self) -> float:
        """Torque at the servo over moment at the hinge, where it is largest between home and open."""
        steps = [self.plate_deg(turned) for turned in range(5, 176)]
        return max(abs(after - before) for before, after in pairwise(steps))


CRANK = Crank()
"""That of every door and plate that is drawn with one."""


@dataclass(frozen=True)
class HornFitting:
    """How a horn comes onto the axle so that home lies beyond the dead centre, though it fits on some angles alone.

    Attributes:
        crank: which the servo turns.
        fitted_deg: what the servo is commanded to while the horn is put on, as near to the dead centre as the teeth allow.
        open_deg: the command for open.
        limit_deg: the servo goes as far to either side.
    """

    crank: Crank = CRANK
    fitted_deg: float = -75.0
    open_deg: float = 85.0
    limit_deg: float = 90.0

    @property
    def step_deg(self) -> float:
        """From one angle at which the horn fits to the next."""
        return 360 / SPLINE_TEETH

    @property
    def homes_deg(self) -> tuple[float, float]:
        """The commands for home, least and most, as the teeth happen to lie: the dead centre, and on to the stop."""
        least = self.fitted_deg - self.step_deg / 2 - self.crank.beyond_deg
        return least, least + self.step_deg

    @property
    def least_drop_deg(self) -> float:
        """How far the plate falls where the teeth lie worst."""
        return self.crank.plate_deg(self.open_deg - self.homes_deg[1] - self.crank.beyond_deg)
