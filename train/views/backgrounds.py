"""Random backgrounds for items, like trays, tables and floors."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels
from train.data.cache import TrainingPicture
from train.data.images import uint8
from train.views.bin_grounds import bin_ground


def random_background(
    random: np.random.Generator, side: int, others: Sequence[TrainingPicture], bin_share: float = 0.0
) -> Pixels:
    """A background, RGB uint8 (side, side, 3): plain with probability 0.45, else textured or taken from another picture.

    Args:
        random: source of the draws.
        side: of the background, in pixels.
        others: photographs whose background may be used; may be empty.
        bin_share: probability, 0..1, of a ground as bins have them in place of all this.
    """
    if bin_share and random.random() < bin_share:
        return bin_ground(random, side)
    draw = random.random()
    if draw < 0.45:
        return plain_background(random, side, float(random.uniform(0, 5)))
    if draw < 0.70:
        return plain_background(random, side, float(random.uniform(5, 28)))
    if draw < 0.80:
        return _planks(random, side)
    borrowed = _borrowed(random, side, others) if others else None
    return plain_background(random, side, 2.0) if borrowed is None else borrowed


def _base_colour(random: np.random.Generator) -> NDArray[np.float32]:
    """Mostly greys (trays are steel, plastic or grey board), sometimes a colour. float32 (3,)."""
    grey = random.uniform(35, 235)
    tint = random.normal(0, 5 if random.random() < 0.7 else 35, 3)
    return np.clip(grey + tint, 5, 250).astype(np.float32)


def plain_background(random: np.random.Generator, side: int, texture: float) -> Pixels:
    """One colour with a gradient of light and noise of several grain sizes. RGB uint8 (side, side, 3).

    Args:
        random: source of the draws.
        side: in pixels.
        texture: strength of the noise in grey levels of 255, >= 0.
    """
    ramp = np.linspace(-1, 1, side, dtype=np.float32)
    fall_x, fall_y, bowl = (np.float32(value) for value in random.normal(0, (16, 16, 10)))
    light = fall_x * ramp[None, :] + fall_y * ramp[:, None] - bowl * (ramp[None, :] ** 2 + ramp[:, None] ** 2)
    if texture > 0.5:
        for cells in (6, 24, 80):
            grain = random.standard_normal((cells, cells), np.float32) * np.float32(texture * random.uniform(0.1, 0.8))
            light = light + cv2.resize(grain, (side, side), interpolation=cv2.INTER_LINEAR)
    return uint8(
        cv2.add(cv2.merge([light] * 3), (*(float(value) for value in _base_colour(random)), 0.0), dtype=cv2.CV_8U)
    )


def _planks(random: np.random.Generator, side: int) -> Pixels:
    """Stripes along one direction, like wood, slats or cloth."""
    grain = random.standard_normal((3, int(random.integers(8, 60))), np.float32) * np.float32(random.uniform(6, 24))
    stripes = cv2.resize(grain, (side, side), interpolation=cv2.INTER_CUBIC)
    if random.random() < 0.5:
        stripes = np.ascontiguousarray(stripes.T)
    return uint8(
        cv2.add(cv2.merge([stripes] * 3), (*(float(value) for value in _base_colour(random)), 0.0), dtype=cv2.CV_8U)
    )


def _borrowed(random: np.random.Generator, side: int, others: Sequence[TrainingPicture]) -> Pixels | None:
    """The widest strip beside another picture's item, stretched; None where that picture shows no background."""
    picture = others[int(random.integers(len(others)))]
    if not picture.mask_is_reliable or picture.is_sprite:
        return None
    other = picture.loaded()
    if other.cover is None:
        return None
    height, width = other.cover.shape
    x, y, box_width, box_height = cv2.boundingRect(other.cover)
    strips = [other.pixels[:, :x], other.pixels[:, x + box_width :], other.pixels[:y], other.pixels[y + box_height :]]
    strip = max(strips, key=lambda part: min(part.shape[:2]))
    if min(strip.shape[:2]) < 0.12 * min(height, width):
        return None
    return uint8(cv2.resize(strip, (side, side), interpolation=cv2.INTER_LINEAR))
