"""The empty tray, its light, and the sensor's noise."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels
from hardware.sim.tray_effects import TrayEffects
from hardware.world.scene import LightChange, TrayTexture

_TRAY_STREAM, _TEXTURE_STREAM = 2, 3
"""Second part of a random generator's seed: one stream of random numbers for each purpose."""

_ROLL = 64
"""Pixels by which the noise bank is larger than the picture, so that it can be shifted."""


_FAST_DRIFT_S, _SLOW_DRIFT_S = 31.0, 97.0
"""Periods of the two waves of the light's drift, in seconds; without a common multiple within minutes."""

_FAST_SHARE, _SLOW_SHARE = 0.4, 0.6
"""Shares of these waves in the drift."""


class SimTray:
    """A matt grey tray under a lamp.

    Args:
        width, height: of the picture, in pixels.
        seed: determines scratches, light and noise.
        noise_sigma: sensor noise, standard deviation in grey levels (0..255).
        light_drift: amplitude of the slow change of the light, as a share (0: steady).
        light_colour: red, green and blue of the lamp, as factors.
        start_s: the world's start, in seconds of its clock.
        texture: the look of the empty tray.
        light_changes: changes of the light for good; seconds of the world's clock.

    Attributes:
        empty: the tray in even light, RGB uint8 (height, width, 3).
    """

    def __init__(
        self,
        *,
        width: int,
        height: int,
        seed: int,
        noise_sigma: float,
        light_drift: float,
        light_colour: tuple[float, float, float] = (1.0, 1.0, 1.0),
        start_s: float = 0.0,
        texture: TrayTexture | None = None,
        light_changes: Sequence[LightChange] = (),
    ) -> None:
        texture = texture or TrayTexture()
        self._rng = np.random.default_rng((seed, _TRAY_STREAM))
        self._shape = (height, width)
        self._light_drift = light_drift
        self._colour_table = None if light_colour == (1.0, 1.0, 1.0) else _colour_table(light_colour)
        self._light_changes = tuple(light_changes)
        self._phases = self._rng.uniform(0, 2 * math.pi, 2)
        texture_seed = seed if texture.texture_seed is None else texture.texture_seed
        painter = np.random.default_rng((texture_seed, _TEXTURE_STREAM))
        self.empty = _paint(width, height, painter, texture=texture.texture, vignette=texture.vignette)
        self._effects = TrayEffects(
            width=width, height=height, seed=texture_seed, texture=texture, empty=self.empty, start_s=start_s
        )
        bank = self._rng.normal(128.0, noise_sigma, (height + _ROLL, width + _ROLL, 3))
        noise = np.clip(np.rint(bank), 0, 255).astype(np.uint8)
        self._noise: Pixels | None = noise if noise_sigma > 0 else None

    def gain(self, time_s: float) -> float:
        """Brightness of the light at a time, about 1."""
        fast, slow = self._phases
        wave = _FAST_SHARE * math.sin(2 * math.pi * time_s / _FAST_DRIFT_S + fast) + _SLOW_SHARE * math.sin(
            2 * math.pi * time_s / _SLOW_DRIFT_S + slow
        )
        gain = 1.0 + self._light_drift * wave
        for change in self._light_changes:
            done = (time_s - change.at_s) / change.over_s if change.over_s > 0 else float(time_s >= change.at_s)
            gain *= 1.0 + (change.factor - 1.0) * min(max(done, 0.0), 1.0)
        return gain

    def expose(self, scene: Pixels, time_s: float, *, exposure: float = 1.0) -> Pixels:
        """The scene in the light of a time, with new noise; ``exposure`` multiplies its brightness.

        RGB uint8 in and out.
        """
        gain = self.gain(time_s) * exposure
        scene = self._effects.apply(scene, time_s)
        if self._colour_table is not None:
            # Before the noise, which the sensor adds whatever the lamp.
            scene = cv2.LUT(scene, self._colour_table)
        if self._noise is None:
            lit: Pixels = cv2.convertScaleAbs(scene, alpha=gain)
            return lit
        # A bank of noise moved by a random step looks new to any two-frame difference at no cost; drawing a million
        # normal numbers a frame would cost ten times the rest of the picture.
        height, width = self._shape
        y, x = self._rng.integers(0, _ROLL, 2)
        noise = self._noise[y : y + height, x : x + width]
        noisy: Pixels = cv2.addWeighted(scene, gain, noise, 1.0, -128.0)
        return noisy


def _colour_table(light_colour: tuple[float, float, float]) -> NDArray[np.uint8]:
    """What becomes of each level of each channel in the light of a coloured lamp: (1, 256, 3)."""
    levels = np.arange(256, dtype=np.float32)[:, np.newaxis] * np.array(light_colour, np.float32)
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)[np.newaxis]


def _paint(width: int, height: int, rng: np.random.Generator, *, texture: float, vignette: float) -> Pixels:
    """Grey, grained, darker to the corners, lit from one side, with a few scratches. RGB uint8 (height, width, 3).

    Strengths are in grey levels, chosen to look like photographs of a painted metal tray.
    """
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
