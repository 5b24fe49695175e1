"""Rejects frames that are too old to act on."""

from edge.values import Frame
from hardware.clock import Clock

MOST_AGE_S = 1.2
"""Largest age up to which a frame may be acted on, in seconds: what a hand does within it is not known. Also less than the time
without a frame after which the camera has a problem."""


class FreshnessGate:
    """Separates fresh frames from stale ones.

    Args:
        clock: time source.
        max_age_s: maximum age of a fresh frame, in seconds, > 0, at most ``MOST_AGE_S``.

    Attributes:
        stale_count: number of times that a frame was stale.
    """

    def __init__(self, clock: Clock, *, max_age_s: float) -> None:
        self._clock = clock
        self._max_age_s = max_age_s
        self.stale_count = 0

    def is_fresh(self, frame: Frame) -> bool:
        """Whether a frame is fresh now. Stale frames are counted."""
        fresh = self._clock.now_s() - frame.time_s <= self._max_age_s
        self.stale_count += not fresh
        return fresh
