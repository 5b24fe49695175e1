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


class CameraTrouble(StrEnum):
    """Why there is nothing to sort by."""

    SILENT = "silent"
    SIZE = "size"
    DARK = "dark"
    BRIGHT = "bright"
    FROZEN = "frozen"


SENTENCES = {
    CameraTrouble.SILENT: "no frame for 1.5 s, nothing is sorted: check the camera's cable",
    CameraTrouble.SIZE: "the camera's pictures have another size than configured, nothing is sorted: restart the bin",
    CameraTrouble.DARK: "the camera's pictures are black, nothing is sorted: check lamp, lens and cable",
    CameraTrouble.BRIGHT: "the camera's pictures are washed out, nothing is sorted: check lamp and exposure",
    CameraTrouble.FROZEN: "the camera repeats one picture, nothing is sorted: restart or replace it",
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
        self._reason = CameraTrouble.SILENT
        self._fit_s = -math.inf
        self._frame_s = -math.inf
        self.newest_s = -math.inf
        self.trouble: CameraTrouble | None = None
        self.unfit: Counter[CameraTrouble] = Counter()

    def update(self, frame: Frame | None, now_s: float) -> Frame | None:
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
            if unfit not in (CameraTrouble.FROZEN, CameraTrouble.SIZE):
                self.newest_s = frame.time_s
            if unfit is None:
                self._fit_s, self._reason = frame.time_s, CameraTrouble.SILENT
            else:
                self._reason = unfit
                self.unfit[unfit] += 1
                frame = None
        if now_s - self._frame_s > SILENT_S:
            self.trouble = CameraTrouble.SILENT
        elif now_s - self._fit_s > UNFIT_S and self._reason is not CameraTrouble.SILENT:
            self.trouble = self._reason
        elif now_s - self._fit_s <= UNFIT_S:
            self.trouble = None
        return frame

    @property
    def sentence(self) -> str | None:
        """The trouble in words for the operator, or None."""
        return None if self.trouble is None else SENTENCES[self.trouble]

    def _judge(self, frame: Frame) -> CameraTrouble | None:
        if (frame.width, frame.height) != self._size:
            return CameraTrouble.SIZE
        sample = np.ascontiguousarray(frame.pixels[::STRIDE, ::STRIDE])
        seen = sample.tobytes()
        same, self._before = seen == self._before, seen
        mean, deviation = (value.item() for value in cv2.meanStdDev(sample.reshape(-1)))
        if not DARK_LEVEL <= mean <= BRIGHT_LEVEL and deviation < CONTRAST_LEVELS:
            return CameraTrouble.DARK if mean < DARK_LEVEL else CameraTrouble.BRIGHT
        return CameraTrouble.FROZEN if same and not self._repeats else None
