"""What makes the empty tray look different from hour to hour: wet glints, stripes of sun, people's shadows, crumbs."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels
from hardware.world.scene import TrayTexture

_EFFECTS_STREAM = 9
"""Second part of a random generator's seed: a stream of random numbers of its own."""

_FIRST_S = 8.0
"""Time from the start until the effects begin, in seconds: the bin has learnt its tray."""

_WET_S, _SHIMMER_HZ, _SHIMMER = 90.0, 0.03, 0.25
"""Time after which water stands elsewhere, in seconds; how often, and by which share, a glint's strength changes meanwhile."""

_GLINT_SIZE = (0.015, 0.05)
"""Radius of a glint, as a share of the picture's shorter side: a drop, and a small puddle."""

_STRIPE_SPEED, _STRIPE_WIDTH, _PENUMBRA = 0.001, 0.16, 0.04
"""Speed of the stripes, in widths of the picture per second; their width and the width of their edges, as shares of it. Sunlight
from a window frame a metre away has edges of 1 cm."""

_SHADOW_PERIOD_S, _SHADOW_STAY_S, _SHADOW_COME_S, _SHADOW_REACH, _SHADOW_EDGE = 14.0, 9.0, 0.8, 0.45, 0.08
"""How often somebody's shadow comes, how long it stays, how long it takes to come and go, in seconds; how far it reaches over the
picture, and the width of its edge, as shares of its width."""

_CRUMB_PERIOD_S, _CRUMB_SIZE = 30.0, (0.012, 0.035)
"""Time from one crumb to the next, in seconds; radius of a crumb, as a share of the picture's shorter side."""

_CRUMB_COLOUR = (122.0, 84.0, 46.0)
"""RGB of bread."""


class TrayEffects:
    """Draws the effects.

    Args:
        width, height: of the picture, in pixels.
        seed: determines where they are.
        texture: which there are.
        empty: the clean tray in even light, RGB uint8 (height, width, 3).
        start_s: the world's start, in seconds of its clock.
    """

    def __init__(
        self, *, width: int, height: int, seed: int, texture: TrayTexture, empty: Pixels, start_s: float
    ) -> None:
        self._size = (width, height)
        self._seed = seed
        self._texture = texture
        self._empty = empty
        self._begin_s = start_s + _FIRST_S
        x, y = np.meshgrid(np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32))
        self._x = x
        self._along = x * math.cos(0.5) + y * height / width * math.sin(0.5)
        self._glints: tuple[int, list[NDArray[np.float32]]] = (-1, [])

    @property
    def is_active(self) -> bool:
        """Whether there are any."""
        texture = self._texture
        return bool(texture.glints or texture.stripes or texture.shadow or texture.crumbs)

    def apply(self, scene: Pixels, time_s: float) -> Pixels:
        """The scene in evenly lit RGB uint8, with the effects of a time in seconds of the world's clock."""
        since_s = time_s - self._begin_s
        if since_s < 0 or not self.is_active:
            return scene
        texture = self._texture
        lit = scene.astype(np.float32)
        if texture.crumbs:
            self._scatter(lit, scene, min(1 + int(since_s / _CRUMB_PERIOD_S), texture.crumbs))
        if texture.stripes:
            phase = (self._along - _STRIPE_SPEED * since_s) / _STRIPE_WIDTH % 2.0
            edge = _STRIPE_WIDTH / _PENUMBRA
            sun = np.clip((0.5 - np.abs(phase - 1.0)) * edge + 0.5, 0, 1)
            lit *= (1 + texture.stripes * sun)[..., None]
        if texture.shadow:
            lit *= (1 - texture.shadow * self._shadow(since_s))[..., None]
        if texture.glints:
            for number, glint in enumerate(self._glints_at(since_s)):
                swing = math.sin(2 * math.pi * (_SHIMMER_HZ * since_s + number / texture.glints))
                lit += 160.0 * (1 + _SHIMMER * swing) * glint[..., None]
        clipped: Pixels = np.clip(lit, 0, 255).astype(np.uint8)
        return clipped

    def _shadow(self, since_s: float) -> NDArray[np.float32]:
        cycle_s = since_s % _SHADOW_PERIOD_S
        come = min(cycle_s / _SHADOW_COME_S, (_SHADOW_STAY_S - cycle_s) / _SHADOW_COME_S, 1.0)
        reach = (_SHADOW_REACH + _SHADOW_EDGE) * max(come, 0.0)
        shade: NDArray[np.float32] = np.clip((reach - self._x) / _SHADOW_EDGE, 0, 1)
        return shade

    def _glints_at(self, since_s: float) -> list[NDArray[np.float32]]:
        spell = int(since_s / _WET_S)
        if self._glints[0] != spell:
            rng = np.random.default_rng((self._seed, _EFFECTS_STREAM, spell))
            width, height = self._size
            glints = []
            for _ in range(self._texture.glints):
                drop = np.zeros((height, width), np.float32)
                radius = rng.uniform(*_GLINT_SIZE) * height
                centre = (int(rng.uniform(0.1, 0.9) * width), int(rng.uniform(0.1, 0.9) * height))
                axes = (max(round(radius), 1), max(round(radius * 0.6), 1))
                cv2.ellipse(drop, centre, axes, rng.uniform(0, 180), 0, 360, 1.0, -1)
                glints.append(cv2.GaussianBlur(drop, (0, 0), 1.0))
            self._glints = (spell, glints)
        return self._glints[1]

    def _scatter(self, lit: NDArray[np.float32], scene: Pixels, count: int) -> None:
        """Crumbs, but where an item lies over them."""
        rng = np.random.default_rng((self._seed, _EFFECTS_STREAM))
        width, height = self._size
        crumbs = np.zeros((height, width), np.float32)
        for _ in range(count):
            radius = rng.uniform(*_CRUMB_SIZE) * height
            centre = (int(rng.uniform(0.15, 0.85) * width), int(rng.uniform(0.15, 0.85) * height))
            axes = (max(round(radius), 1), max(round(radius * 0.7), 1))
            cv2.ellipse(crumbs, centre, axes, rng.uniform(0, 180), 0, 360, 1.0, -1)
        bare = (crumbs > 0) & (scene == self._empty).all(axis=2)
        lit[bare] = _CRUMB_COLOUR
