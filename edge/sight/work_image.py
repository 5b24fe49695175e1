"""The working image: a downscaled CIELAB image, in which an item that is large enough to be sorted is large."""

from collections.abc import Collection

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.pyramid import Pyramid
from hardware.frame import Pixels

WORK_SIDE = 160
"""Longer side of the working image, in pixels."""

Lab = NDArray[np.float32]
"""CIELAB in OpenCV's scaling for float input: L 0..100, a and b about -127..127; shape (height, width, 3)."""


def downscale(picture: Pyramid, side: int = WORK_SIDE) -> Pixels:
    """Scale an image to ``side`` pixels on its longer side, keeping the aspect ratio: RGB uint8 (height, width, 3)."""
    height, width = picture.pixels.shape[:2]
    scale = side / max(height, width)
    return picture.scaled(max(1, round(width * scale)), max(1, round(height * scale)))


def to_lab(small: Pixels) -> Lab:
    """Convert RGB uint8 (height, width, 3) to Lab float32 of the same shape."""
    lab: Lab = cv2.cvtColor(cv2.LUT(small, _UNIT), cv2.COLOR_RGB2Lab)
    return lab


_UNIT = (np.arange(256) * (1 / 255.0)).astype(np.float32)
"""Grey level -> fraction of white."""


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
