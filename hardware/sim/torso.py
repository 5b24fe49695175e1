"""A body wider than the tray that comes over one of its sides: a forearm laid across, a torso, a coat."""

import math
from functools import cache

import cv2
import numpy as np

from hardware.frame import Pixels
from hardware.sim.hand import way_in

CLOTHS = {
    "dark": ((46, 50, 62), None),
    "light": ((214, 206, 190), None),
    "striped": ((44, 70, 128), (226, 224, 216)),
    "checked": ((150, 44, 40), (38, 62, 52)),
}
"""Cloth -> RGB, and that of its pattern; None: it has none."""

_QUARTER_TURNS = {"bottom": 0, "left": 1, "top": 2, "right": 3}
"""Side -> quarter turns, counter-clockwise, after which that side is the picture's lower one."""

_SWAY_HZ = (0.9, 2.3)
"""Frequencies of the sway of somebody who stands and leans, in Hz."""

_ROUNDNESS = 0.12
"""How much less deep it reaches at its ends than in the middle, as a share of its depth: a body is round."""

_SHADOW_SHARE, _SHADOW_LIGHT = 0.02, 0.8
"""Width of the shadow before its outline, as a share of the picture's extent, and the light that is left in it."""

_STRIPE_SHARE, _FOLD_SHARE, _FOLD_LIGHT = 0.05, 0.11, 0.06
"""Width of a stripe and distance of two folds, as shares of the picture's extent, and how much darker a fold is."""

_TORSO_STREAM = 9
"""Second part of a random generator's seed: a stream of random numbers of its own."""


class Torso:
    """One body over one side.

    Args:
        picture: width and height of the camera's picture, in pixels.
        begin_s: when it comes into view, in seconds.
        end_s: when it has left the view, in seconds; may be infinite.
        side: one of ``hand.SIDES``.
        depth: how deep it reaches over the whole side, as a share of the way across the picture (0..1).
        come_s: time in which it comes in, and leaves, in seconds.
        sway: amplitude of its sway, as a share of the way across the picture; 0: it stands like a statue.
        cloth: one of ``CLOTHS``.
        seed: determines the sway.
    """

    def __init__(
        self,
        picture: tuple[int, int],
        *,
        begin_s: float,
        end_s: float,
        side: str = "bottom",
        depth: float = 0.5,
        come_s: float = 0.3,
        sway: float = 0.0,
        cloth: str = "dark",
        seed: int = 0,
    ) -> None:
        self._begin_s, self._end_s, self._come_s = begin_s, end_s, come_s
        self._turns = _QUARTER_TURNS[side]
        self._depth, self._sway = depth, sway
        across = side in ("left", "right")
        self._extent, self._width = (picture[0], picture[1]) if across else (picture[1], picture[0])
        self._cloth = _weave(cloth, self._extent, self._width)
        self._phases = np.random.default_rng((seed, _TORSO_STREAM)).uniform(0, 2 * math.pi, 2)
        arc = np.linspace(-1, 1, self._width) ** 2
        self._outline = 1 - _ROUNDNESS * arc

    def reached(self, time_s: float) -> float:
        """Its way in at a time: 0 out of view, 1 at full reach."""
        return way_in(time_s, self._begin_s, self._end_s, self._come_s)

    def draw_on(self, picture: Pixels, time_s: float) -> float:
        """Draw it on a picture, in place. Returns the share of the picture that it covers, 0..1."""
        front = self._front(time_s)
        if front is None:
            return 0.0
        view = np.rot90(picture, self._turns)
        shadow = max(round(_SHADOW_SHARE * self._extent), 1)
        first = max(int(front.min()) - shadow, 0)
        rows = np.arange(first, self._extent)[:, None] >= front[None, :]
        shaded = np.arange(first, self._extent)[:, None] >= front[None, :] - shadow
        ground = view[first:]
        dimmed = cv2.convertScaleAbs(np.ascontiguousarray(ground), alpha=_SHADOW_LIGHT)
        np.copyto(ground, dimmed, where=shaded[..., None])
        # The pattern comes in with the body: its first row is always the one in front.
        np.copyto(ground, self._cloth[: self._extent - first], where=rows[..., None])
        return float(np.count_nonzero(rows)) / (self._extent * self._width)

    def cover_on(self, mask: np.ndarray[tuple[int, int], np.dtype[np.bool_]], time_s: float) -> None:
        """Mark what it covers on a mask of the picture's size, in place."""
        front = self._front(time_s)
        if front is not None:
            view = np.rot90(mask, self._turns)
            view |= np.arange(self._extent)[:, None] >= front[None, :]

    def _front(self, time_s: float) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
        """Row, from above, at which it begins in each column, with its side below; None: it is out of view."""
        reached = self.reached(time_s)
        if reached <= 0:
            return None
        slow, fast = (math.sin(2 * math.pi * hz * time_s + one) for hz, one in zip(_SWAY_HZ, self._phases, strict=True))
        depth = reached * self._depth + self._sway * (0.7 * slow + 0.3 * fast)
        # One that covers all covers the corners too.
        outline = self._outline if self._depth < 1 else self._outline**0
        front: np.ndarray[tuple[int], np.dtype[np.float64]] = self._extent - np.round(depth * self._extent * outline)
        return front


@cache
def _weave(cloth: str, extent: int, width: int) -> Pixels:
    """Cloth with its folds, its front above, RGB uint8 (extent, width, 3)."""
    ground, pattern = CLOTHS[cloth]
    rows, columns = np.mgrid[0:extent, 0:width]
    picture = np.empty((extent, width, 3), np.float32)
    picture[:] = ground
    stripe = max(round(_STRIPE_SHARE * extent), 1)
    if pattern is not None:
        marked = (columns // stripe) % 2 == 1
        if cloth == "checked":
            marked ^= (rows // stripe) % 2 == 1
        picture[marked] = pattern
    folds = 1 - _FOLD_LIGHT * (1 + np.sin(2 * math.pi * (rows + 0.3 * columns) / (_FOLD_SHARE * extent)))
    woven: Pixels = np.clip(picture * folds[..., None], 0, 255).astype(np.uint8)
    return woven
