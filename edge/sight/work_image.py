"""The working image: a downscaled CIELAB image, in which an item that is large enough to be sorted is large."""

from collections.abc import Collection
from functools import lru_cache

import numpy as np

from edge.sight.cielab import Lab, to_lab
from edge.sight.pyramid import Pyramid
from hardware.frame import Pixels

WORK_SIDE = 160
"""Longer side of the working image, in pixels."""


def downscale(picture: Pyramid, side: int = WORK_SIDE) -> Pixels:
    """Scale an image to ``side`` pixels on its longer side, keeping the aspect ratio: RGB uint8 (height, width, 3)."""
    height, width = picture.pixels.shape[:2]
    return picture.scaled(*_scaled_size(width, height, side))


@lru_cache(maxsize=16)  # every frame is scaled to the same sizes
def _scaled_size(width: int, height: int, side: int) -> tuple[int, int]:
    """Width and height with ``side`` pixels on the longer one, all in pixels."""
    scale = side / max(height, width)
    return max(1, round(width * scale)), max(1, round(height * scale))


def to_work_image(pixels: Pixels, side: int = WORK_SIDE) -> Lab:
    """Convert RGB uint8 (height, width, 3) to the working image: Lab float32 with ``side`` pixels on its longer side."""
    return to_lab(downscale(Pyramid(pixels), side))


def mean_picture(labs: Collection[Lab]) -> Lab:
    """Mean of at least one picture: Lab float32 (height, width, 3)."""
    # One after the other: an array of all of them would be the most memory that the bin ever takes, and it stays taken.
    first, *others = labs
    total = np.array(first, np.float32)
    for lab in others:
        total += lab
    return np.asarray(total / np.float32(len(labs)), np.float32)
