"""The times that events take to reach the disk: a worn card gets slow before it fails."""

from collections import deque
from statistics import median

from edge.alarms import Alarm, Alarms

SLOW_S = 0.3
"""Time of a commit from which a card counts as slow, in seconds: ten times that of a sound one, and an item waits for it."""

FEWEST, MOST = 3, 9
"""Commits that are judged together, the newest: a single slow one is a card that tidies up."""


class CommitTimes:
    """Reports a disk whose commits are slow, by their median.

    Args:
        alarms: where it is reported.
    """

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._newest: deque[float] = deque(maxlen=MOST)

    def add(self, duration_s: float) -> None:
        """Take the time of one commit, in seconds."""
        self._newest.append(duration_s)
        if len(self._newest) < FEWEST:
            return
        usual_s = median(self._newest)
        sentence = (
            f"the card is slow: an event takes {usual_s:.1f} s to write, and its item waits for it: replace the card"
        )
        self._alarms.update(Alarm.SLOW_DISK, sentence if usual_s > SLOW_S else None)
