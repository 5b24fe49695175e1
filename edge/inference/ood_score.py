"""The score: how much a view is like the things that the model knows. What it never learnt tends to score low."""

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Measure = Literal["energy", "max_logit", "max_probability"]
"""What is measured:

- ``energy``: T log sum exp(logits / T), the free energy with its sign turned (Liu et al. 2020, "Energy-based
  Out-of-distribution Detection");
- ``max_logit``: the largest logit (Hendrycks et al. 2022, "Scaling Out-of-Distribution Detection for Real-World
  Settings"); the energy's limit for T -> 0;
- ``max_probability``: the largest softmax probability (Hendrycks and Gimpel 2017, "A Baseline for Detecting
  Misclassified and Out-of-Distribution Examples"), 0..1.
"""
MEASURES: tuple[Measure, ...] = get_args(Measure)


def ood_score(logits: NDArray[np.float32], measure: Measure, temperature: float) -> NDArray[np.float64]:
    """The score of each row of logits (..., labels) -> (...); higher means better known.

    Args:
        logits: the model's raw answers.
        measure: which score.
        temperature: T, that of the softmax, > 0; the largest logit does without.
    """
    largest: NDArray[np.float64] = logits.max(axis=-1).astype(np.float64)
    # With the largest logit taken out, no exponential overflows, and one of them is 1.
    total = np.exp((logits - largest[..., np.newaxis]) / temperature).sum(axis=-1)
    return np.asarray(ood_score_from_softmax(largest, total, measure, temperature))


def ood_score_from_softmax(largest: Any, total: Any, measure: Measure, temperature: float) -> Any:
    """The score of answers by what their softmax has found already: numbers or arrays of one shape.

    Args:
        largest: the largest logit.
        total: sum of exp((logit - largest) / T), >= 1.
        measure: which score.
        temperature: T, > 0.
    """
    if measure == "max_logit":
        return largest
    return 1.0 / total if measure == "max_probability" else largest + temperature * np.log(total)
