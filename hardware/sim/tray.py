"""The empty tray, its light, and the sensor's noise."""

import math

import cv2
import numpy as np

from hardware.frame import Pixels

_ROLL = 64
"""Pixels by which the noise bank is larger than the picture, so that it can be moved about."""


class Tray:
    """A matt grey tray under a lamp.

    Args:
        width, height: of the picture, in pixels.
        seed: makes texture, scratches, light and noise.
        noise_sigma: sensor noise, standard deviation in grey levels (0..255).
        light_drift: amplitude of the slow change of the light, as a share (0: steady).
    """

    def __init__(self, *, width: int, height: int, seed: int, noise_sigma: float, light_drift: float) -> None:
        self._rng = np.random.default_rng((seed, 2))
        self._shape = (height, width)
        self._light_drift = light_drift
        self._phases = self._rng.uniform(0, 2 * math.pi, 2)
        self.empty = _paint(width, height, np.random.default_rng((seed, 3)))
        bank = self._rng.normal(128.0, noise_sigma, (height + _ROLL, width + _ROLL, 3))
        noise = np.clip(np.rint(bank), 0, 255).astype(np.uint8)
        self._noise: Pixels | None = noise if noise_sigma > 0 else None

    def gain(self, time_s: float) -> float:
        """Brightness of the light at a time, about 1."""
        slow, slower = self._phases
        wave = 0.4 * math.sin(2 * math.pi * time_s / 31.0 + slow) + 0.6 * math.sin(2 * math.pi * time_s / 97.0 + slower)
        return 1.0 + self._light_drift * wave

    def expose(self, scene: Pixels, time_s: float) -> Pixels:
        """The scene in the light of the time, with fresh noise. RGB uint8 in and out."""
        gain = self.gain(time_s)
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


def _paint(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Grey, grained, darker to the corners, lit from one side, with a few scratches. RGB uint8 (height, width, 3)."""
    grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), 0.8) * 2.6
    coarse = rng.normal(0, 1, (height // 48 + 2, width // 48 + 2))
    cloud = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    angle = rng.uniform(0, 2 * math.pi)
    light = 1.0 - 0.16 * (x * x + y * y) / 2 + 0.05 * (x * math.cos(angle) + y * math.sin(angle))
    scratches = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(3, 7))):
        start = rng.uniform(0, 1, 2) * (width, height)
        turn, length = rng.uniform(0, 2 * math.pi), rng.uniform(0.08, 0.35) * width
        end = start + length * np.array([math.cos(turn), math.sin(turn)])
        shade = float(rng.choice([-9.0, 9.0]))
        cv2.line(scratches, start.astype(int).tolist(), end.astype(int).tolist(), shade, 1, cv2.LINE_AA)
    grey = (rng.uniform(138, 160) + grain + 1.8 * cloud + scratches) * light
    tint = 1.0 + rng.uniform(-0.015, 0.015, 3)
    painted: Pixels = np.clip(grey[..., None] * tint, 0, 255).astype(np.uint8)
    return painted
