"""Calibration of the confidence: temperature, and the confidence below which an item is unsure."""

import numpy as np
from numpy.typing import NDArray

from convert.measuring.prior import LEAST_CONFIDENCE, CalibrationPrior
from train.measuring.metrics import vote_probabilities
from train.measuring.share_interval import upper_bound

LOWEST, HIGHEST = 0.25, 4.0
"""Range of the temperatures. Short fine-tunes from the model that ships had 0.3 and 0.4 on some 300 pictures, the models that
ship 0.7, the networks of Guo et al. (2017), trained without smoothed labels, 1 to 3. What lies outside is chance, or a fault
in the data."""
PRIOR_SPREAD = 0.5
"""Standard deviation of the prior of the temperature's logarithm: the smallest that was near the best where 12 to 48 of some
300 pictures chose and the others judged (docs/train.md). It weighs as much as 7 pictures of a model that is often wrong, and
as 40 of one that seldom is."""
LEAST_GAIN = 0.25
"""Log-likelihood in nats that the pictures must gain by a temperature over 1. With less, nothing shows that calibrating helps:
with 30 pictures of an overconfident model the calibration error then was worse than before in 22 draws of 100, with this limit
in 5. A higher one (0.5 to 2) leaves more models uncalibrated that need it (docs/train.md)."""
UNCALIBRATED = 1.0
"""Temperature of a model as it was trained."""
SEARCH_STEPS = 40
"""Steps of the golden section search: each shortens the range to 0.62 of it, 40 to less than a millionth."""
CONFIDENCE_STEP, HIGHEST_CONFIDENCE = 0.05, 0.9
"""Grid of ``choose_min_confidence``: finer steps are below the standard error on some hundred validation pictures."""


def fit_temperature(logits: NDArray[np.float32], targets: NDArray[np.int64], prior: CalibrationPrior) -> float:
    """The most probable temperature: cross-entropy of the vote (Guo et al. 2017) and a log-normal prior; golden section.

    A few pictures that are all answered right have no best temperature but 0, which turns every answer into certainty: the
    prior keeps it near that of the model that ships. Its weight is the same for any number of pictures, so that some
    hundreds decide by themselves. The model is left as it is where the pictures hardly gain by it (``LEAST_GAIN``).
    For one look the loss has one minimum in 1 / temperature, hence also on this scale.

    Args:
        logits: of the vote's looks, (n, looks, labels).
        targets: label indices, (n,).
        prior: gives the temperature to expect.

    Returns:
        From ``LOWEST`` to ``HIGHEST``; ``UNCALIBRATED`` for too small a gain.
    """
    low, high = np.log(LOWEST), np.log(HIGHEST)
    golden = (np.sqrt(5) - 1) / 2

    def loss(place: float) -> float:
        deviation = (place - np.log(prior.temperature)) / PRIOR_SPREAD
        return _log_loss(logits, targets, float(np.exp(place))) + float(deviation) ** 2 / 2

    for _ in range(SEARCH_STEPS):
        left, right = high - golden * (high - low), low + golden * (high - low)
        if loss(left) <= loss(right):
            high = right
        else:
            low = left
    found = round(float(np.exp((low + high) / 2)), 4)
    gain = _log_loss(logits, targets, UNCALIBRATED) - _log_loss(logits, targets, found)
    return found if gain >= LEAST_GAIN else UNCALIBRATED


def _log_loss(logits: NDArray[np.float32], targets: NDArray[np.int64], temperature: float) -> float:
    """Negative log-likelihood of all pictures together, in nats."""
    shares = vote_probabilities(logits, temperature)[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(shares, 1e-12)).sum())


def choose_min_confidence(
    probabilities: NDArray[np.float64], targets: NDArray[np.int64], wanted: float, prior: CalibrationPrior
) -> float:
    """The lowest confidence at and above which the share ``wanted`` of the answers is right.

    It is not lower than the prior's unless the pictures prove that a lower one suffices (lower bound of the share by Clopper
    and Pearson), and never lower than ``LEAST_CONFIDENCE``. ``HIGHEST_CONFIDENCE`` where no confidence reaches the share:
    an inaccurate model should seldom be confident.

    Args:
        probabilities: of the vote, (n, labels).
        targets: label indices, (n,).
        wanted: share of right answers, 0..1.
        prior: gives the confidence for too few pictures.

    Returns:
        From ``LEAST_CONFIDENCE`` to ``HIGHEST_CONFIDENCE``, or the prior's where that is higher.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    grid = np.arange(LEAST_CONFIDENCE, HIGHEST_CONFIDENCE + CONFIDENCE_STEP / 2, CONFIDENCE_STEP).round(2)
    sure = confidence >= grid[:, np.newaxis]
    count, wrong = sure.sum(axis=1), (sure & ~right).sum(axis=1)
    counted = _first(grid, (count > 0) & (count - wrong >= wanted * count), HIGHEST_CONFIDENCE)
    proven = _first(grid, upper_bound(wrong, count) <= 1 - wanted, 1.0)
    return max(counted, min(prior.min_confidence, proven))


def _first(values: NDArray[np.float64], suits: NDArray[np.bool_], otherwise: float) -> float:
    return float(values[suits.argmax()]) if suits.any() else otherwise
