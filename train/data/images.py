"""Types and sizes of images."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels


def uint8(image: Any) -> Pixels:
    """``image`` as a uint8 array without a copy; OpenCV's stubs call every result an array of any number."""
    return np.asarray(image, np.uint8)


def resize_views(views: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Views scaled down. uint8 (n, side, side, 3) -> (n, size, size, 3); the same array where side == size."""
    if views.shape[1] == size:
        return views
    return np.stack([cv2.resize(view, (size, size), interpolation=cv2.INTER_AREA) for view in views]).astype(np.uint8)
