"""Camera health: is this a picture to sort by? Judged by the pictures, since a camera rarely says that it fails."""

import math
from collections import Counter
from enum import StrEnum

import cv2
import numpy as np

from hardware.frame import Frame

STRIDE = 16
"""Every so many pixels each way are looked at: some thousand of a picture, for a few microseconds."""

DARK_LEVEL, BRIGHT_LEVEL = 20.0, 250.0
"""Mean grey level (0..255) below and above which a picture without contrast is no picture of a tray."""

CONTRAST_LEVELS = 12.0
"""Standard deviation, in grey levels, from which on a picture that dark or that bright still shows something."""

UNFIT_S, SILENT_S = 1.0, 1.5
"""How long there may be no fit frame, and none at all, before it is a trouble, in seconds."""


class CameraProblem(StrEnum):
    """Why there is nothing to sort by."""

    NO_FRAMES = "silent"
    WRONG_SIZE = "size"
    DARK = "dark"
    BRIGHT = "bright"
    FROZEN = "frozen"


SENTENCES = {
    CameraProblem.NO_FRAMES: "no frame for 1.5 s, nothing is sorted: check the camera's cable",
    CameraProblem.WRONG_SIZE: "the camera's pictures have another size than configured, nothing is sorted: restart the bin",
    CameraProblem.DARK: "the camera's pictures are black, nothing is sorted: check lamp, lens and cable",
    CameraProblem.BRIGHT: "the camera's pictures are washed out, nothing is sorted: check lamp and exposure",
    CameraProblem.FROZEN: "the camera repeats one picture, nothing is sorted: restart or replace it",
}
"""What the operator reads."""


class CameraHealth:
    """Lets the frames through that are fit to be sorted by, and says what is wrong when none are for a while.

    A frame that is bit for bit the one before is not a new one, whatever its number and time say: a sensor has noise.

    Args:
        size: (width, height) that frames must have, in pixels.
        repeats: whether this camera may well show the same picture twice (photographs, a simulation without noise).

    Attributes:
        trouble: what is wrong, or None.
        newest_s: when the newest picture was taken that is none seen before, dark or not; -inf before the first.
        unfit: how many frames were held back, by reason.
    """

    def __init__(self, *, size: tuple[int, int], repeats: bool = False) -> None:
        self._size = size
        self._repeats = repeats
        self._before = b""
        self._reason = CameraProblem.NO_FRAMES
        self._fit_s = -math.inf
        self._frame_s = -math.inf
        self.newest_s = -math.inf
        self.problem: CameraProblem | None = None
        self.unfit: Counter[CameraProblem] = Counter()

    def check(self, frame: Frame | None, now_s: float) -> Frame | None:
        """Take the newest frame, or None when there is none; the frame again if it is fit, else None.

        Args:
            frame: the frame.
            now_s: time on the clock that stamps the frames, in seconds.
        """
        if self._fit_s == -math.inf:
            self._fit_s = self._frame_s = now_s
        if frame is not None:
            self._frame_s = frame.time_s
            unfit = self._judge(frame)
            if unfit not in (CameraProblem.FROZEN, CameraProblem.WRONG_SIZE):
                self.newest_s = frame.time_s
            if unfit is None:
                self._fit_s, self._reason = frame.time_s, CameraProblem.NO_FRAMES
            else:
                self._reason = unfit
                self.unfit[unfit] += 1
                frame = None
        if now_s - self._frame_s > SILENT_S:
            self.problem = CameraProblem.NO_FRAMES
        elif now_s - self._fit_s > UNFIT_S and self._reason is not CameraProblem.NO_FRAMES:
            self.problem = self._reason
        elif now_s - self._fit_s <= UNFIT_S:
            self.problem = None
        return frame

    @property
    def sentence(self) -> str | None:
        """The trouble in words for the operator, or None."""
        return None if self.problem is None else SENTENCES[self.problem]

    def _judge(self, frame: Frame) -> CameraProblem | None:
        if (frame.width, frame.height) != self._size:
            return CameraProblem.WRONG_SIZE
        sample = np.ascontiguousarray(frame.pixels[::STRIDE, ::STRIDE])
        seen = sample.tobytes()
        same, self._before = seen == self._before, seen
        mean, deviation = (value.item() for value in cv2.meanStdDev(sample.reshape(-1)))
        if not DARK_LEVEL <= mean <= BRIGHT_LEVEL and deviation < CONTRAST_LEVELS:
            return CameraProblem.DARK if mean < DARK_LEVEL else CameraProblem.BRIGHT
        return CameraProblem.FROZEN if same and not self._repeats else None
