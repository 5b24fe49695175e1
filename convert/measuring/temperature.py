"""Calibration of the confidence: temperature, and the confidence below which an item is unsure."""

import numpy as np
from numpy.typing import NDArray

from train.measuring.metrics import vote_probabilities

LOWEST, HIGHEST = 0.05, 20.0
"""Range of the temperatures that are searched."""
SEARCH_STEPS = 40
"""Steps of the golden section search: each shortens the range to 0.62 of it, 40 to less than a millionth."""
CONFIDENCE_STEP, HIGHEST_CONFIDENCE = 0.05, 0.9
"""Grid of ``choose_min_confidence``: finer steps are below the standard error on some hundred validation pictures."""


def fit_temperature(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> float:
    """The temperature with the least cross-entropy of the vote (Guo et al. 2017); golden section on its logarithm.

    For one look the loss has one minimum in 1 / temperature, hence also on this scale. Answers are logits (n, looks,
    labels), targets (n,).
    """
    low, high = np.log(LOWEST), np.log(HIGHEST)
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(SEARCH_STEPS):
        left, right = high - golden * (high - low), low + golden * (high - low)
        if _loss(logits, targets, np.exp(left)) <= _loss(logits, targets, np.exp(right)):
            high = right
        else:
            low = left
    return round(float(np.exp((low + high) / 2)), 4)


def _loss(logits: NDArray[np.float32], targets: NDArray[np.int64], temperature: float) -> float:
    shares = vote_probabilities(logits, temperature)[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(shares, 1e-12)).mean())


def choose_min_confidence(probabilities: NDArray[np.float64], targets: NDArray[np.int64], wanted: float) -> float:
    """The lowest confidence at and above which the share ``wanted`` of the answers is right.

    ``HIGHEST_CONFIDENCE`` where no confidence reaches that share: an inaccurate model should seldom be confident.

    Args:
        probabilities: of the vote, (n, labels).
        targets: label indices, (n,).
        wanted: share of right answers, 0..1.

    Returns:
        A multiple of ``CONFIDENCE_STEP`` from 0 to ``HIGHEST_CONFIDENCE``.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    for step in range(round(HIGHEST_CONFIDENCE / CONFIDENCE_STEP) + 1):
        threshold = round(step * CONFIDENCE_STEP, 2)
        sure = confidence >= threshold
        if sure.any() and float(right[sure].mean()) >= wanted:
            return threshold
    return HIGHEST_CONFIDENCE
