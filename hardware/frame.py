"""One picture of the tray, and when it was taken."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A camera picture.

    Attributes:
        pixels: RGB, uint8, shape (height, width, 3). Read-only: a frame may be looked at by several threads.
        time_s: capture time on the monotonic clock, in seconds.
        sequence: counts up by at least one for every picture the camera took; gaps are dropped frames.

    Raises:
        ValueError: the array is not RGB uint8 or is empty, the time is not finite, or the sequence number is negative.
    """

    pixels: Pixels
    time_s: float
    sequence: int

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            raise ValueError(
                f"frame pixels: expected uint8 (height, width, 3), got {self.pixels.dtype} {self.pixels.shape}"
            )
        if 0 in self.pixels.shape:
            raise ValueError(f"frame pixels: the picture is empty, shape {self.pixels.shape}")
        if not math.isfinite(self.time_s):
            raise ValueError(f"frame time: expected finite seconds, got {self.time_s}")
        if self.sequence < 0:
            raise ValueError(f"frame sequence: expected >= 0, got {self.sequence}")
        self.pixels.flags.writeable = False

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])
