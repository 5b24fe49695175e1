"""A wall clock that events may be deleted by: one that is set, and has not jumped lately."""

from collections.abc import Callable

from hardware.clock import Clock

STEADY_S = 3600.0
"""Time for which the clock must have been set and run on without a jump, in seconds. A wrong time server is noticed, or gone, by
then; nothing is urgent about a deletion."""

JUMP_S = 60.0
"""Difference between wall clock and monotonic clock that counts as a jump, in seconds: they never drift apart that far while the
clock is set."""


class TrustedClock:
    """The wall clock, where it can be trusted.

    A Raspberry Pi has no battery for its clock. It starts with an old time, and may get a wrong one: years ahead, every event
    would look old enough to be deleted.

    Args:
        clock: time source.
        wall_synced: returns whether the wall clock is set by the network.
    """

    def __init__(self, clock: Clock, wall_synced: Callable[[], bool]) -> None:
        self._clock = clock
        self._wall_synced = wall_synced
        self._steady: tuple[float, float] | None = None
        """Time since when it is steady, and wall clock minus monotonic clock then."""

    def wall_s(self) -> float | None:
        """Seconds since 1970 UTC; None while the clock cannot be trusted. Call it regularly: jumps between calls are noticed."""
        now_s, wall_s = self._clock.now_s(), self._clock.wall_s()
        offset_s = wall_s - now_s
        if not self._wall_synced():
            self._steady = None
        elif self._steady is None or abs(offset_s - self._steady[1]) > JUMP_S:
            self._steady = now_s, offset_s
        if self._steady is None or now_s - self._steady[0] < STEADY_S:
            return None
        return wall_s
