"""The check by time: what a head would know of a part of the taught pictures that were taken at another time than the rest."""

import numpy as np
from numpy.typing import NDArray

from edge.inference.head_manifest import HeadManifest
from edge.teaching.fitting.calibration import AnswerScaling, JudgedLooks, vote_probabilities
from edge.teaching.fitting.discriminant import Group, Mixture, SharedCovariance

PARTS = 3
"""Number of parts that the pictures of each label are cut into, one after the other. Pictures that follow each other often show
one thing: with more parts most things are on both sides of a cut, with two too little is left to learn from."""

LOOKS = (0, -1)
"""Which looks of each picture teach there: the two that differ most, by margin and mirroring, for a third of the work of all
four (docs/teaching.md). All are judged."""


def later_accuracy(
    groups: list[Group],
    features: list[NDArray[np.float32]],
    old: list[Group],
    mixture: Mixture,
    manifest: HeadManifest,
    scaling: AnswerScaling,
    *,
    shrinkage: float,
) -> float | None:
    """Balanced accuracy on each part of the pictures, taught the others; None: a label has fewer pictures than there are parts.

    Args:
        groups: the taught pictures of each of the manifest's ``taught``, in the order in which they were taken.
        features: real features of the same pictures, (pictures, looks, numbers) each.
        old: the rehearsal.
        mixture: the prototypes.
        manifest: of the head.
        scaling: how scores become answers.
        shrinkage: see ``SharedCovariance``.
    """
    if any(len(group.rows) < PARTS for group in groups):
        return None
    parts = [np.arange(len(group.rows)) * PARTS // len(group.rows) for group in groups]
    right = [np.zeros(len(group.rows), np.bool_) for group in groups]
    for part in range(PARTS):
        rest = [
            Group(group.rows[own != part][:, LOOKS], group.weights[own != part])
            for group, own in zip(groups, parts, strict=True)
        ]
        found = SharedCovariance([*rest, *old], shrinkage=shrinkage, judges_pictures=False).discriminant(mixture)
        for number, label in enumerate(manifest.taught):
            judged = parts[number] == part
            scores = groups[number].rows[judged] @ found.weights + found.bias
            count = len(scores)
            looks = JudgedLooks(scores, features[number][judged], np.full(count, label), np.ones(count))
            right[number][judged] = vote_probabilities(looks, manifest, scaling).argmax(axis=1) == label
    return float(np.mean([own.mean() for own in right]))
