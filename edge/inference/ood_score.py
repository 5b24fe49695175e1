"""Out-of-distribution (OOD) scores. Higher means more in-distribution: items that the model was not trained on score low."""

from typing import Literal, get_args, overload

import numpy as np
from numpy.typing import NDArray

Measure = Literal["energy", "max_logit", "max_probability"]
"""Kinds of score:

- ``energy``: T log sum exp(logits / T), the free energy with its sign turned (Liu et al. 2020, "Energy-based
  Out-of-distribution Detection");
- ``max_logit``: the largest logit (Hendrycks et al. 2022, "Scaling Out-of-Distribution Detection for Real-World
  Settings"); the energy's limit for T -> 0;
- ``max_probability``: the largest softmax probability (Hendrycks and Gimpel 2017, "A Baseline for Detecting
  Misclassified and Out-of-Distribution Examples"), 0..1.
"""
MEASURES: tuple[Measure, ...] = get_args(Measure)


def ood_score(logits: NDArray[np.float32], measure: Measure, temperature: float) -> NDArray[np.float64]:
    """Compute the score of each row of logits.

    Args:
        logits: float32 (..., labels).
        measure: kind of score.
        temperature: temperature T of the softmax, > 0; ``max_logit`` ignores it.

    Returns:
        float64 (...). Higher means more in-distribution.
    """
    largest: NDArray[np.float64] = logits.max(axis=-1).astype(np.float64)
    # Subtracting the largest logit prevents overflow.
    total = np.exp((logits - largest[..., np.newaxis]) / temperature).sum(axis=-1)
    return np.asarray(ood_score_from_softmax(largest, total, measure, temperature))


@overload
def ood_score_from_softmax(largest: float, total: float, measure: Measure, temperature: float) -> float: ...


@overload
def ood_score_from_softmax(
    largest: NDArray[np.float64], total: NDArray[np.float64], measure: Measure, temperature: float
) -> NDArray[np.float64]: ...


def ood_score_from_softmax(
    largest: float | NDArray[np.float64], total: float | NDArray[np.float64], measure: Measure, temperature: float
) -> float | NDArray[np.float64]:
    """Compute the score from intermediate results of the softmax: numbers, or arrays of one shape.

    Args:
        largest: the largest logit.
        total: sum of exp((logit - largest) / T), >= 1.
        measure: kind of score.
        temperature: temperature T of the softmax, > 0.

    Returns:
        The score. Higher means more in-distribution.
    """
    if measure == "max_logit":
        return largest
    return 1.0 / total if measure == "max_probability" else largest + temperature * np.log(total)
