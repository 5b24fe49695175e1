"""An arm with a hand that reaches over the tray."""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels
from hardware.sim.arm_drawing import TIPS_SHARE, draw_arm
from hardware.sim.compositing import Layer, composite, make_layer, premultiplied
from hardware.sim.items import Rgba

SIDES = {"bottom": 0.0, "right": 90.0, "top": 180.0, "left": 270.0}
"""Side of the picture that the arm comes from -> rotation of the drawn arm, which comes from below. Degrees."""

_SOLID_BELOW = 96
"""``Layer.keep`` below which a pixel belongs to the hand: no shadow takes as much of the ground."""

_LENGTH_ACROSS, _LENGTH_SHORT = 1.15, 1.6
"""Least length of the arm, as a multiple of the picture's extent on its way, and of its shorter side: as broad as a hand over
a tray of some 40 cm, and long enough to run out of the picture."""

_TREMOR_STREAM = 5
"""Second part of a random generator's seed: a stream of random numbers of its own."""

_TREMOR_SHARE = 0.004
"""Amplitude of the tremor, as a share of the picture's shorter side: a millimetre or two over a tray of 40 cm."""

_SWAY_HZ, _PUSH_HZ = (2.3, 7.1), (1.7, 8.3)
"""Frequencies of the tremor across the arm and along it: a slow sway, and the 7 to 8 Hz of a hand's natural tremor."""

_FAST_WEIGHT = 0.6
"""Share of the fast part in the tremor."""

_TURN_DEG, _TURN_HZ = 1.2, 1.1
"""Amplitude and frequency of the arm's slow rotation."""

_COVER_STEP_DEG = 0.1
"""Step to which the rotation is rounded where only the cover counts, in degrees: a seventh of a pixel at the finger-tips of a
mask that is 96 pixels wide, and 25 masks serve a whole reach."""

_BESIDE = (0.02, -0.02)
"""How far a vertical arm's column and a horizontal one's row lie beside where it should come in, as shares of the picture: near
the middle, but not on it."""


class Hand:
    """One reach over the tray.

    Args:
        picture: width and height of the camera's picture, in pixels.
        begin_s: when it comes into view, in seconds.
        end_s: when it has left the view, in seconds; may be infinite.
        side: one of ``SIDES``.
        reach: position of the finger-tips, as a share of the way across the picture (0..1).
        across: where on its side it comes in, as a share of that side (0..1).
        come_s: time that it takes to come in, and to leave, in seconds.
        colour: one of ``arm_drawing.COLOURS``.
        seed: determines the tremor.
    """

    def __init__(
        self,
        picture: tuple[int, int],
        *,
        begin_s: float,
        end_s: float,
        side: str = "bottom",
        reach: float = 0.6,
        across: float = 0.5,
        come_s: float = 0.35,
        colour: str = "light",
        seed: int = 0,
    ) -> None:
        self._picture = picture
        self._begin_s, self._end_s, self._come_s = begin_s, end_s, come_s
        self._side, self._reach, self._across = side, reach, across
        self._extent = picture[1] if side in ("top", "bottom") else picture[0]
        self._length = max(_LENGTH_ACROSS * self._extent, _LENGTH_SHORT * min(picture))
        self._sprite = premultiplied(_arm(colour), self._length)
        self._phases = np.random.default_rng((seed, _TREMOR_STREAM)).uniform(0, 2 * math.pi, 4)
        self._hidden: dict[int, NDArray[np.bool_]] = {}

    def reached(self, time_s: float) -> float:
        """Its way in at a time: 0 out of view, 1 at full reach."""
        return way_in(time_s, self._begin_s, self._end_s, self._come_s)

    def draw_on(self, picture: Pixels, time_s: float) -> float:
        """Draw it on a picture, in place. Returns the share of the picture that it covers, 0..1."""
        reached = self.reached(time_s)
        if reached <= 0:
            return 0.0
        angle_deg, x, y = self._pose(reached, time_s)
        top = make_layer(self._sprite, angle_deg, 1.0)
        composite(picture, top, x, y)
        height, width = picture.shape[:2]
        _, solid = _placed(_hidden_by(top), x, y, width, height)
        covered: float = np.count_nonzero(solid) / (height * width)
        return covered

    def cover_on(self, mask: NDArray[np.bool_], time_s: float) -> None:
        """Mark what it covers on a mask of the picture's size, in place; its rotation is rounded to ``_COVER_STEP_DEG``."""
        reached = self.reached(time_s)
        if reached <= 0:
            return
        angle_deg, x, y = self._pose(reached, time_s)
        step = round(angle_deg / _COVER_STEP_DEG)
        if step not in self._hidden:
            self._hidden[step] = _hidden_by(make_layer(self._sprite, step * _COVER_STEP_DEG, 1.0))
        place, solid = _placed(self._hidden[step], x, y, mask.shape[1], mask.shape[0])
        mask[place] |= solid

    def _pose(self, reached: float, time_s: float) -> tuple[float, float, float]:
        """Rotation of the drawn arm, in degrees, and its middle, in pixels of the picture."""
        one, two, three, four = self._phases
        amplitude = _TREMOR_SHARE * min(self._picture)
        sway = amplitude * (_wave(_SWAY_HZ[0], time_s, one) + _FAST_WEIGHT * _wave(_SWAY_HZ[1], time_s, two))
        push = amplitude * (_wave(_PUSH_HZ[0], time_s, three) + _FAST_WEIGHT * _wave(_PUSH_HZ[1], time_s, four))
        angle_deg = SIDES[self._side] + _TURN_DEG * _wave(_TURN_HZ, time_s, two)
        # The drawing's middle, seen from the side that the arm comes from; the tips lead by half its length.
        depth = reached * self._reach * self._extent + push - self._length * (0.5 - TIPS_SHARE)
        width, height = self._picture
        across_x, across_y = (
            (self._across + beside) * extent + sway for beside, extent in zip(_BESIDE, self._picture, strict=True)
        )
        x, y = {
            "bottom": (across_x, height - depth),
            "top": (across_x, depth),
            "left": (depth, across_y),
            "right": (width - depth, across_y),
        }[self._side]
        return angle_deg, x, y


def _wave(hz: float, time_s: float, phase: float) -> float:
    return math.sin(2 * math.pi * hz * time_s + phase)


def way_in(time_s: float, begin_s: float, end_s: float, move_s: float) -> float:
    """How far something has come in at a time: 0 out of view, 1 at full reach.

    Args:
        time_s: the time, in seconds.
        begin_s, end_s: when it comes into view, and when it has left it, in seconds.
        move_s: time that it takes to come in, and to leave, in seconds; less when it stays for less.
    """
    move_s = min(move_s, (end_s - begin_s) / 2)
    way = min((time_s - begin_s) / move_s, (end_s - time_s) / move_s, 1.0)
    return 0.0 if way <= 0 else math.sin(way * math.pi / 2) ** 2


@cache
def _arm(colour: str) -> Rgba:
    return draw_arm(colour)


def _hidden_by(top: Layer) -> NDArray[np.bool_]:
    """The pixels of a layer that belong to the hand, not to its shadow."""
    hidden: NDArray[np.bool_] = top.keep[..., 0] < _SOLID_BELOW
    return hidden


def _placed(
    hidden: NDArray[np.bool_], x: float, y: float, width: int, height: int
) -> tuple[tuple[slice, slice], NDArray[np.bool_]]:
    """Where in a picture the pixels of a layer lie, its middle at ``x, y``, and which of them there it hides."""
    rows, columns = hidden.shape
    left, up = round(x - columns / 2), round(y - rows / 2)
    x0, y0 = min(max(left, 0), width), min(max(up, 0), height)
    x1, y1 = max(min(left + columns, width), x0), max(min(up + rows, height), y0)
    return (slice(y0, y1), slice(x0, x1)), hidden[y0 - up : y1 - up, x0 - left : x1 - left]
