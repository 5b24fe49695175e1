"""Camera health, judged by the frames themselves: a camera that fails rarely reports an error."""

import math
from collections import Counter
from enum import StrEnum

import cv2
import numpy as np

from hardware.frame import Frame

STRIDE = 16
"""Only every 16th pixel in each direction is examined: about a thousand pixels, which takes a few microseconds."""

DARK_LEVEL, BRIGHT_LEVEL = 20.0, 250.0
"""Mean grey level (0..255) below and above which a frame without contrast counts as dark or bright."""

CONTRAST_LEVELS = 12.0
"""Standard deviation, in grey levels, from which a dark or bright frame has contrast: something is visible in it."""

SATURATED, WHITE = (250, 250, 250), (255, 255, 255)
"""A pixel between these, in every channel, is saturated."""

MAX_SATURATED_SHARE = 0.5
"""Fraction of saturated pixels above which a frame is washed out, with contrast or without: the tray cannot be compared."""

UNUSABLE_S, NO_FRAME_S = 1.0, 1.5
"""Time without a usable frame, and without any frame, after which the camera has a problem, in seconds."""


class CameraProblem(StrEnum):
    """Why a camera delivers no usable frames."""

    NO_FRAMES = "no_frames"
    WRONG_SIZE = "wrong_size"
    DARK = "dark"
    BRIGHT = "bright"
    FROZEN = "frozen"


MESSAGES = {
    CameraProblem.NO_FRAMES: "no frame for 1.5 s, nothing is sorted: check the camera's cable",
    CameraProblem.WRONG_SIZE: "the camera's pictures have another size than configured, nothing is sorted: restart the bin",
    CameraProblem.DARK: "the camera's pictures are black, nothing is sorted: check lamp, lens and cable",
    CameraProblem.BRIGHT: "the camera's pictures are washed out, nothing is sorted: check lamp and exposure",
    CameraProblem.FROZEN: "the camera repeats one picture, nothing is sorted: restart or replace it",
}
"""Problem -> message for the operator."""


class CameraHealth:
    """Filters out unusable frames, and reports a problem if there is no usable frame for some time.

    A frame that is identical to the one before is not a new one, even with a new number and time: every sensor has
    noise.

    Args:
        size: expected (width, height) of the frames, in pixels.
        repeats: whether the camera can legitimately deliver identical frames (photographs, a simulation without noise).

    Attributes:
        problem: the current problem; None if the camera works.
        newest_s: capture time of the newest frame that differs from the one before, whether dark or not, in seconds;
            -inf before the first.
        rejected: number of frames filtered out, by reason.
    """

    def __init__(self, *, size: tuple[int, int], repeats: bool = False) -> None:
        self._size = size
        self._repeats = repeats
        self._previous = b""
        self._reason = CameraProblem.NO_FRAMES
        self._usable_s = -math.inf
        self._frame_s = -math.inf
        self.newest_s = -math.inf
        self.problem: CameraProblem | None = None
        self.rejected: Counter[CameraProblem] = Counter()

    def check(self, frame: Frame | None, now_s: float) -> Frame | None:
        """Check the newest frame and update ``problem``.

        Args:
            frame: the newest frame; None if there is no new one.
            now_s: time on the clock that stamps the frames, in seconds.

        Returns:
            The frame if it is usable, else None.
        """
        if self._usable_s == -math.inf:
            self._usable_s = self._frame_s = now_s
        if frame is not None:
            self._frame_s = frame.time_s
            problem = self._find_problem(frame)
            if problem not in (CameraProblem.FROZEN, CameraProblem.WRONG_SIZE):
                self.newest_s = frame.time_s
            if problem is None:
                self._usable_s, self._reason = frame.time_s, CameraProblem.NO_FRAMES
            else:
                self._reason = problem
                self.rejected[problem] += 1
                frame = None
        if now_s - self._frame_s > NO_FRAME_S:
            self.problem = CameraProblem.NO_FRAMES
        elif now_s - self._usable_s > UNUSABLE_S and self._reason is not CameraProblem.NO_FRAMES:
            self.problem = self._reason
        elif now_s - self._usable_s <= UNUSABLE_S:
            self.problem = None
        return frame

    @property
    def message(self) -> str | None:
        """Message for the operator; None if the camera works."""
        return None if self.problem is None else MESSAGES[self.problem]

    def _find_problem(self, frame: Frame) -> CameraProblem | None:
        if (frame.width, frame.height) != self._size:
            return CameraProblem.WRONG_SIZE
        sample = np.ascontiguousarray(frame.pixels[::STRIDE, ::STRIDE])
        content = sample.tobytes()
        identical, self._previous = content == self._previous, content
        mean, deviation = (value.item() for value in cv2.meanStdDev(sample.reshape(-1)))
        if not DARK_LEVEL <= mean <= BRIGHT_LEVEL and deviation < CONTRAST_LEVELS:
            return CameraProblem.DARK if mean < DARK_LEVEL else CameraProblem.BRIGHT
        if cv2.countNonZero(cv2.inRange(sample, SATURATED, WHITE)) > MAX_SATURATED_SHARE * sample[..., 0].size:
            return CameraProblem.BRIGHT
        return CameraProblem.FROZEN if identical and not self._repeats else None
