"""The least confidence keeps the asked contamination, and the own check's range contains its estimate."""

import numpy as np
import pytest

from edge.teaching.fitting.calibration import choose_min_confidence
from edge.teaching.fitting.own_check import accuracy_range


def make_votes(confidences: list[float]) -> np.ndarray:
    return np.array([[confidence, 1 - confidence] for confidence in confidences])


def test_without_mistakes_nothing_is_held_back() -> None:
    votes = make_votes([0.99] * 99 + [0.9])
    assert choose_min_confidence(votes, np.zeros(100, int), 0.02) == 0.9


def test_many_mistakes_below_a_confidence_raise_the_threshold_above_it() -> None:
    votes = make_votes([0.99] * 80 + [0.7] * 20)
    labels = np.array([0] * 80 + [1] * 20)
    assert choose_min_confidence(votes, labels, 0.02) == 0.99


def test_a_stricter_target_is_never_met_by_a_lower_threshold() -> None:
    rng = np.random.default_rng(0)
    votes = make_votes(rng.uniform(0.5, 1.0, 60).tolist())
    labels = (rng.uniform(size=60) > votes[:, 0]).astype(int)
    found = [choose_min_confidence(votes, labels, target) for target in (0.3, 0.1, 0.02, 0.001)]
    assert found == sorted(found)


@pytest.mark.parametrize("count", [2, 20, 200])
def test_the_range_narrows_with_more_pictures_and_never_ends_at_what_a_few_say(count: int) -> None:
    labels = np.repeat([0, 1], count)
    estimate, low, high = accuracy_range(np.ones(2 * count, bool), labels)
    assert (estimate, high) == (1.0, 1.0)
    assert 1 - low == pytest.approx(1.6 * 1.645 * np.sqrt(0.5 * (count + 0.5) / (count + 1) ** 3 / 2), rel=1e-6)
