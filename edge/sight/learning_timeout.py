"""Alarm for an empty tray that cannot be learnt."""

import cv2
import numpy as np

from edge.alarms import Alarm, Alarms
from edge.sight.motion import MOTION_SIDE
from edge.sight.pyramid import Pyramid
from edge.sight.quantile import median
from edge.sight.work_image import downscale
from hardware.frame import Pixels

ALARM_S = 8.0
"""Time beyond ``tray.learn_s`` in which a tray without motion is learnt easily, in seconds."""

NOISY_LEVELS = 1.4
"""Noise from one frame to the next, in grey levels (0..255), from which a tray never looks motionless: one pixel in 500 then
changes by more than the 5 levels that count as motion while the noise of the tray is not known."""

BLOCKS = (8, 6)
"""Columns and rows of blocks over which the noise is averaged; their median leaves out those in which something moves."""

LEVELS_PER_MEAN = 1.2533
"""Standard deviation of Gaussian noise per mean of its absolute values."""


class LearningTimeout:
    """Says why the empty tray is not learnt, once that takes too long.

    Args:
        alarms: receives the alarm.
        learn_s: time without motion that learning takes, in seconds.
    """

    def __init__(self, alarms: Alarms, *, learn_s: float) -> None:
        self._alarms = alarms
        self._limit_s = learn_s + ALARM_S
        self._since_s: float | None = None
        self._before: Pixels | None = None
        self._noise = 0.0

    def observe(self, is_learning: bool, tray: Pyramid, time_s: float) -> None:
        """Update the alarm with a frame.

        Args:
            is_learning: whether the empty tray is still being learnt.
            tray: image pyramid of the tray on this frame.
            time_s: capture time of the frame, in seconds on the monotonic clock.
        """
        if not is_learning:
            if self._since_s is not None:
                self._since_s = self._before = None
                self._alarms.update(Alarm.LEARNING, None)
            return
        if self._since_s is None:
            self._since_s = time_s
        small = downscale(tray, MOTION_SIDE)
        if self._before is not None:
            self._noise = _noise_levels(small, self._before)
        self._before = small
        # Worded once: the noise changes with every frame.
        if time_s - self._since_s > self._limit_s and Alarm.LEARNING not in self._alarms:
            height, width = tray.pixels.shape[:2]
            self._alarms.update(Alarm.LEARNING, self._sentence(width, height))

    def _sentence(self, width: int, height: int) -> str:
        if self._noise < NOISY_LEVELS:
            return "the empty tray cannot be learnt, nothing is sorted: something moves there, clear the tray and steady it"
        return (
            f"the empty tray cannot be learnt, nothing is sorted: its picture of {width}x{height} pixels is too noisy, "
            f"{self._noise:.1f} grey levels from one frame to the next, at most {NOISY_LEVELS:g}: more light, a larger "
            "tray.region, or a larger camera.width and height"
        )


def _noise_levels(small: Pixels, before: Pixels) -> float:
    """Noise between two frames, in grey levels: where most of the tray is still, whatever moves in the rest."""
    blocks = cv2.resize(cv2.absdiff(small, before).astype(np.float32), BLOCKS, interpolation=cv2.INTER_AREA)
    return LEVELS_PER_MEAN * median(blocks)
