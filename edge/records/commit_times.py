"""The times that events take to reach the disk: a worn card gets slow before it fails."""

from edge.alarms import Alarm, Alarms, SlownessAlarm

SLOW_S = 0.3
"""Time of a commit from which a card counts as slow, in seconds: ten times that of a sound one, and an item waits for it."""

FEWEST, MOST = 3, 9
"""Commits that are judged together, the newest: a single slow one is a card that tidies up."""

SENTENCE = "the card is slow: an event takes {:.1f} s to write, and its item waits for it: replace the card"


class CommitTimes(SlownessAlarm):
    """Reports a disk whose commits are slow; ``alarms``: where."""

    def __init__(self, alarms: Alarms) -> None:
        super().__init__(alarms, Alarm.SLOW_DISK, SENTENCE, slow_s=SLOW_S, fewest=FEWEST, most=MOST)
