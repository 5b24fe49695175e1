"""The times that views take to be classified: a machine that is too warm, or too small, is slow in silence."""

from collections import deque
from statistics import median

from edge.alarms import Alarm, Alarms

SLOW_S = 0.3
"""Time of a view from which a machine counts as slow, in seconds: an item then waits more than a second for its four views."""

FEWEST, MOST = 4, 12
"""Views that are judged together, the newest: one that had to wait for something else says nothing."""


class ViewTimes:
    """Reports a machine that classifies slowly, by the median.

    Args:
        alarms: where it is reported.
    """

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._newest: deque[float] = deque(maxlen=MOST)

    def add(self, duration_s: float) -> None:
        """Take the time of one view, in seconds."""
        self._newest.append(duration_s)
        if len(self._newest) < FEWEST:
            return
        usual_s = median(self._newest)
        sentence = (
            f"this machine is slow: a view takes {usual_s:.1f} s to classify, and items wait: see to its cooling and supply, "
            "or set fewer decision.views"
        )
        self._alarms.update(Alarm.SLOW_VIEW, sentence if usual_s > SLOW_S else None)
