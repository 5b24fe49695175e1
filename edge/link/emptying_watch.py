"""Notices that a bin was emptied, by its level."""

from collections.abc import Mapping

from edge.emptying import EMPTIED

SAMPLE_S = 60.0
"""Time between two levels that are compared, in seconds: emptying takes a few."""


class EmptyingWatch:
    """Compares levels that are a minute apart.

    Attributes:
        emptied_wall_s: bin -> when it was emptied last, in seconds since 1970, of those that were since start.
    """

    def __init__(self) -> None:
        self.emptied_wall_s: dict[str, float] = {}
        self._samples: dict[str, tuple[float, float]] = {}

    def observe(self, levels: Mapping[str, float], *, now_s: float, wall_s: float) -> None:
        """Take the levels of this moment.

        Args:
            levels: bin -> 0 empty to 1 full.
            now_s: time on the monotonic clock, in seconds.
            wall_s: seconds since 1970.
        """
        for name, level in levels.items():
            sampled_s, before = self._samples.get(name, (now_s - SAMPLE_S, level))
            if now_s - sampled_s < SAMPLE_S:
                continue
            if before - level > EMPTIED:
                self.emptied_wall_s[name] = wall_s
            self._samples[name] = (now_s, level)
