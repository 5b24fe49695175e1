"""The estimate of contamination holds the truth as often as it says, and only what was drawn counts."""

import random

import pytest

from edge.teaching.reviews.contamination import (
    ContaminationEstimate,
    clopper_pearson,
    estimate_capture,
    estimate_contamination,
)
from edge.teaching.reviews.review_log import Review

BINS = {"glass": "glass", "paper": "paper"}
NAMES = ("glass", "paper", "residual")


def review(number: int, bin: str, label: str, *, share: float = 0.02, offered: bool = True) -> Review:
    return Review(1, number, float(number), None, bin, bin, label, share, offered)


def estimate(reviews: list[Review], name: str = "glass") -> ContaminationEstimate:
    found = estimate_contamination(reviews, BINS, "residual", NAMES)
    assert [one.bin for one in found] == list(NAMES)
    return found[NAMES.index(name)]


def test_without_reviews_nothing_is_known() -> None:
    assert estimate([]) == ContaminationEstimate("glass", 0, 0, None, 0.0, 1.0)


def test_a_label_of_another_bin_and_a_label_without_a_bin_contaminate() -> None:
    reviews = [
        review(1, "glass", "glass"),
        review(2, "glass", "paper"),
        review(3, "glass", "cup"),
        review(4, "paper", "paper"),
    ]
    found = estimate(reviews)
    assert (found.reviewed, found.wrong) == (3, 2)
    assert found.share == pytest.approx(2 / 3)
    assert estimate([review(1, "residual", "cup")], "residual").wrong == 0


def test_what_somebody_came_upon_does_not_count() -> None:
    drawn = [review(number, "glass", "glass") for number in range(20)]
    found = [review(number, "glass", "paper", offered=False, share=0.02) for number in range(20, 40)]
    assert estimate(drawn + found) == estimate(drawn)
    assert estimate([review(1, "glass", "paper", share=0.0)]).reviewed == 0


def test_a_drawn_one_stands_for_the_many_that_were_not() -> None:
    # Ten sure ones, each of which stands for fifty, all right; ten unsure ones, all wrong.
    sure = [review(number, "residual", "cup") for number in range(10)]
    unsure = [review(number, "residual", "glass", share=1.0) for number in range(10, 20)]
    found = estimate(sure + unsure, "residual")
    assert found.share == pytest.approx(10 / 510)
    assert found.low <= 10 / 510 <= found.high
    # Nearly all is known from ten draws only.
    assert found.high > clopper_pearson(20 * 10 / 510, 20)[1]


@pytest.mark.parametrize(("truth", "number"), [(0.02, 50), (0.02, 200), (0.1, 50), (0.5, 20), (0.0, 30)])
def test_the_interval_holds_the_truth_nineteen_times_out_of_twenty(truth: float, number: int) -> None:
    random_numbers = random.Random(7)
    intervals = [clopper_pearson(wrong, number) for wrong in range(number + 1)]
    held = 0
    for _ in range(1000):
        wrong = sum(random_numbers.random() < truth for _ in range(number))
        low, high = intervals[wrong]
        held += low <= truth <= high
    assert held >= 940


@pytest.mark.parametrize(
    ("wrong", "number", "expected"),
    # Published values of the exact binomial interval.
    [(0, 10, (0.0, 0.30850)), (1, 50, (0.00051, 0.10647)), (10, 10, (0.69150, 1.0)), (5, 20, (0.08657, 0.49105))],
)
def test_the_bounds_are_those_of_the_tables(wrong: int, number: int, expected: tuple[float, float]) -> None:
    assert clopper_pearson(wrong, number) == pytest.approx(expected, abs=2e-5)


def test_a_number_that_is_not_whole_makes_the_interval_no_shorter() -> None:
    low, high = clopper_pearson(1.5, 20.5)
    assert low == pytest.approx(clopper_pearson(1, 20)[0])
    assert high == pytest.approx(clopper_pearson(2, 20)[1])


def test_more_reviews_narrow_the_interval_and_no_error_in_a_few_proves_little() -> None:
    few = estimate([review(number, "glass", "glass") for number in range(10)])
    many = estimate([review(number, "glass", "glass") for number in range(200)])
    assert few.low == many.low == 0.0
    assert few.high > 0.25
    assert many.high < 0.02


@pytest.mark.parametrize(
    "values", [(1, 2, 0.5, 0.1, 0.9), (2, 1, 0.5, 0.6, 0.9), (2, 1, 0.5, 0.1, 0.4), (2, 1, 0.5, -0.1, 0.9)]
)
def test_an_estimate_out_of_order_is_refused(values: tuple[int, int, float, float, float]) -> None:
    with pytest.raises(ValueError, match="contamination of glass"):
        ContaminationEstimate("glass", *values)


def test_capture_counts_what_belongs_in_a_bin_and_did_not_reach_it() -> None:
    reviews = [
        Review(1, 1, 0.0, None, "glass", "glass", "glass", 0.5, True),
        Review(1, 2, 0.0, None, "residual", "glass", "glass", 1.0, True),
        Review(1, 3, 0.0, None, "glass", "glass", "paper", 0.5, True),
        Review(1, 4, 0.0, None, "residual", "glass", "glass", 1.0, False),  # nobody was asked
    ]
    glass, residual = estimate_capture(reviews, {"glass": "glass"}, "residual", ["glass", "residual"])
    assert (glass.reviewed, glass.wrong) == (2, 1)
    assert glass.share == pytest.approx(1 / 3)
    assert glass.low < 1 / 3 < glass.high
    assert (residual.reviewed, residual.wrong, residual.share) == (1, 1, 1.0)
