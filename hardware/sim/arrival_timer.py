"""When the next item comes, and when no more will."""

import math

from hardware.world.scheduled_item import ScheduledItem
from hardware.world.traffic import ItemTraffic

CALM_S = 0.5
"""Time that the flaps must have been home, after the last item, until the world counts as finished. Seconds."""

GIVEN_UP_S = 30.0
"""Time after the last item until the world counts as finished even if a flap never comes home. Seconds; several times what
the sorter takes to give up a flap."""


class ArrivalTimer:
    """Keeps the times that users wait for: the tray is free, the flaps are home.

    Args:
        traffic: how long they wait.
        start_s: the world's start, in seconds of its clock.

    Attributes:
        calm_since_s: since when the view is empty with all flaps home, in seconds; None: it is not.
    """

    def __init__(self, traffic: ItemTraffic, start_s: float) -> None:
        self._patience_s = traffic.patience_s
        self._start_s = start_s
        self._learnt_s = start_s + traffic.first_after_s
        self._free_since_s = start_s
        self.calm_since_s: float | None = None

    def update(self, time_s: float, *, calm: bool) -> None:
        """Note whether the view is empty with all flaps home, in seconds of the world's clock."""
        if not calm:
            self.calm_since_s = None
        elif self.calm_since_s is None:
            self.calm_since_s = time_s

    def note_gone(self, time_s: float) -> None:
        """Note that an item is gone."""
        self._free_since_s = time_s

    def due_s(self, scheduled: ScheduledItem | None) -> float:
        """When the next item comes, as things stand, in seconds; infinite when none does."""
        if scheduled is None:
            return math.inf
        at_s = -math.inf if scheduled.at_s is None else self._start_s + scheduled.at_s
        due_s = math.inf if self.calm_since_s is None else max(self.calm_since_s + scheduled.gap_s, at_s)
        if self._patience_s is not None:
            wanted_s = max(self._free_since_s + scheduled.gap_s, at_s, self._learnt_s)
            due_s = min(due_s, wanted_s + self._patience_s)
        return due_s

    def is_settled(self, time_s: float, *, is_driven: bool) -> bool:
        """Whether the flaps have been home for a while after the last item, without current, or will never be."""
        calm_s = 0.0 if self.calm_since_s is None or is_driven else time_s - self.calm_since_s
        return calm_s >= CALM_S or time_s - self._free_since_s >= GIVEN_UP_S
