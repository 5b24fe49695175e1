"""Detects motion on the tray, mostly by every second row of it."""

from edge.sight.motion import MOTION_LEVELS, MOTION_SIDE, MotionDetector
from edge.sight.pyramid import Pyramid
from edge.sight.work_image import downscale
from hardware.frame import Pixels

ROWS = 2
"""A glance reads one row of so many. Reading a frame from memory is most of what an empty tray costs."""

GLANCE_LEVELS = MOTION_LEVELS / ROWS
"""Change of a pixel that shows at a glance. Its pixels are so many times as high as those of the exact comparison: what fills one
of these fills as much less of them."""


class TrayMotion:
    """Compares each frame with the tray after the last motion: at a glance, and exactly where that shows a change."""

    def __init__(self) -> None:
        self._glance = MotionDetector(levels=GLANCE_LEVELS)
        self._exact = MotionDetector()

    @property
    def still_since_s(self) -> float:
        """Capture time of the reference: monotonic time since which nothing has moved, in seconds."""
        return self._exact.still_since_s

    def restart(self, tray: Pyramid, since_s: float) -> None:
        """Use a new reference: the tray, and the monotonic time from which on rest is measured, in seconds."""
        self._glance.restart(_glance(tray), since_s)
        self._exact.restart(downscale(tray, MOTION_SIDE), since_s)

    def has_moved(self, tray: Pyramid, *, noise: float) -> bool:
        """Whether the tray differs from the reference, or is the first.

        Args:
            tray: RGB uint8 (height, width, 3).
            noise: noise of the background, in Lab units.
        """
        if not self._glance.has_moved(_glance(tray), noise=noise):
            return False
        return self._exact.has_moved(downscale(tray, MOTION_SIDE), noise=noise)


def _glance(tray: Pyramid) -> Pixels:
    return downscale(Pyramid(tray.pixels[::ROWS]), MOTION_SIDE)
