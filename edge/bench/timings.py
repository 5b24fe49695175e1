"""Times of the line's stages, and what is said of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np


@dataclass(frozen=True, slots=True)
class LatencyPercentiles:
    """Percentiles of a stage's times, in milliseconds, and how many times there were (> 0)."""

    p50_ms: float
    p95_ms: float
    p99_ms: float
    count: int

    @classmethod
    def of(cls, seconds: list[float]) -> "LatencyPercentiles":
        """Of at least one time.

        Raises:
            ValueError: there is none.
        """
        if not seconds:
            raise ValueError("a spread: at least one time is needed")
        p50, p95, p99 = np.percentile(np.array(seconds) * 1000, [50, 95, 99])
        return cls(round(float(p50), 4), round(float(p95), 4), round(float(p99), 4), len(seconds))


class Timings:
    """Stage -> its times in seconds, in the order in which the stages were first timed."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def add(self, stage: str, seconds: float) -> None:
        """One more time of a stage."""
        self.seconds.setdefault(stage, []).append(seconds)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Time what is done inside."""
        start_s = perf_counter()
        yield
        self.add(stage, perf_counter() - start_s)

    def spreads(self) -> dict[str, LatencyPercentiles]:
        """Of every stage."""
        return {stage: LatencyPercentiles.of(seconds) for stage, seconds in self.seconds.items()}

    def ratio(self, stage: str, other: str) -> float | None:
        """Median of one stage's time over the other's, taken in the same turns; None where there are none."""
        pairs = zip(self.seconds.get(stage, []), self.seconds.get(other, []), strict=False)
        return median(ratios) if (ratios := [one / two for one, two in pairs]) else None
