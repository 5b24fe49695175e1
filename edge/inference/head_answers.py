"""From the scores of a head's columns to the probabilities of its labels."""

import numpy as np
from numpy.typing import NDArray

from edge.inference.features import LOGIT_UNIT
from edge.inference.head_manifest import HeadManifest

Reals = NDArray[np.floating]


def base_log_probabilities(features: Reals, labels: int, temperature: float) -> Reals:
    """Logarithms of the model's own probabilities: (..., labels).

    Args:
        features: (..., numbers), see ``FeatureSpec.real``; the last ones are the model's logits.
        labels: number of the model's labels.
        temperature: divisor of its logits.
    """
    return log_softmax(features[..., -labels:] / (LOGIT_UNIT * temperature))


def label_probabilities(scores: Reals, features: Reals, manifest: HeadManifest) -> Reals:
    """Probabilities of the labels: (..., labels), summing to 1.

    Args:
        scores: (..., columns).
        features: (..., numbers), for the model's own answers.
        manifest: of the head.
    """
    labels, base = len(manifest.labels), manifest.base
    direct = (manifest.taught or tuple(range(labels))) + manifest.transferred
    logits = np.full((*scores.shape[:-1], labels), -np.inf)
    logits[..., list(direct)] = scores[..., : len(direct)]
    if base is not None:
        known = base_log_probabilities(features, base.labels, base.temperature)
        places = np.array(base.columns)
        # A label that the model does not know gets what a model without any idea would say.
        own = np.where(places >= 0, known[..., places], -np.log(base.labels))
        logits = logits + base.weight * own
        if manifest.rehearsed:
            rehearsed = list(manifest.rehearsed)
            likeness = np.logaddexp.reduce(scores[..., len(direct) :], axis=-1, keepdims=True)
            logits[..., rehearsed] = np.logaddexp(logits[..., rehearsed], likeness + own[..., rehearsed])
    return np.exp(log_softmax(logits / manifest.temperature))


def log_softmax(logits: Reals) -> Reals:
    """Logarithms of the softmax over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: Reals = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result
