"""The way of one item: it slides in, lies on the tray, and leaves."""

import math
from dataclasses import dataclass

import numpy as np

from hardware.sim.compositing import Pose, premultiplied, rotated_size
from hardware.sim.items import SimItem

FALL_S = 0.25
"""Time from the flap being open to the item being out of sight, in seconds: a free fall of 30 cm."""

TAKE_S = 0.4
"""Time that a user needs to take an item away, in seconds."""

LANDED = 0.55
"""Share of the time until rest from which on an item lies on the tray; it may still roll."""

_OUT_OF_TRAY = 0.25
"""Share of the time in which an item is taken away that it still counts as lying there: the hand only grasps it."""

_NEARER = 0.3
"""How much larger a thrown item appears than at rest, as a share: it comes from nearer to the camera."""

_HOP = 0.35
"""How much larger it appears at the top of its first hop, as a share."""

_START_DISTANCE = 0.75
"""Distance from its place of rest at which an item comes into view, in widths of the picture: surely outside it."""

_MOST_SPIN_DEG = 150.0
"""Largest rotation on its way, in degrees."""

_ROCK_HZ, _ROCK_DEG, _ROCK_SHARE = 1.6, 7.0, 0.06
"""A rocking item: frequency, angle in degrees, and shift as a share of its radius. A bottle on its side rocks like that."""

_SINK_SHARE, _SINK_DEG, _SINK_SCALE = 0.12, 4.0, 0.08
"""An item that drops onto what fills the bin: shift as a share of its radius, rotation in degrees, loss of size as a share."""

_EDGE_PX, _PLACE_SHARE = 4, 0.16
"""Least distance of an item from the picture's border, in pixels, and how far from the middle items come to rest, as a share
of the picture: users aim at the middle of a tray."""

_NEVER_S = 1e9
"""A time that no run reaches, in seconds."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How an item comes and lies.

    Attributes:
        x, y: where its middle comes to rest, as shares of the picture; may lie outside. None: near the middle.
        angle_deg: its rotation then; None: random.
        bounces: number of hops (0..5).
        roll: distance that it rolls after landing, as a share of the picture's shorter side (0..1).
        opacity: 0 invisible, 1 solid.
        restless_s: time that it goes on rocking when it should lie still, in seconds; may be infinite.
        stays: number of openings of a flap for which it does not fall.
        leaves_after_s: time after which its user takes it away, from when it should lie still, in seconds; None: never.
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
        settle_s: time until it is at rest, in seconds.
        longest_px: its longest side at rest, in pixels.
        picture: width and height of the camera's picture, in pixels.
        rng: chooses where it comes from, and how it comes to lie where ``arrival`` does not say.
        arrival: how it comes and lies.

    Attributes:
        sprite: its picture in the size of the scene, with premultiplied alpha.
        left_s: when it began to leave, in seconds; far in the future until then.
        bins: the bins whose flaps opened for it, in order.
        stays: number of openings for which it still will not fall.
        command_s: when a flap was first commanded to open for it, in seconds; None: not yet.
        openings: number of commands to open a flap for it.
        is_withdrawn: whether its user took it back, which is no miss.
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
        arrival: Arrival | None = None,
    ) -> None:
        self.item = item
        self.number = number
        self.arrival = arrival = arrival or Arrival()
        self.sprite = premultiplied(item.rgba, longest_px)
        if arrival.opacity < 1:
            self.sprite = np.rint(self.sprite * arrival.opacity).astype(np.uint8)
        self.arrive_s = arrive_s
        self._still_s = arrive_s + settle_s
        self.left_s = _NEVER_S
        self.bins: list[str] = []
        self.stays = arrival.stays
        self.command_s: float | None = None
        self.openings = 0
        self.is_withdrawn = False
        self._taken = False
        self._sunk_s: float | None = None
        angle_deg = float(rng.uniform(0, 360))
        angle_deg = angle_deg if arrival.angle_deg is None else arrival.angle_deg
        self._view = width, height = picture
        taken = rotated_size(self.sprite, angle_deg)
        x, y = _near_middle(width, taken[0], rng), _near_middle(height, taken[1], rng)
        x, y = x if arrival.x is None else arrival.x * width, y if arrival.y is None else arrival.y * height
        self._rest = Pose(x, y, angle_deg)
        direction = float(rng.uniform(0, 2 * math.pi))
        way = _START_DISTANCE * width + longest_px / 2
        self._way = (way * math.cos(direction), way * math.sin(direction))
        self._spin_deg = float(rng.uniform(-_MOST_SPIN_DEG, _MOST_SPIN_DEG))
        self._roll_px = arrival.roll * min(width, height)
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
        return self._still_s + self.arrival.restless_s

    @property
    def landed_s(self) -> float:
        """When it has landed on the tray, in seconds."""
        return self.arrive_s + LANDED * (self._still_s - self.arrive_s)

    @property
    def user_waits_from_s(self) -> float:
        """When it should have come to rest, in seconds: from then on its user waits for the bin."""
        return self._still_s

    def fall(self, bin: str, time_s: float) -> None:
        """Let it fall through an open flap. The first bin gets the item; another one is only noted."""
        if not self.bins:
            self.left_s = time_s
        self.bins.append(bin)

    def sink(self, time_s: float) -> None:
        """Let it drop onto what fills the bin, still in view."""
        self._sunk_s = time_s if self._sunk_s is None else self._sunk_s

    def take(self, time_s: float, *, withdrawn: bool = False) -> None:
        """Let a user take it away; ``withdrawn`` when the user has only changed plans."""
        self._taken = True
        self.is_withdrawn = withdrawn
        self.left_s = time_s

    def is_gone(self, time_s: float) -> bool:
        """Whether it is out of sight."""
        return time_s >= self.left_s + (TAKE_S if self._taken else FALL_S)

    def is_seen_moving(self, time_s: float) -> bool:
        """Whether a picture of that moment shows it in view and moving: in, about, or taken away."""
        if self._taken and time_s > self.left_s + _OUT_OF_TRAY * TAKE_S:
            return True
        return self.is_on_tray and self.arrive_s < time_s < self.rest_s and self._is_in_view(time_s)

    def is_still(self, time_s: float) -> bool:
        """Whether it looks the same from now on, until something happens to it."""
        return self.rest_s <= time_s < self.left_s and (self._sunk_s is None or time_s > self._sunk_s + FALL_S)

    def pose(self, time_s: float) -> Pose:
        """Where it is at a time."""
        left = (time_s - self.left_s) / (TAKE_S if self._taken else FALL_S)
        if left > 0:
            return self._leaving(min(left, 1.0))
        u = min(max((time_s - self.arrive_s) / (self._still_s - self.arrive_s), 0.0), 1.0)
        if u >= 1.0:
            return self._lying(time_s)
        return self._thrown(u) if self.arrival.bounces or self.arrival.roll else self._sliding(u)

    def _is_in_view(self, time_s: float) -> bool:
        """Whether its middle is."""
        pose, (width, height) = self.pose(time_s), self._view
        return 0 <= pose.x <= width and 0 <= pose.y <= height

    def _sliding(self, u: float) -> Pose:
        """A damped swing about the place of rest, which it reaches exactly; ``u``: 0 in the hand, 1 at rest."""
        swing = (1 - u) ** 3 * math.cos(1.5 * math.pi * u)
        return Pose(
            self._rest.x + self._way[0] * swing,
            self._rest.y + self._way[1] * swing,
            self._rest.angle_deg + self._spin_deg * (1 - u) ** 2,
            1.0 + _NEARER * (1 - u) ** 2,
        )

    def _thrown(self, u: float) -> Pose:
        """An arc, then ever lower hops while it rolls on in the same direction, slower and slower; ``u`` as above."""
        flight = max(1 - u / LANDED, 0.0)
        after = (1 - max((u - LANDED) / (1 - LANDED), 0.0)) ** 2
        bounces = self.arrival.bounces
        hop = abs(math.cos(math.pi * (bounces + 0.5) * u)) * (1 - u) ** 2 if bounces else 0.0
        far = math.hypot(*self._way)
        roll = self._roll_px * after
        return Pose(
            self._rest.x + self._way[0] * (flight + roll / far),
            self._rest.y + self._way[1] * (flight + roll / far),
            self._rest.angle_deg + self._spin_deg * flight + math.degrees(roll / self._radius_px),
            1.0 + _NEARER * flight + _HOP * hop,
        )

    def _lying(self, time_s: float) -> Pose:
        rest = self._rest
        if time_s < self.rest_s:
            rock = math.sin(2 * math.pi * _ROCK_HZ * (time_s - self._still_s))
            return Pose(rest.x + _ROCK_SHARE * self._radius_px * rock, rest.y, rest.angle_deg + _ROCK_DEG * rock)
        if self._sunk_s is None:
            return rest
        sunk = min((time_s - self._sunk_s) / FALL_S, 1.0)
        shift = _SINK_SHARE * self._radius_px * sunk
        return Pose(rest.x + shift, rest.y + shift, rest.angle_deg + _SINK_DEG * sunk, 1 - _SINK_SCALE * sunk)

    def _leaving(self, u: float) -> Pose:
        """``u``: 0 at rest, 1 gone."""
        # Taken away, it is lifted out where it came from; else it drops and slides off the tilting flap.
        far, scale = (2.0, 1 + _NEARER * u) if self._taken else (-0.25, 1 - 0.9 * u)
        x, y = self._rest.x + far * self._way[0] * u * u, self._rest.y + far * self._way[1] * u * u
        return Pose(x, y, self._rest.angle_deg, scale)


def _near_middle(extent: int, taken: float, rng: np.random.Generator) -> float:
    """A coordinate near the middle, such that something ``taken`` wide stays within ``extent`` if it can."""
    room = max(min((extent - taken) / 2 - _EDGE_PX, _PLACE_SHARE * extent), 0.0)
    return extent / 2 + float(rng.uniform(-room, room))
