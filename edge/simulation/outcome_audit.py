"""Whether each item that was not handled once was at least reported to the operator."""

from collections import deque

from hardware.world.score import WITHDRAWN, ItemOutcome

REPORT_WITHIN_S = 2.0
"""Time after an item is gone in which an alarm counts as a report of it, in seconds: that something has vanished is known
only afterwards."""


class OutcomeAudit:
    """Sorts the items that were not handled once into lost and reported ones.

    Attributes:
        lost: numbers of the items that were neither handled once nor reported.
        reported: numbers of the items during which, or soon after which, an alarm was raised or the program did not run.
    """

    def __init__(self) -> None:
        self.lost: list[int] = []
        self.reported: list[int] = []
        self._alarm_s = float("-inf")
        self._unexplained: deque[ItemOutcome] = deque()

    def add(self, outcome: ItemOutcome) -> None:
        """An item is gone."""
        handled_once = len(outcome.bins) == 1 and outcome.openings > 0
        if self._alarm_s >= outcome.arrive_s:
            self.reported.append(outcome.number)
        elif not (handled_once or outcome.bin == WITHDRAWN):
            self._unexplained.append(outcome)

    def note_alarm(self, now_s: float) -> None:
        """An alarm is active, at a time in seconds of the world's clock."""
        self._alarm_s = now_s
        self.reported += [outcome.number for outcome in self._unexplained]
        self._unexplained.clear()

    def note_down(self, now_s: float) -> None:
        """The program does not run, at a time in seconds of the world's clock."""
        self._alarm_s = now_s

    def close(self, gone_by_s: float) -> None:
        """Count as lost what was gone by a time, in seconds of the world's clock, and is not reported."""
        while self._unexplained and self._unexplained[0].end_s <= gone_by_s:
            self.lost.append(self._unexplained.popleft().number)
