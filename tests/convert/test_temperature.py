"""Calibration: many pictures decide by themselves, few are kept near the model that ships."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip("keras", reason="conversion needs the training packages")

from convert.measuring.prior import LEAST_CONFIDENCE, CalibrationPrior, shipped_prior
from convert.measuring.temperature import (
    HIGHEST,
    HIGHEST_CONFIDENCE,
    LEAST_GAIN,
    LOWEST,
    UNCALIBRATED,
    choose_min_confidence,
    fit_temperature,
)
from train.measuring.metrics import Calibration, vote_probabilities

PRIOR = CalibrationPrior(0.7, 0.75, {})


def drawn(count: int, seed: int = 1, scale: float = 2.0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits of one look whose probabilities are true at temperature 1, and labels drawn by them."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, scale, (count, 1, 5)).astype(np.float32)
    shares = vote_probabilities(logits).cumsum(axis=1)
    return logits, (random.random((count, 1)) > shares).sum(axis=1)


def test_many_pictures_undo_overconfidence_whatever_the_prior() -> None:
    logits, targets = drawn(4000)
    overconfident = 3 * logits
    temperature = fit_temperature(overconfident, targets, PRIOR)
    assert temperature == pytest.approx(3.0, rel=0.08)
    before, after = (Calibration.of(vote_probabilities(overconfident, t), targets).error for t in (1.0, temperature))
    assert after < 0.03 < before


@settings(max_examples=30)
@given(st.integers(1, 60), st.floats(4, 12), st.floats(0.5, 1.5))
def test_pictures_that_are_all_right_do_not_make_certainty(count: int, height: float, expected: float) -> None:
    logits = np.zeros((count, 4, 3), np.float32)
    logits[..., 0] = height
    prior = CalibrationPrior(expected, 0.75, {})
    temperature = fit_temperature(logits, np.zeros(count, np.int64), prior)
    assert max(LOWEST, 0.4 * min(expected, UNCALIBRATED)) <= temperature <= max(UNCALIBRATED, expected * 1.001)


@settings(max_examples=30)
@given(st.integers(0, 40), st.integers(1, 50), st.floats(0.1, 30))
def test_no_pictures_lead_out_of_the_range(seed: int, count: int, scale: float) -> None:
    logits, targets = drawn(count, seed, scale)
    assert LOWEST <= fit_temperature(logits, targets, PRIOR) <= HIGHEST


def test_few_pictures_are_shrunk_and_more_are_so_less() -> None:
    logits, targets = drawn(2000)
    found = [fit_temperature(2 * logits[:n], targets[:n], PRIOR) for n in (20, 200, 2000)]
    assert found == sorted(found), "the truth is 2"
    assert found[-1] == pytest.approx(2, rel=0.08)


@settings(max_examples=30)
@given(st.integers(0, 40), st.integers(0, 60), st.floats(0.5, 2))
def test_a_model_is_left_as_it_is_where_nothing_shows_that_calibrating_helps(
    seed: int, count: int, scale: float
) -> None:
    logits, targets = drawn(count, seed)
    temperature = fit_temperature(scale * logits, targets, PRIOR)

    def loss(one: float) -> float:
        return float(-np.log(vote_probabilities(scale * logits, one)[np.arange(count), targets]).sum())

    assert temperature == UNCALIBRATED or loss(UNCALIBRATED) - loss(temperature) >= LEAST_GAIN - 1e-6


def test_no_pictures_leave_the_model_as_it_is() -> None:
    logits, targets = drawn(1)
    assert fit_temperature(logits[:0], targets[:0], PRIOR) == UNCALIBRATED


def shares(count: int, confidence: float) -> NDArray[np.float64]:
    return np.tile([confidence, 1 - confidence], (count, 1))


def test_a_lower_confidence_than_the_usual_one_must_be_proven() -> None:
    right = np.zeros(200, np.int64)
    # 0.95 to the power of 59 is the first below one in twenty.
    assert choose_min_confidence(shares(58, 0.6), right[:58], 0.95, PRIOR) == 0.75
    assert choose_min_confidence(shares(59, 0.6), right[:59], 0.95, PRIOR) == LEAST_CONFIDENCE
    assert choose_min_confidence(shares(200, 0.6), 1 - right, 0.95, PRIOR) == HIGHEST_CONFIDENCE
    # What was counted is not let go for the usual one.
    mixed = np.concatenate([shares(100, 0.95), shares(30, 0.82)])
    targets = np.concatenate([np.zeros(100, np.int64), np.ones(30, np.int64)])
    assert choose_min_confidence(mixed, targets, 0.95, PRIOR) == 0.85


@given(
    st.lists(st.tuples(st.floats(0.5, 1), st.booleans()), min_size=1, max_size=200),
    st.floats(0.5, 1),
    st.floats(0, 1),
)
def test_no_confidence_is_below_the_floor(found: list[tuple[float, bool]], wanted: float, usual: float) -> None:
    rows = np.array([[one, 1 - one] for one, _ in found])
    targets = np.array([0 if good else 1 for _, good in found])
    chosen = choose_min_confidence(rows, targets, wanted, CalibrationPrior(1.0, usual, {}))
    assert LEAST_CONFIDENCE <= chosen <= max(HIGHEST_CONFIDENCE, usual)


def test_the_prior_is_that_of_the_model_that_ships() -> None:
    prior = shipped_prior()
    assert LOWEST < prior.temperature < HIGHEST
    assert LEAST_CONFIDENCE < prior.min_confidence < HIGHEST_CONFIDENCE
    assert prior.least(frozenset({"metal", "plastic"})) > prior.least(frozenset({"e-waste"})) == prior.min_confidence
