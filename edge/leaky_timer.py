"""A timer that goes by share of time: what comes and goes is not new every time."""

LEAK = 0.5
"""Seconds that run off in a second in which the condition does not hold: what holds for less than a third of the time never adds
up."""


class LeakyTimer:
    """Adds up the time in which a condition holds; it runs off in the time in which it does not.

    Args:
        limit_s: sum from which ``is_over`` is true, in seconds, > 0. It then stays true until half of it has run off.

    Attributes:
        is_over: the condition has held for too large a share of the time.
    """

    def __init__(self, *, limit_s: float) -> None:
        self._limit_s = limit_s
        self._sum_s = 0.0
        self._held = False
        self._told_s: float | None = None
        self.is_over = False

    def add(self, holds: bool, now_s: float) -> bool:
        """Take whether the condition holds from now on. Returns ``is_over``.

        Args:
            holds: whether it does.
            now_s: time on the monotonic clock, in seconds.
        """
        since_s = 0.0 if self._told_s is None else max(now_s - self._told_s, 0.0)
        self._sum_s = min(max(self._sum_s + since_s * (1.0 if self._held else -LEAK), 0.0), self._limit_s)
        self._told_s, self._held = now_s, holds
        self.is_over = self._sum_s >= (self._limit_s / 2 if self.is_over else self._limit_s)
        return self.is_over

    def pause(self) -> None:
        """The time until the next ``add`` counts neither way."""
        self._told_s = None

    def reset(self) -> None:
        """Begin anew."""
        self._sum_s, self._told_s, self.is_over = 0.0, None, False
