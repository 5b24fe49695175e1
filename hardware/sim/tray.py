"""The empty tray, its light, and the sensor's noise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from hardware.frame import Pixels

_ROLL = 64
"""Pixels by which the noise bank is larger than the picture, so that it can be moved about."""


@dataclass(frozen=True, slots=True)
class LightChange:
    """The light changes for good, as when a door opens.

    Attributes:
        at_s: when it begins to, in seconds of the world's clock.
        factor: brightness afterwards, as a share of the one before.
        over_s: how long it takes, in seconds (0: at once).
    """

    at_s: float
    factor: float
    over_s: float = 0.0


class SimTray:
    """A matt grey tray under a lamp.

    Args:
        width, height: of the picture, in pixels.
        seed: makes texture, scratches, light and noise.
        noise_sigma: sensor noise, standard deviation in grey levels (0..255).
        light_drift: amplitude of the slow change of the light, as a share (0: steady).
        texture_seed: makes texture and scratches where they are to differ from ``seed``'s; None: ``seed``.
        texture: strength of grain, clouds and scratches (0: none, 1: usual).
        vignette: how much darker the corners are, as a share (0..1).
        steps: changes of the light for good.
    """

    def __init__(
        self,
        *,
        width: int,
        height: int,
        seed: int,
        noise_sigma: float,
        light_drift: float,
        texture_seed: int | None = None,
        texture: float = 1.0,
        vignette: float = 0.16,
        steps: Sequence[LightChange] = (),
    ) -> None:
        self._rng = np.random.default_rng((seed, 2))
        self._shape = (height, width)
        self._light_drift = light_drift
        self._steps = tuple(steps)
        self._phases = self._rng.uniform(0, 2 * math.pi, 2)
        painter = np.random.default_rng((seed if texture_seed is None else texture_seed, 3))
        self.empty = _paint(width, height, painter, texture=texture, vignette=vignette)
        bank = self._rng.normal(128.0, noise_sigma, (height + _ROLL, width + _ROLL, 3))
        noise = np.clip(np.rint(bank), 0, 255).astype(np.uint8)
        self._noise: Pixels | None = noise if noise_sigma > 0 else None

    def gain(self, time_s: float) -> float:
        """Brightness of the light at a time, about 1."""
        slow, slower = self._phases
        wave = 0.4 * math.sin(2 * math.pi * time_s / 31.0 + slow) + 0.6 * math.sin(2 * math.pi * time_s / 97.0 + slower)
        gain = 1.0 + self._light_drift * wave
        for step in self._steps:
            done = (time_s - step.at_s) / step.over_s if step.over_s > 0 else float(time_s >= step.at_s)
            gain *= 1.0 + (step.factor - 1.0) * min(max(done, 0.0), 1.0)
        return gain

    def expose(self, scene: Pixels, time_s: float, *, exposure: float = 1.0) -> Pixels:
        """The scene in the light of the time, with fresh noise; ``exposure`` multiplies its brightness.

        RGB uint8 in and out.
        """
        gain = self.gain(time_s) * exposure
        if self._noise is None:
            lit: Pixels = cv2.convertScaleAbs(scene, alpha=gain)
            return lit
        # A bank moved by a random step looks fresh to any two-frame difference and costs nothing; drawing a million
        # normal numbers a frame would cost ten times the rest of the picture.
        height, width = self._shape
        y, x = self._rng.integers(0, _ROLL, 2)
        noise = self._noise[y : y + height, x : x + width]
        noisy: Pixels = cv2.addWeighted(scene, gain, noise, 1.0, -128.0)
        return noisy


def stained(empty: Pixels, *, x: float, y: float, size: float, colour: tuple[int, int, int], seed: int) -> Pixels:
    """A tray with a dried-up spill on it. RGB uint8 (height, width, 3).

    Args:
        empty: the clean one.
        x, y: the spill's middle, as shares of the picture.
        size: about its diameter, as a share of the picture's shorter side.
        colour: RGB of the liquid; the tray shows through.
        seed: makes its outline.
    """
    height, width = empty.shape[:2]
    rng = np.random.default_rng((seed, 6))
    radius = size * min(width, height) / 2
    angle = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    outline = 1.0 + sum(rng.normal(0, 0.16 / k) * np.cos(k * angle + rng.uniform(0, 6.3)) for k in range(2, 8))
    points = np.stack([x * width + radius * outline * np.cos(angle), y * height + radius * outline * np.sin(angle)], 1)
    cover = np.zeros((height, width), np.uint8)
    cv2.fillPoly(cover, [np.rint(points).astype(np.int32)], 255, cv2.LINE_AA)
    for _ in range(5):  # splashes around it
        turn, far = rng.uniform(0, 2 * math.pi), radius * rng.uniform(1.25, 1.8)
        middle = (round(x * width + far * math.cos(turn)), round(y * height + far * math.sin(turn)))
        cv2.circle(cover, middle, max(round(radius * rng.uniform(0.04, 0.12)), 1), 255, -1, cv2.LINE_AA)
    cover = cv2.GaussianBlur(cover, (0, 0), max(radius * 0.02, 0.6))
    # A drop dries from the middle: what it carried ends up in a dark rim.
    inner = cv2.distanceTransform((cover > 127).astype(np.uint8), cv2.DIST_L2, 5)
    density = 0.38 + 0.3 * np.exp(-inner / max(radius * 0.06, 1.0))
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


def _paint(width: int, height: int, rng: np.random.Generator, *, texture: float, vignette: float) -> Pixels:
    """Grey, grained, darker to the corners, lit from one side, with a few scratches. RGB uint8 (height, width, 3)."""
    grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), 0.8) * 2.6
    coarse = rng.normal(0, 1, (height // 48 + 2, width // 48 + 2))
    cloud = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    angle = rng.uniform(0, 2 * math.pi)
    light = 1.0 - vignette * (x * x + y * y) / 2 + 0.05 * (x * math.cos(angle) + y * math.sin(angle))
    scratches = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(3, 7))):
        start = rng.uniform(0, 1, 2) * (width, height)
        turn, length = rng.uniform(0, 2 * math.pi), rng.uniform(0.08, 0.35) * width
        end = start + length * np.array([math.cos(turn), math.sin(turn)])
        shade = float(rng.choice([-9.0, 9.0]))
        cv2.line(scratches, start.astype(int).tolist(), end.astype(int).tolist(), shade, 1, cv2.LINE_AA)
    grey = (rng.uniform(138, 160) + texture * (grain + 1.8 * cloud + scratches)) * light
    tint = 1.0 + rng.uniform(-0.015, 0.015, 3)
    painted: Pixels = np.clip(grey[..., None] * tint, 0, 255).astype(np.uint8)
    return painted
