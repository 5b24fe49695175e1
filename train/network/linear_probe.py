"""Linear probe: logistic regression on a network's features, every data set and label weighing the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

STRENGTH = 0.0003
"""Inverse of the regularization (C of scikit-learn), for standardised features and weights with the mean 1: a strong one, since
there are about as many features as pictures. Ten and a hundred times as much was worse on data sets left out
(docs/training.md)."""
MOST_STEPS = 400
"""Largest number of steps of the optimizer; scikit-learn warns where they do not suffice."""
LEAST_SPREAD = 0.03
"""Standard deviation below which a feature is taken for one of this spread, features being means of maps from 0 to 6. One that
hardly varies would otherwise get a weight so large that the others vanish in 8 bits, whose step the largest one sets."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearHead:
    """A linear head.

    Attributes:
        kernel: float32 (features, labels).
        bias: float32 (labels,).
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (n, features) -> (n, labels)."""
        return features @ self.kernel + self.bias


def fit_probe(
    features: NDArray[np.float32],
    targets: NDArray[np.int64],
    sets: Sequence[str],
    labels: int,
    strength: float = STRENGTH,
) -> LinearHead:
    """Fit a linear head on features. Standardisation is part of its weights, so that it takes features as they are.

    Args:
        features: float32 (n, features), n >= 1.
        targets: label index of each, int64 (n,), two different ones at least.
        sets: data set of each, n names.
        labels: number of labels; one that does not occur is never predicted.
        strength: inverse of the regularization, > 0.
    """
    weights = balanced_weights(targets, sets)
    mean = np.average(features, axis=0, weights=weights)
    spread = np.maximum(np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weights)), LEAST_SPREAD)
    found = LogisticRegression(C=strength, max_iter=MOST_STEPS)
    found.fit((features - mean) / spread, targets, sample_weight=weights)
    rows, shifts = (found.coef_, found.intercept_)
    if len(rows) == 1:  # of two labels scikit-learn gives the second one's alone
        rows, shifts = np.concatenate([-rows, rows]) / 2, np.concatenate([-shifts, shifts]) / 2
    kernel = np.zeros((features.shape[1], labels))
    bias = np.full(labels, min(float(shifts.min()), 0.0) - 10.0)
    kernel[:, found.classes_] = rows.T / spread[:, None]
    bias[found.classes_] = shifts - mean @ (rows.T / spread[:, None])
    return LinearHead(kernel.astype(np.float32), bias.astype(np.float32))


def balanced_weights(targets: NDArray[np.int64], sets: Sequence[str]) -> NDArray[np.float64]:
    """Weights (n,) with the mean 1 so that each label has the same sum, and for a label each data set that has it."""
    pairs, places = np.unique(
        np.array([f"{target} {name}" for target, name in zip(targets, sets, strict=True)]), return_inverse=True
    )
    label_of = np.array([int(pair.partition(" ")[0]) for pair in pairs])
    sets_of_label = np.bincount(label_of)[label_of]
    weights = 1 / (np.bincount(places) * sets_of_label)[places]
    balanced: NDArray[np.float64] = weights / weights.mean()
    return balanced
