"""How old the pictures are when they arrive: a camera may be alive, and always late."""

import math
from collections import deque
from statistics import median

from edge.leaky_timer import LeakyTimer
from hardware.frame import Frame

LATE_S = 2.0
"""Time with late pictures, by share of time, after which it is told, in seconds."""

RECENT = 60
"""Pictures whose age is remembered: a few seconds."""

USUAL_SHARE = 0.9
"""Share of the pictures that a setting must let in, 0..1: a late one now and then costs a moment."""

STEP_S = 0.05
"""Reserve between the age at which a picture arrives and the one at which it is acted on, in seconds."""


class PictureLag:
    """Reports pictures that are too old on arrival.

    Args:
        max_age_s: age up to which a picture is acted on, in seconds (``camera.max_frame_age_s``).
        most_s: the most that this may be set to, in seconds.

    Attributes:
        message: for the operator; None while pictures arrive in time.
        in_time_s: when the newest picture that came in time was taken, in seconds on the monotonic clock; -inf before the first.
    """

    def __init__(self, *, max_age_s: float, most_s: float) -> None:
        self._most_s = most_s
        self._max_age_s = max_age_s
        self._late = LeakyTimer(limit_s=LATE_S)
        self._ages_s: deque[float] = deque(maxlen=RECENT)
        self.message: str | None = None
        self.in_time_s = -math.inf

    def check(self, frame: Frame | None, now_s: float) -> None:
        """Take the newest frame.

        Args:
            frame: a usable frame as it arrives; None: there is none.
            now_s: time on the clock that stamps the frames, in seconds.
        """
        if frame is None:
            self._late.pause()
            return
        age_s = now_s - frame.time_s
        self._ages_s.append(age_s)
        is_late = age_s > self._max_age_s
        if not is_late:
            self.in_time_s = frame.time_s
        if not self._late.add(is_late, now_s):
            self.message = None
        elif self.message is None:
            # Worded once: the ages change with every picture.
            self.message = self._sentence()

    def _sentence(self) -> str:
        usual_s = sorted(self._ages_s)[int(USUAL_SHARE * len(self._ages_s))]
        needed_s = math.ceil(round((usual_s + STEP_S) * 10, 3)) / 10
        remedy = (
            f"set it to {min(needed_s, self._most_s):g}, or take a quicker camera or a smaller picture"
            if usual_s <= self._most_s
            else f"it may be {self._most_s:g} at most: take a quicker camera or a smaller picture"
        )
        return (
            f"pictures are {median(self._ages_s):.1f} s old when they arrive, nothing is sorted: the most is "
            f"camera.max_frame_age_s {self._max_age_s:g}; {remedy}"
        )
