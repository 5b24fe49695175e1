"""Corrections teach, and do not outweigh what the owner showed."""

import numpy as np
import pytest

from edge.teaching.taught_set.corrections import LEAST_PICTURES, correction_weights


def total(shown: int, corrected: int) -> float:
    flags = [False] * shown + [True] * corrected
    return float(correction_weights(["cup"] * len(flags), flags)[shown:].sum())


@pytest.mark.parametrize(
    ("shown", "corrected", "expected"),
    [(20, 3, 3), (20, 20, 20), (20, 100, 20), (0, 3, 3), (0, 50, LEAST_PICTURES), (2, 50, LEAST_PICTURES)],
)
def test_all_corrections_of_a_label_weigh_at_most_what_its_pictures_do(
    shown: int, corrected: int, expected: float
) -> None:
    assert total(shown, corrected) == pytest.approx(expected)


def test_a_shown_picture_counts_one_and_labels_do_not_mix() -> None:
    weights = correction_weights(["cup", "can", "cup", *["can"] * 10], [False, False, True, *[True] * 10])
    assert weights.dtype == np.float32
    assert weights[:3].tolist() == [1, 1, 1]
    assert weights[3:].tolist() == [0.5] * 10


def test_nothing_taught_is_no_weight() -> None:
    assert correction_weights([], []).shape == (0,)
