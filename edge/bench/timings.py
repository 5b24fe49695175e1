"""Times of the line's stages, and their statistics."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np


@dataclass(frozen=True, slots=True)
class LatencyPercentiles:
    """Percentiles of a stage's times in milliseconds, and the number of times (> 0)."""

    p50_ms: float
    p95_ms: float
    p99_ms: float
    count: int

    @classmethod
    def of(cls, seconds: list[float]) -> "LatencyPercentiles":
        """Percentiles of one or more times in seconds.

        Raises:
            ValueError: ``seconds`` is empty.
        """
        if not seconds:
            raise ValueError("percentiles: expected at least one time, got none")
        p50, p95, p99 = np.percentile(np.array(seconds) * 1000, [50, 95, 99])
        return cls(round(float(p50), 4), round(float(p95), 4), round(float(p99), 4), len(seconds))


class Timings:
    """Times of every stage.

    Attributes:
        seconds: stage -> its times in seconds; the stages in the order in which they were first timed.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def add(self, stage: str, seconds: float) -> None:
        """Add one time of a stage, in seconds."""
        self.seconds.setdefault(stage, []).append(seconds)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Time the body of the ``with`` block as one time of a stage."""
        start_s = perf_counter()
        yield
        self.add(stage, perf_counter() - start_s)

    def percentiles(self) -> dict[str, LatencyPercentiles]:
        """Percentiles of every stage."""
        return {stage: LatencyPercentiles.of(seconds) for stage, seconds in self.seconds.items()}

    def ratio(self, stage: str, other: str) -> float | None:
        """Median of one stage's time divided by the other's of the same turn; None if one was never timed."""
        pairs = zip(self.seconds.get(stage, []), self.seconds.get(other, []), strict=False)
        return median(ratios) if (ratios := [one / two for one, two in pairs]) else None
