"""Confidence that means something: temperature, and a threshold to call an item unsure below."""

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = 0.05, 20.0
"""Range of temperatures looked at."""


def fit_temperature(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> float:
    """The temperature with the least cross-entropy (Guo et al. 2017); golden section on its logarithm.

    The loss has one minimum in 1 / temperature, hence also on this scale. Logits (n, labels), or (n, views, labels)
    where several views of each picture vote; targets (n,).
    """
    low, high = np.log(LOWEST), np.log(HIGHEST)
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(40):
        left, right = high - golden * (high - low), low + golden * (high - low)
        if _loss(logits, targets, np.exp(left)) <= _loss(logits, targets, np.exp(right)):
            high = right
        else:
            low = left
    return round(float(np.exp((low + high) / 2)), 4)


def _loss(logits: NDArray[np.float32], targets: NDArray[np.int64], temperature: float) -> float:
    shares = probabilities(logits, temperature)[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(shares, 1e-12)).mean())


def probabilities(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    """Softmax of logits / temperature. (n, labels) -> the same; (n, views, labels) -> (n, labels), the views' mean."""
    scaled = logits.astype(np.float64) / temperature
    exponential = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    shares: NDArray[np.float64] = exponential / exponential.sum(axis=-1, keepdims=True)
    return shares if shares.ndim == 2 else shares.mean(axis=1)


def calibration_error(shares: NDArray[np.float64], targets: NDArray[np.int64], bins: int = 10) -> float:
    """Expected calibration error, 0..1: how far confidence and share right differ, over ``bins`` of equal width."""
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == targets
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for place in range(bins):
        inside = places == place
        if inside.any():
            total += float(inside.mean()) * abs(float(confidence[inside].mean()) - float(right[inside].mean()))
    return total


def suggest_threshold(shares: NDArray[np.float64], targets: NDArray[np.int64], wanted: float) -> float:
    """The lowest confidence (in steps of 0.05, at most 0.9) from which on ``wanted`` of the answers are right.

    0.9 where none reaches that: a model that is seldom right should seldom be sure.
    """
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == targets
    for step in range(19):
        threshold = round(step * 0.05, 2)
        sure = confidence >= threshold
        if sure.any() and float(right[sure].mean()) >= wanted:
            return threshold
    return 0.9
