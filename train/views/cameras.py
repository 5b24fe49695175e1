"""Pictures as poor or badly set cameras give them: dim, greenish, over-exposed, back-lit, banded, coarse, squeezed by JPEG."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels
from train.data.images import uint8

Camera = Callable[[Pixels, np.random.Generator], Pixels]


def random_camera(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """One of ``CAMERAS``, sometimes two. uint8 (side, side, 3) -> the same shape."""
    for _ in range(2 if random.random() < 0.3 else 1):
        pixels = CAMERAS[int(random.integers(len(CAMERAS)))](pixels, random)
    return pixels


def dim(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Too little light, with the noise of a high gain."""
    dark = pixels * np.float32(random.uniform(0.22, 0.6))
    return _noisy(dark, float(random.uniform(2, 9)), random)


def tinted(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """White balance that stays fixed while the light is another: greenish tubes, warm bulbs, bluish shade."""
    kinds = ((0.78, 1.0, 0.72), (0.85, 1.0, 0.92), (1.0, 0.82, 0.58), (0.72, 0.86, 1.0))
    gains = np.array(kinds[int(random.integers(len(kinds)))], np.float32)
    strength = float(random.uniform(0.4, 1.2))
    table = np.clip(np.arange(256, dtype=np.float32)[:, None] * gains**strength, 0, 255)
    return uint8(cv2.LUT(pixels, table.astype(np.uint8)[None]))


def over_exposed(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Too much light: what was bright is white."""
    return uint8(cv2.convertScaleAbs(pixels, alpha=float(random.uniform(1.35, 2.2)), beta=float(random.uniform(0, 30))))


def back_lit(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Light from behind or beside the thing: a bright glow on one side, the rest in its own shade, contrast lost."""
    side = pixels.shape[0]
    x, y = np.meshgrid(np.linspace(0, 1, side, dtype=np.float32), np.linspace(0, 1, side, dtype=np.float32))
    at = random.uniform(-0.1, 1.1, 2).astype(np.float32)
    glow = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / np.float32(2 * random.uniform(0.2, 0.6) ** 2))
    shade = np.float32(random.uniform(0.35, 0.8))
    lit = pixels * shade + (glow * np.float32(random.uniform(70, 190)))[..., None]
    return uint8(np.clip(lit, 0, 255))


def banded(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Mains light under a rolling shutter: dark bands across the picture."""
    side = pixels.shape[0]
    phase, bands = random.uniform(0, 2 * np.pi), random.uniform(1.5, 7)
    wave = 1 - random.uniform(0.08, 0.3) * (1 + np.sin(phase + np.linspace(0, 2 * np.pi * bands, side))) / 2
    lines = wave.astype(np.float32)[:, None, None]
    return uint8(pixels * (lines if random.random() < 0.7 else lines.swapaxes(0, 1)))


def coarse(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """A low resolution, scaled up."""
    side = pixels.shape[0]
    few = max(8, round(side * random.uniform(0.25, 0.55)))
    small = cv2.resize(pixels, (few, few), interpolation=cv2.INTER_AREA)
    kind = cv2.INTER_NEAREST if random.random() < 0.25 else cv2.INTER_LINEAR
    return uint8(cv2.resize(small, (side, side), interpolation=kind))


def squeezed(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Strong JPEG, as cheap USB cameras send it."""
    _, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(8, 35))])
    return uint8(cv2.imdecode(coded, cv2.IMREAD_COLOR))


CAMERAS: tuple[Camera, ...] = (dim, tinted, over_exposed, back_lit, banded, coarse, squeezed)


def _noisy(pixels: NDArray[np.float32], strength: float, random: np.random.Generator) -> Pixels:
    noise = random.standard_normal(pixels.shape, np.float32) * np.float32(strength)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)
