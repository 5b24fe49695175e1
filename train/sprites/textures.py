"""Surfaces without print: plain colours, noise, stains, dirt, corrugated board.

All pictures are uint8 RGB, shape (height, width, 3)."""

import cv2
import numpy as np

from train.sprites.colours import Rgb
from train.sprites.materials import Picture
from train.sprites.shapes import Floats


def plain(height: int, width: int, colour: Rgb) -> Picture:
    """A picture of one colour."""
    return np.full((height, width, 3), colour, np.uint8)


def clouds(rng: np.random.Generator, height: int, width: int, octaves: int = 4, coarse: int = 4) -> Floats:
    """Smooth noise around 0, standard deviation about 1."""
    total = np.zeros((height, width))
    for k in range(octaves):
        n = coarse * 2**k
        grid = rng.normal(size=(n + 1, max(2, round(n * width / height)) + 1)).astype(np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) / 1.6**k
    return np.asarray(total / total.std(), dtype=np.float64)


def toned(picture: Picture, factor: Floats) -> Picture:
    """The picture multiplied by a field of shape (height, width)."""
    return np.clip(picture * factor[..., None], 0, 255).astype(np.uint8)


def stained(picture: Picture, rng: np.random.Generator, colour: Rgb, amount: float) -> Picture:
    """Stains of a colour over about `amount` (0..1) of the picture, darker at their edges."""
    field = clouds(rng, picture.shape[0], picture.shape[1], 4, 3)
    level = float(np.quantile(field, 1 - amount))
    share = np.clip((field - level) * 2.5, 0, 1) * 0.8 + np.exp(-(((field - level) / 0.12) ** 2)) * 0.3
    share = np.clip(share, 0, 0.95)[..., None]
    return (picture * (1 - share) + np.array(colour) * share).astype(np.uint8)


def smudged(picture: Picture, rng: np.random.Generator, depth: float = 0.08) -> Picture:
    """The picture with uneven brightness, varying by `depth` (0..1), like dirt."""
    return toned(picture, 1 + depth * np.clip(clouds(rng, picture.shape[0], picture.shape[1]), -2, 1))


def kraft(rng: np.random.Generator, height: int = 512, width: int = 512) -> Picture:
    """Brown corrugated board: fibres, faint flutes, uneven brightness."""
    tone = rng.uniform(0.85, 1.08)
    base = plain(height, width, (round(184 * tone), round(142 * tone), round(98 * tone)))
    fibre = cv2.GaussianBlur(rng.normal(size=(height, width)).astype(np.float32), (0, 0), 0.8) * 0.06
    flutes = 0.022 * np.sin(np.arange(width) * 2 * np.pi / rng.uniform(9, 14))[None, :]
    return toned(base, 1 + fibre + flutes + 0.035 * clouds(rng, height, width))
