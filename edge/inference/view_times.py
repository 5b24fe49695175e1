"""The times that views take to be classified: a machine that is too warm, or too small, is slow in silence."""

from edge.alarms import Alarm, Alarms, SlownessAlarm

SLOW_S = 0.3
"""Time of a view from which a machine counts as slow, in seconds: an item then waits more than a second for its four views."""

FEWEST, MOST = 4, 12
"""Views that are judged together, the newest: one that had to wait for something else says nothing."""

SENTENCE = (
    "this machine is slow: a view takes {:.1f} s to classify, and items wait: see to its cooling and supply, "
    "or set fewer decision.views"
)


class ViewTimes(SlownessAlarm):
    """Reports a machine that classifies slowly; ``alarms``: where."""

    def __init__(self, alarms: Alarms) -> None:
        super().__init__(alarms, Alarm.SLOW_VIEW, SENTENCE, slow_s=SLOW_S, fewest=FEWEST, most=MOST)
