"""What a head says of an item whose features are kept: the mean over its looks, as the vote takes it."""

import numpy as np
from numpy.typing import NDArray

from edge.inference.features import FeatureSpec
from edge.inference.head import TaughtHead
from edge.values import Prediction


def answer_looks(head: TaughtHead, spec: FeatureSpec, looks: NDArray[np.int8]) -> Prediction:
    """The prediction of a head for the looks of one item.

    Args:
        head: the head.
        spec: the features of its model.
        looks: int8 (looks, n), raw, at least one.

    Raises:
        ValueError: they have another number of features.
    """
    answers = [head.predict(features) for features in spec.real(looks)]
    mean = np.stack([answer.probabilities for answer in answers]).mean(axis=0)
    return Prediction(head.labels, mean, 0.0, float(np.mean([answer.nearness for answer in answers])))
