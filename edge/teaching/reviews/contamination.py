"""Estimates from reviews how much of what lies in a bin does not belong there: an interval, since few are reviewed."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from edge.teaching.reviews.review_log import Review
from hardware.pictures.labels import match_labels

TAIL = 0.025
"""Probability on each side of the interval: it holds the truth at least nineteen times out of twenty."""

ROUNDING = 1e-9
"""What sums of weights may be off."""

HALVINGS = 40
"""Steps of the search for a bound: far more exact than any share that is shown."""


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


def estimate_capture(
    reviews: Iterable[Review], bins: Mapping[str, str], residual_bin: str, names: Iterable[str]
) -> list[ContaminationEstimate]:
    """Estimate for every bin the share of what belongs in it that did *not* reach it; ``wrong`` counts what did not.

    Arguments as of ``estimate_contamination``.
    """
    counted = [review for review in reviews if review.offered and review.share > 0]
    own = {review.key: bins.get(review.label, residual_bin) for review in counted}
    return [
        _estimate(
            name,
            [(1 / review.share, review.bin != name) for review in counted if own[review.key] == name],
        )
        for name in names
    ]


def bins_of_reviews(reviews: Iterable[Review], labels: Mapping[str, str]) -> dict[str, str]:
    """Label of a review -> its bin, whatever its spelling; without those that have none.

    Args:
        reviews: reviews.
        labels: label -> bin, as configured.
    """
    names = match_labels({review.label for review in reviews}, labels).names
    return {label: labels[name] for label, name in names.items()}


def clopper_pearson(wrong: float, number: float) -> tuple[float, float]:
    """The interval of Clopper and Pearson (1934) for a share. Wilson's, which is shorter, fails for shares of a few per cent: of
    a true 2 % and fifty draws it misses the truth one time in twelve.

    Args:
        wrong: how many of the draws, 0..``number``; need not be whole.
        number: number of draws, >= 1; need not be whole, and is rounded so that the interval gets longer.

    Returns:
        Its bounds, 0..1.
    """
    draws = max(1, math.floor(number + ROUNDING))
    few = min(draws, math.floor(wrong + ROUNDING))
    many = min(draws, math.ceil(wrong - ROUNDING))
    # The least share with which so many are not yet too many, and the largest with which so few are not yet too few.
    low = 0.0 if few == 0 else _search(lambda share: 1 - _at_most(few - 1, draws, share) < TAIL)
    high = 1.0 if many == draws else _search(lambda share: _at_most(many, draws, share) > TAIL)
    return low, high


def _at_most(most: int, draws: int, share: float) -> float:
    """Probability of at most so many in a number of draws."""
    if not 0 < share < 1:
        return float(share <= 0 or most >= draws)
    logs = (math.log(share), math.log1p(-share))
    whole = math.lgamma(draws + 1)
    return math.fsum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(draws - k + 1) + k * logs[0] + (draws - k) * logs[1])
        for k in range(most + 1)
    )


def _search(holds: Callable[[float], bool]) -> float:
    """The share up to which something holds."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _estimate(name: str, weighted: list[tuple[float, bool]]) -> ContaminationEstimate:
    if not weighted:
        return ContaminationEstimate(name, 0, 0, None, 0.0, 1.0)
    total = sum(weight for weight, _ in weighted)
    share = sum(weight for weight, is_wrong in weighted if is_wrong) / total
    # Unequal weights tell less than so many equal ones (Kish 1965: the effective sample size).
    effective = total**2 / sum(weight**2 for weight, _ in weighted)
    low, high = clopper_pearson(share * effective, effective)
    wrong = sum(is_wrong for _, is_wrong in weighted)
    return ContaminationEstimate(name, len(weighted), wrong, share, min(low, share), max(high, share))
