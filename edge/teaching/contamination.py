"""Estimates from reviews how much of what lies in a bin does not belong there: an interval, since few are reviewed."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.teaching.review_log import Review

Z = 1.959964
"""Quantile of the normal distribution for an interval that holds the truth nineteen times out of twenty."""


@dataclass(frozen=True, slots=True)
class ContaminationEstimate:
    """Share of wrong things in one bin, for the residual bin the share of what belonged elsewhere.

    Attributes:
        bin: name of the bin.
        reviewed: number of reviewed decisions that count: those that were offered.
        wrong: number of these that belonged elsewhere.
        share: estimate, 0..1; None: nothing is reviewed.
        low, high: the interval that holds the truth with 95 %, 0..1.

    Raises:
        ValueError: they are not in order.
    """

    bin: str
    reviewed: int
    wrong: int
    share: float | None
    low: float
    high: float

    def __post_init__(self) -> None:
        inner = self.low if self.share is None else self.share
        if not 0 <= self.low <= inner <= self.high <= 1 or not 0 <= self.wrong <= self.reviewed:
            raise ValueError(f"contamination of {self.bin}: {self}")


def estimate_contamination(
    reviews: Iterable[Review], bins: Mapping[str, str], residual_bin: str, names: Iterable[str]
) -> list[ContaminationEstimate]:
    """Estimate the contamination of every bin.

    Each review stands for as many decisions as its share says: of the sure ones every fiftieth is offered, of the unsure ones
    each. What a person came upon by chance is left out: errors are noticed more often than what is right.

    Args:
        reviews: reviews of decisions that were made under the same conditions.
        bins: label -> bin; a label without one belongs in the residual bin.
        residual_bin: name of the residual bin.
        names: the bins.
    """
    counted = [review for review in reviews if review.offered and review.share > 0]

    def is_wrong(review: Review) -> bool:
        return bins.get(review.label, residual_bin) != review.bin

    return [
        _estimate(
            name,
            [(1 / review.share, is_wrong(review)) for review in counted if review.bin == name],
        )
        for name in names
    ]


def wilson(share: float, number: float) -> tuple[float, float]:
    """The Wilson score interval of a share that was measured on a number of draws.

    Args:
        share: measured share, 0..1.
        number: number of draws, > 0; need not be whole.

    Returns:
        Its bounds, 0..1. Unlike the usual interval it is right for small shares, and never empty.
    """
    centre = (share + Z**2 / (2 * number)) / (1 + Z**2 / number)
    half = Z / (1 + Z**2 / number) * math.sqrt(share * (1 - share) / number + Z**2 / (4 * number**2))
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def _estimate(name: str, weighted: list[tuple[float, bool]]) -> ContaminationEstimate:
    if not weighted:
        return ContaminationEstimate(name, 0, 0, None, 0.0, 1.0)
    total = sum(weight for weight, _ in weighted)
    share = sum(weight for weight, is_wrong in weighted if is_wrong) / total
    # Unequal weights tell less than so many equal ones (Kish 1965: the effective sample size).
    effective = total**2 / sum(weight**2 for weight, _ in weighted)
    low, high = wilson(share, effective)
    return ContaminationEstimate(name, len(weighted), sum(is_wrong for _, is_wrong in weighted), share, low, high)
