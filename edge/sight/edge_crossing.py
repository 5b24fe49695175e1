"""Decides whether what crosses the tray's edge may be a person."""

from edge.sight.motion import MOTION_SIDE, MotionDetector
from edge.sight.pyramid import Pyramid
from edge.sight.work_image import downscale

MAX_ARM_EDGES = 2
"""What crosses as many of the tray's edges, or fewer, never counts as an item: an arm does. What crosses more is a sheet that
covers the tray, or a body that leans over it."""

COVER_STILL_S = 3.0
"""Time for which a sheet that covers the tray must lie without any motion to count as an item, in seconds. Nobody who leans over
the tray stands as still as that."""

COVER_LEVELS, COVER_SHARE = 2.0, 0.001
"""As ``MOTION_LEVELS`` and ``MOTION_SHARE``, for what covers the tray: finer, so that the outline of a coat that sways by half a
per cent of the tray is motion."""


class EdgeCrossing:
    """Follows what crosses the tray's edge from frame to frame."""

    def __init__(self) -> None:
        self._motion = MotionDetector(levels=COVER_LEVELS, share=COVER_SHARE)
        self._is_covered = False

    def clear(self) -> None:
        """Nothing crosses the edge."""
        self._is_covered = False

    def may_be_person(self, edges: int, tray: Pyramid, time_s: float, *, noise: float) -> bool:
        """Take a frame on which something lies on the tray.

        Args:
            edges: number of the tray's edges that it crosses, 0..4.
            tray: RGB uint8 (height, width, 3).
            time_s: when the frame was taken, in seconds on the monotonic clock.
            noise: noise of the background, in Lab units.
        """
        was_covered, self._is_covered = self._is_covered, edges > MAX_ARM_EDGES
        if not self._is_covered:
            return edges > 0
        small = downscale(tray, MOTION_SIDE)
        if not was_covered or self._motion.has_moved(small, noise=noise):
            self._motion.restart(small, time_s)
        return time_s - self._motion.still_since_s < COVER_STILL_S
