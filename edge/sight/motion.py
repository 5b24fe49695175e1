"""Detects motion on the tray."""

import cv2

from hardware.frame import Pixels

MOTION_SIDE = 80
"""Longer side of the image in which motion is detected, in pixels. Each pixel averages many, which removes the noise."""

MOTION_SHARE = 0.002
"""Fraction of the tray's pixels that must change to count as motion."""

MOTION_LEVELS = 5.0
"""Change of a pixel that counts as motion, in grey levels (0..255)."""

LEVELS_PER_NOISE = 4.2
"""The same for a noisy tray, in grey levels per Lab unit of its noise. One Lab unit is about 2.5 grey levels."""

MAX_FLICKER_GAIN = 1.25
"""Largest ratio of brightness between two frames that is compensated as flicker. A larger one comes from an exposure jump or
from something that covers the tray, and counts as motion."""


class MotionDetector:
    """Compares each image with a reference, the state of the tray after the last motion, so that slow motion accumulates.

    Flicker, which changes all pixels in proportion, is compensated.

    Args:
        levels: change of a pixel that counts as motion, in grey levels.
        share: fraction of the pixels that must change to count as motion.

    Attributes:
        still_since_s: capture time of the reference: monotonic time since which nothing has moved, in seconds.
    """

    def __init__(self, *, levels: float = MOTION_LEVELS, share: float = MOTION_SHARE) -> None:
        self._levels, self._share = levels, share
        self._reference: Pixels | None = None
        self._brightness = 1.0
        self.still_since_s = 0.0

    def restart(self, small: Pixels, since_s: float) -> None:
        """Use a new reference.

        Args:
            small: the tray, RGB uint8 (height, width, 3) with ``MOTION_SIDE`` pixels on its longer side.
            since_s: monotonic time from which on rest is measured, in seconds.
        """
        self._reference, self._brightness, self.still_since_s = small, _brightness(small), since_s

    def has_moved(self, small: Pixels, *, noise: float) -> bool:
        """Whether an image differs from the reference, or is the first.

        Args:
            small: see ``restart``.
            noise: noise of the background, in Lab units.
        """
        reference = self._reference
        if reference is None or reference.shape != small.shape:
            return True
        threshold = max(self._levels, self._levels / MOTION_LEVELS * LEVELS_PER_NOISE * noise)
        gain = min(max(self._brightness / _brightness(small), 1 / MAX_FLICKER_GAIN), MAX_FLICKER_GAIN)
        # All three channels, since an item may be as bright as the tray. 128 keeps negative differences in a uint8.
        change = cv2.addWeighted(small, gain, reference, -1.0, 128.0)
        still = cv2.inRange(change, (128 - threshold,) * 3, (128 + threshold,) * 3)
        return int(still.size - cv2.countNonZero(still)) > self._share * int(still.size)


def _brightness(small: Pixels) -> float:
    """Sum of the mean grey levels of the channels, at least 1."""
    height, width = small.shape[:2]
    return max(float(cv2.norm(small, cv2.NORM_L1) / (height * width)), 1.0)
