"""Multinomial logistic regression in numpy."""

import numpy as np
from numpy.typing import NDArray

MAX_STEPS = 200
"""Bound of the iterations; a fit of a hundred pictures takes some forty."""

TOLERANCE = 1e-4
"""Largest gradient at which the fit is good enough."""


def fit_logistic(
    features: NDArray[np.float64], targets: NDArray[np.float64], weights: NDArray[np.float64], *, ridge: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit weights and bias by Nesterov's accelerated gradient with restarts.

    Args:
        features: (rows, numbers).
        targets: (rows, labels), each row summing to 1.
        weights: (rows,), how much each row counts, summing to 1.
        ridge: penalty on the squares of the weights, > 0; the bias has none.

    Returns:
        (numbers, labels) and (labels,).
    """
    rows = np.hstack([features, np.ones((len(features), 1))])
    penalty = np.full((rows.shape[1], 1), ridge)
    penalty[-1] = 0.0
    # Upper bound of the curvature: half the largest eigenvalue of the weighted second moment.
    scaled = rows * np.sqrt(weights)[:, np.newaxis]
    gram = scaled @ scaled.T if len(rows) < rows.shape[1] else scaled.T @ scaled
    step = 1.0 / (0.5 * float(np.linalg.eigvalsh(gram)[-1]) + ridge)
    now = np.zeros((rows.shape[1], targets.shape[1]))
    ahead, momentum = now, 1.0
    for _ in range(MAX_STEPS):
        logits = rows @ ahead
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        error = exponentials / exponentials.sum(axis=1, keepdims=True) - targets
        gradient = rows.T @ (error * weights[:, np.newaxis]) + penalty * ahead
        following = ahead - step * gradient
        if np.abs(gradient).max() < TOLERANCE * ridge:
            now = following
            break
        if float(np.sum(gradient * (following - now))) > 0:
            momentum = 1.0
        longer = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = following + (momentum - 1) / longer * (following - now)
        now, momentum = following, longer
    return now[:-1], now[-1]
