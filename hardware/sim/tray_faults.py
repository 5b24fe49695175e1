"""What a stain or a push makes of the empty tray. RGB uint8 in and out; the input is left as it is."""

import math

import cv2
import numpy as np

from hardware.frame import Pixels

_STAIN_STREAM = 6
"""Second part of a random generator's seed: a stream of random numbers of its own."""

_SPLASHES = 5
"""Number of drops around a spill."""

_DENSITY, _RIM_DENSITY = 0.38, 0.3
"""Share of the tray that a dried spill hides, and what its rim adds: thin coffee on grey paint looks like that."""


def stained(empty: Pixels, *, x: float, y: float, size: float, colour: tuple[int, int, int], seed: int) -> Pixels:
    """A tray with a dried-up spill on it. RGB uint8 (height, width, 3).

    Args:
        empty: the clean one.
        x, y: the spill's middle, as shares of the picture.
        size: about its diameter, as a share of the picture's shorter side.
        colour: RGB of the liquid; the tray shows through.
        seed: determines its outline.
    """
    height, width = empty.shape[:2]
    rng = np.random.default_rng((seed, _STAIN_STREAM))
    radius = size * min(width, height) / 2
    angle = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    outline = 1.0 + sum(rng.normal(0, 0.16 / k) * np.cos(k * angle + rng.uniform(0, 6.3)) for k in range(2, 8))
    points = np.stack([x * width + radius * outline * np.cos(angle), y * height + radius * outline * np.sin(angle)], 1)
    cover = np.zeros((height, width), np.uint8)
    cv2.fillPoly(cover, [np.rint(points).astype(np.int32)], 255, cv2.LINE_AA)
    for _ in range(_SPLASHES):
        turn, far = rng.uniform(0, 2 * math.pi), radius * rng.uniform(1.25, 1.8)
        middle = (round(x * width + far * math.cos(turn)), round(y * height + far * math.sin(turn)))
        cv2.circle(cover, middle, max(round(radius * rng.uniform(0.04, 0.12)), 1), 255, -1, cv2.LINE_AA)
    cover = cv2.GaussianBlur(cover, (0, 0), max(radius * 0.02, 0.6))
    # A drop dries from the middle: what it carried ends up in a dark rim.
    inner = cv2.distanceTransform((cover > 127).astype(np.uint8), cv2.DIST_L2, 5)
    density = _DENSITY + _RIM_DENSITY * np.exp(-inner / max(radius * 0.06, 1.0))
    weight = (cover.astype(np.float32) / 255 * density)[..., None]
    tinted = empty * (np.array(colour, np.float32) / 200)
    out: Pixels = np.clip(empty * (1 - weight) + tinted * weight, 0, 255).astype(np.uint8)
    return out


def shifted(picture: Pixels, dx: int, dy: int) -> Pixels:
    """The picture moved by whole pixels; what comes into view looks like the border."""
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    size = (picture.shape[1], picture.shape[0])
    out: Pixels = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)
    return out
