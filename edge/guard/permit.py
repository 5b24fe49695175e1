"""The permit: whether a drive may move at this moment, from what was seen last and what the switches say."""

import math

from edge.guard.interlock import Interlock
from hardware.limits import MAX_FRAME_INTERVAL_S


class Permit:
    """Grants motion while there is evidence that nobody is in the way.

    Evidence of a person revokes it however old the picture is (``Interlock``). No evidence revokes it as well: a picture
    that shows the edge clear grants motion only for ``valid_s`` from when it was taken, and only while pictures come often
    enough (``MAX_FRAME_INTERVAL_S``). A fitted lid that is closed is evidence too: who cannot reach in need not be seen.

    Args:
        interlock: what was seen of people, and what the switches say.
        valid_s: how long after it was taken a clear picture grants motion, in seconds, > 0.
        has_lid: whether a lid contact or light barrier is fitted.
    """

    def __init__(self, interlock: Interlock, *, valid_s: float, has_lid: bool = False) -> None:
        self.interlock = interlock
        self._valid_s = valid_s
        self._has_lid = has_lid
        self._clear_s = self._clear_before_s = self._seen_s = -math.inf

    def observe(self, is_edge_crossed: bool, time_s: float, *, now_s: float) -> None:
        """Take what a fresh picture shows.

        Args:
            is_edge_crossed: whether something reaches over the tray's edge.
            time_s: when it was taken, in seconds on the monotonic clock.
            now_s: the time now.
        """
        self._seen_s = now_s
        self.interlock.observe(is_edge_crossed, time_s)
        if is_edge_crossed:
            self._clear_s = self._clear_before_s = -math.inf
        elif time_s > self._clear_s:
            self._clear_before_s, self._clear_s = self._clear_s, time_s

    def observe_stale(self, is_edge_crossed: bool, time_s: float, *, now_s: float) -> None:
        """Take what a picture shows that is too old to act on: it may forbid, never allow."""
        if is_edge_crossed:
            self.observe(True, time_s, now_s=now_s)

    def holds(self, now_s: float) -> bool:
        """Whether a drive may move now."""
        is_shut = self._has_lid and self.interlock.is_lid_closed
        return not self.interlock.active and (is_shut or self._is_seen_clear(now_s))

    def holds_for_opening(self, now_s: float) -> bool:
        """Whether a flap that opens may go on: also behind a lid only as long as a picture shows what it opens for."""
        return self.holds(now_s) and now_s - self._clear_s <= self._valid_s

    def is_blind(self, now_s: float) -> bool:
        """Whether only the lack of evidence forbids motion."""
        return not self.interlock.active and not self.holds(now_s)

    def _is_seen_clear(self, now_s: float) -> bool:
        interval_s = max(self._clear_s - self._clear_before_s, now_s - self._seen_s)
        return interval_s <= MAX_FRAME_INTERVAL_S and now_s - self._clear_s <= self._valid_s
