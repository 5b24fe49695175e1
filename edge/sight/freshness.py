"""Freshness: no frame is acted on that is older than the configuration allows."""

from edge.values import Frame
from hardware.clock import Clock


class FreshnessGate:
    """Tells fresh frames from stale ones.

    Args:
        clock: time.
        max_age_s: no older frame is acted on, in seconds, > 0.

    Attributes:
        stale_count: how often a frame was found stale since start.
    """

    def __init__(self, clock: Clock, *, max_age_s: float) -> None:
        self._clock = clock
        self._max_age_s = max_age_s
        self.stale_count = 0

    def is_fresh(self, frame: Frame) -> bool:
        """Whether a frame may be acted on now; one that may not is counted."""
        fresh = self._clock.now_s() - frame.time_s <= self._max_age_s
        self.stale_count += not fresh
        return fresh
