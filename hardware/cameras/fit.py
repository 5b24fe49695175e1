"""Bring a picture to the size that was asked for, without stretching it."""

import cv2
import numpy as np

from hardware.frame import Pixels
from hardware.limits import within

NEUTRAL = 128
"""Grey level beside a picture of another shape."""


def check_size(width: int, height: int) -> None:
    """Refuse picture sizes that no camera has. Raises HardwareConfigError."""
    within("width", width, 16, 8192)
    within("height", height, 16, 8192)


def letterbox(pixels: Pixels, width: int, height: int, ground: Pixels | None = None) -> Pixels:
    """The whole picture, centred in ``width`` x ``height`` pixels. RGB uint8 in and out.

    Args:
        ground: what lies beside it, RGB uint8 (height, width, 3); None: neutral grey.
    """
    if pixels.shape[:2] == (height, width):
        return pixels
    factor = min(width / pixels.shape[1], height / pixels.shape[0])
    size = (max(round(pixels.shape[1] * factor), 1), max(round(pixels.shape[0] * factor), 1))
    scaled: Pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    if size == (width, height):
        return scaled
    out = np.full((height, width, 3), NEUTRAL, np.uint8) if ground is None else ground.copy()
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    out[top : top + size[1], left : left + size[0]] = scaled
    return out
