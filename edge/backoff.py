"""Exponential back-off between retries."""

from hardware.clock import Clock


class BackOff:
    """Pauses whose length doubles with every consecutive failure.

    Args:
        clock: time source.
        first_s: first pause, in seconds, > 0.
        max_s: longest pause, in seconds, >= first_s.
    """

    def __init__(self, clock: Clock, *, first_s: float = 1.0, max_s: float = 60.0) -> None:
        self._clock = clock
        self._first_s = self._next_s = first_s
        self._max_s = max_s
        self._until_s: float | None = None

    @property
    def waiting(self) -> bool:
        """Whether the current pause is still running."""
        return self._until_s is not None and self._clock.now_s() < self._until_s

    def fail(self, *, min_s: float = 0.0) -> float:
        """Record a failure and start the next pause.

        Args:
            min_s: shortest length of this pause, in seconds.

        Returns:
            The length of the pause, in seconds.
        """
        pause_s = max(self._next_s, min_s)
        self._next_s = min(2 * self._next_s, self._max_s)
        self._until_s = self._clock.now_s() + pause_s
        return pause_s

    def reset(self) -> None:
        """Record a success: end the pause; the next one is the first again."""
        self._next_s, self._until_s = self._first_s, None
