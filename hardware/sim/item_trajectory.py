"""One item's time on the tray: it slides in, lies, and leaves."""

import math
from dataclasses import dataclass

import numpy as np

from hardware.sim.items import SimItem
from hardware.sim.compositing import Pose, fitted, turned_size

FALL_S = 0.25
"""Time from the flap being open to the item being out of sight, in seconds."""

TAKE_S = 0.4
"""Time that a user needs to take an item away, in seconds."""

LANDED = 0.55
"""Share of the time until rest from which on an item lies on the tray, however much it still rolls."""

_FAR = 1e9


@dataclass(slots=True)
class Arrival:
    """How an item comes and lies.

    Attributes:
        x, y: where its middle comes to rest, as shares of the picture; may lie outside. None: near the middle.
        angle_deg: how it is turned then; None: any way.
        bounces: how often it hops (0..5).
        roll: how far it rolls after landing, as a share of the picture's shorter side (0..1).
        opacity: 0 invisible, 1 solid.
        restless_s: for how long it goes on rocking when it should lie still, in seconds; may be infinite.
        stays: for so many openings of a flap it does not fall.
        leaves_after_s: a user takes it away so long after it should lie still, in seconds; None: nobody does.
    """

    x: float | None = None
    y: float | None = None
    angle_deg: float | None = None
    bounces: int = 0
    roll: float = 0.0
    opacity: float = 1.0
    restless_s: float = 0.0
    stays: int = 0
    leaves_after_s: float | None = None


class ItemTrajectory:
    """An item from the moment it comes into view until it is gone.

    Args:
        item: what it is.
        number: 1 is the first of the world's items.
        arrive_s: when it comes into view, in seconds.
        settle_s: how long it takes to come to rest, in seconds.
        longest_px: its longest side at rest, in pixels.
        picture: width and height of the camera's picture, in pixels.
        rng: chooses where it comes from, and how it comes to lie where ``manner`` doesn't say.
        manner: how it comes and lies.

    Attributes:
        command_s: when a flap was first told to open for it, in seconds; None: not yet.
        openings: how often a flap was told to open for it.
        was_let_go: whether its user took it back, which is no miss.
    """

    def __init__(
        self,
        item: SimItem,
        *,
        number: int = 0,
        arrive_s: float,
        settle_s: float,
        longest_px: float,
        picture: tuple[int, int],
        rng: np.random.Generator,
        manner: Arrival | None = None,
    ) -> None:
        self.item = item
        self.number = number
        self.manner = manner = manner or Arrival()
        self.picture = fitted(item.rgba, longest_px)
        if manner.opacity < 1:
            self.picture = np.rint(self.picture * manner.opacity).astype(np.uint8)
        self.arrive_s = arrive_s
        self._still_s = arrive_s + settle_s
        self.left_s = _FAR
        self.bins: list[str] = []
        self.stays = manner.stays
        self.command_s: float | None = None
        self.openings = 0
        self.was_let_go = False
        self._taken = False
        self._sunk_s: float | None = None
        angle_deg = float(rng.uniform(0, 360))
        angle_deg = angle_deg if manner.angle_deg is None else manner.angle_deg
        self._view = width, height = picture
        taken = turned_size(self.picture, angle_deg)
        x, y = _near_middle(width, taken[0], rng), _near_middle(height, taken[1], rng)
        x, y = x if manner.x is None else manner.x * width, y if manner.y is None else manner.y * height
        self._rest = Pose(x, y, angle_deg)
        came_from = float(rng.uniform(0, 2 * math.pi))
        way = 0.75 * width + longest_px / 2
        self._way = (way * math.cos(came_from), way * math.sin(came_from))
        self._spin_deg = float(rng.uniform(-150, 150))
        self._roll_px = manner.roll * min(width, height)
        self._radius_px = max(longest_px / 2, 1.0)

    @property
    def is_on_tray(self) -> bool:
        """Whether it is arriving or lying there."""
        return not self._taken and not self.bins

    @property
    def is_taken(self) -> bool:
        """Whether a user takes it away."""
        return self._taken

    @property
    def rest_s(self) -> float:
        """When it comes to rest, in seconds; may be infinite."""
        return self._still_s + self.manner.restless_s

    @property
    def landed_s(self) -> float:
        """When it has landed on the tray, in seconds."""
        return self.arrive_s + LANDED * (self._still_s - self.arrive_s)

    @property
    def forgotten_s(self) -> float:
        """When it should have come to rest, in seconds: from then on its user waits for the bin."""
        return self._still_s

    def fall(self, bin: str, time_s: float) -> None:
        """A bin's flap is open. The first one gets the item; another one is only noted."""
        if not self.bins:
            self.left_s = time_s
        self.bins.append(bin)

    def sink(self, time_s: float) -> None:
        """It drops onto what fills the bin, and stays in view."""
        self._sunk_s = time_s if self._sunk_s is None else self._sunk_s

    def take(self, time_s: float, *, let_go: bool = False) -> None:
        """A user takes it away; ``let_go`` when he has only changed his mind."""
        self._taken = True
        self.was_let_go = let_go
        self.left_s = time_s

    def is_gone(self, time_s: float) -> bool:
        """Whether it is out of sight."""
        return time_s >= self.left_s + (TAKE_S if self._taken else FALL_S)

    def is_seen_moving(self, time_s: float) -> bool:
        """Whether a picture of that moment shows it well in view and on its way: in, about, or taken away."""
        if self._taken and time_s > self.left_s + 0.25 * TAKE_S:
            return True
        return self.is_on_tray and self.arrive_s < time_s < self.rest_s and self._is_in_view(time_s)

    def is_still(self, time_s: float) -> bool:
        """Whether it looks the same now and from now on, until something happens to it."""
        return self.rest_s <= time_s < self.left_s and (self._sunk_s is None or time_s > self._sunk_s + FALL_S)

    def pose(self, time_s: float) -> Pose:
        """Where it is at a time."""
        left = (time_s - self.left_s) / (TAKE_S if self._taken else FALL_S)
        if left > 0:
            return self._leaving(min(left, 1.0))
        u = min(max((time_s - self.arrive_s) / (self._still_s - self.arrive_s), 0.0), 1.0)
        if u >= 1.0:
            return self._lying(time_s)
        if not (self.manner.bounces or self.manner.roll):
            # A damped swing about the place of rest, which it reaches exactly; thrown things come from nearer the camera.
            swing = (1 - u) ** 3 * math.cos(1.5 * math.pi * u)
            return Pose(
                self._rest.x + self._way[0] * swing,
                self._rest.y + self._way[1] * swing,
                self._rest.angle_deg + self._spin_deg * (1 - u) ** 2,
                1.0 + 0.3 * (1 - u) ** 2,
            )
        # Thrown in an arc, then hops that get lower while it rolls on the way it was going, slower and slower.
        flight = max(1 - u / LANDED, 0.0)
        after = (1 - max((u - LANDED) / (1 - LANDED), 0.0)) ** 2
        hop = abs(math.cos(math.pi * (self.manner.bounces + 0.5) * u)) * (1 - u) ** 2 if self.manner.bounces else 0.0
        far = math.hypot(*self._way)
        roll = self._roll_px * after
        return Pose(
            self._rest.x + self._way[0] * (flight + roll / far),
            self._rest.y + self._way[1] * (flight + roll / far),
            self._rest.angle_deg + self._spin_deg * flight + math.degrees(roll / self._radius_px),
            1.0 + 0.3 * flight + 0.35 * hop,
        )

    def _is_in_view(self, time_s: float) -> bool:
        """Whether its middle is."""
        pose, (width, height) = self.pose(time_s), self._view
        return 0 <= pose.x <= width and 0 <= pose.y <= height

    def _lying(self, time_s: float) -> Pose:
        rest = self._rest
        if time_s < self.rest_s:
            rock = math.sin(2 * math.pi * 1.6 * (time_s - self._still_s))
            return Pose(rest.x + 0.06 * self._radius_px * rock, rest.y, rest.angle_deg + 7.0 * rock)
        if self._sunk_s is None:
            return rest
        sunk = min((time_s - self._sunk_s) / FALL_S, 1.0)
        shift = 0.12 * self._radius_px * sunk
        return Pose(rest.x + shift, rest.y + shift, rest.angle_deg + 4 * sunk, 1 - 0.08 * sunk)

    def _leaving(self, u: float) -> Pose:
        """``u``: 0 at rest, 1 gone."""
        # Unhandled, it is lifted out where it came from; else it drops away and slides off the tilting flap.
        far, scale = (2.0, 1 + 0.3 * u) if self._taken else (-0.25, 1 - 0.9 * u)
        x, y = self._rest.x + far * self._way[0] * u * u, self._rest.y + far * self._way[1] * u * u
        return Pose(x, y, self._rest.angle_deg, scale)


def _near_middle(extent: int, taken: float, rng: np.random.Generator) -> float:
    """A coordinate near the middle, such that something ``taken`` wide stays within ``extent`` if it can."""
    room = max(min((extent - taken) / 2 - 4, 0.16 * extent), 0.0)
    return extent / 2 + float(rng.uniform(-room, room))
