"""Back-off: how long to leave alone what has failed."""

from hardware.clock import Clock


class BackOff:
    """Pauses that double with every failure in a row.

    Args:
        clock: time.
        first_s, most_s: first and longest pause, in seconds; 0 < first_s <= most_s.
    """

    def __init__(self, clock: Clock, *, first_s: float = 1.0, most_s: float = 60.0) -> None:
        self._clock = clock
        self._first_s = self._next_s = first_s
        self._most_s = most_s
        self._until_s: float | None = None

    @property
    def waiting(self) -> bool:
        """Is it too early for another try?"""
        return self._until_s is not None and self._clock.now_s() < self._until_s

    def fail(self, *, least_s: float = 0.0) -> float:
        """It has failed again: begin the next pause, of at least ``least_s``, and return its length in seconds."""
        pause_s = max(self._next_s, least_s)
        self._next_s = min(2 * self._next_s, self._most_s)
        self._until_s = self._clock.now_s() + pause_s
        return pause_s

    def reset(self) -> None:
        """It works again."""
        self._next_s, self._until_s = self._first_s, None
