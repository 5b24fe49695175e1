"""Confidence interval of a counted share: what a number of pictures says about the share among all such pictures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

CONFIDENCE = 0.95
"""Probability that an interval covers the true share; the field's usual choice."""


@dataclass(frozen=True, slots=True)
class ShareInterval:
    """A counted share and its Clopper-Pearson interval (1934), which covers at least ``CONFIDENCE`` for any count.

    Attributes:
        hits, count: 0 <= hits <= count.
        low, high: ends of the interval, 0..1; 0 and 1 for a count of 0.
    """

    hits: int
    count: int
    low: float
    high: float

    @classmethod
    def of(cls, hits: int, count: int) -> "ShareInterval":
        """From counts.

        Raises:
            ValueError: the counts are no share.
        """
        if not 0 <= hits <= count:
            raise ValueError(f"share: expected 0 <= hits <= count, got {hits} of {count}")
        one_side = (1 + CONFIDENCE) / 2
        high = float(upper_bound(hits, count, one_side))
        return cls(hits, count, 1 - float(upper_bound(count - hits, count, one_side)), high)

    @property
    def share(self) -> float:
        """The counted share, 0..1; 0 for a count of 0."""
        return self.hits / max(self.count, 1)

    @property
    def width(self) -> float:
        """Length of the interval, 0..1."""
        return self.high - self.low

    @property
    def text(self) -> str:
        """The interval in words, such as "31 to 89 %"; widened to whole percents."""
        # Less a hair, so that 0.3 * 100 does not become 31.
        low, high = np.floor(100 * self.low + 1e-9), np.ceil(100 * self.high - 1e-9)
        return f"{low:.0f} to {high:.0f} %"

    def as_dict(self) -> dict[str, float | int]:
        """For JSON."""
        return {"hits": self.hits, "count": self.count, "low": round(self.low, 4), "high": round(self.high, 4)}


def upper_bound(hits: ArrayLike, count: ArrayLike, confidence: float = CONFIDENCE) -> NDArray[np.float64]:
    """One-sided upper bound of shares by Clopper and Pearson, 0..1, in the shape of the counts; 1 for a count of 0.

    Args:
        hits, count: 0 <= hits <= count, element by element; parts of a picture are allowed (see
            ``convert.measuring.thresholds``).
        confidence: probability that the true share is not above the bound, 0..1.
    """
    number, total = np.asarray(hits, np.float64), np.asarray(count, np.float64)
    others = total - number
    bound = betaincinv(number + 1, np.where(others > 0, others, 1.0), confidence)
    return np.asarray(np.where(others > 0, bound, 1.0), np.float64)
