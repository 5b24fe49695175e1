"""The range of a network's inputs."""

import numpy as np
from numpy.typing import NDArray


def to_input(views: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 0..255 -> float32 -1..1, the range of ImageNet's MobileNetV2 weights. Same shape."""
    return views.astype(np.float32) / np.float32(127.5) - np.float32(1.0)
