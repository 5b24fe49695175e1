"""OpenCV's results under the type that they have."""

from typing import Any

import numpy as np

from hardware.frame import Pixels


def uint8(image: Any) -> Pixels:
    """``image`` as a uint8 array without a copy; OpenCV's stubs call every result an array of any number."""
    return np.asarray(image, np.uint8)
