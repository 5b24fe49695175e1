"""One item's time on the tray: it slides in, lies, and leaves."""

import math

import numpy as np

from hardware.sim.items import SimItem
from hardware.sim.scene import Pose, fitted, turned_size

FALL_S = 0.25
"""Time from the flap being open to the item being out of sight, in seconds."""

TAKE_S = 0.4
"""Time that a user needs to take an item away, in seconds."""

_FAR = 1e9


class Visit:
    """An item from the moment it comes into view until it is gone.

    Args:
        item: what it is.
        arrive_s: when it comes into view, in seconds.
        settle_s: how long it takes to come to rest, in seconds.
        longest_px: its longest side at rest, in pixels.
        picture: width and height of the camera's picture, in pixels.
        rng: chooses where it comes from and how it comes to lie.
    """

    def __init__(
        self,
        item: SimItem,
        *,
        arrive_s: float,
        settle_s: float,
        longest_px: float,
        picture: tuple[int, int],
        rng: np.random.Generator,
    ) -> None:
        self.item = item
        self.picture = fitted(item.rgba, longest_px)
        self.arrive_s = arrive_s
        self.rest_s = arrive_s + settle_s
        self.left_s = _FAR
        self.bins: list[str] = []
        self._taken = False
        angle_deg = float(rng.uniform(0, 360))
        width, height = picture
        taken = turned_size(self.picture, angle_deg)
        self._rest = Pose(_near_middle(width, taken[0], rng), _near_middle(height, taken[1], rng), angle_deg)
        came_from = float(rng.uniform(0, 2 * math.pi))
        way = 0.75 * width + longest_px / 2
        self._way = (way * math.cos(came_from), way * math.sin(came_from))
        self._spin_deg = float(rng.uniform(-150, 150))

    @property
    def is_on_tray(self) -> bool:
        """Whether it is arriving or lying there."""
        return not self._taken and not self.bins

    @property
    def is_taken(self) -> bool:
        """Whether a user takes it away, because nobody handled it."""
        return self._taken

    def fall(self, bin: str, time_s: float) -> None:
        """A bin's flap is open. The first one gets the item; another one is only noted."""
        if not self.bins:
            self.left_s = time_s
        self.bins.append(bin)

    def take(self, time_s: float) -> None:
        """A user takes it away."""
        self._taken = True
        self.left_s = time_s

    def is_gone(self, time_s: float) -> bool:
        """Whether it is out of sight."""
        return time_s >= self.left_s + (TAKE_S if self._taken else FALL_S)

    def pose(self, time_s: float) -> Pose:
        """Where it is at a time."""
        left = (time_s - self.left_s) / (TAKE_S if self._taken else FALL_S)
        if left > 0:
            return self._leaving(min(left, 1.0))
        u = min(max((time_s - self.arrive_s) / (self.rest_s - self.arrive_s), 0.0), 1.0)
        if u >= 1.0:
            return self._rest
        # A damped swing about the place of rest, which it reaches exactly; thrown things come from nearer the camera.
        swing = (1 - u) ** 3 * math.cos(1.5 * math.pi * u)
        return Pose(
            self._rest.x + self._way[0] * swing,
            self._rest.y + self._way[1] * swing,
            self._rest.angle_deg + self._spin_deg * (1 - u) ** 2,
            1.0 + 0.3 * (1 - u) ** 2,
        )

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
