"""Chooses how a head's scores become answers, by what they say of each taught picture without that picture."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from edge.inference.head_answers import label_probabilities
from edge.inference.head_manifest import HeadManifest

Matrix = NDArray[np.float64]

SCALES = tuple(float(x) for x in np.geomspace(0.3, 10.0, 12))
"""Candidates for the scale of the scores, as multiples of one over their spread."""

BASE_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Candidates for the weight of the model's own answers."""

PRIOR_PICTURES = 4.0
"""Pictures for which the usual scale speaks: a few pictures, all told apart rightly, would ask for an infinite one."""

USUAL_SCALE = 2.0
"""Scale that most bins end at, as a multiple of one over the spread."""

OFFSETS = tuple(float(x) for x in np.linspace(-12.0, 12.0, 49))
"""Candidates for what is added to the scores of rehearsed columns, to weigh the old labels against the taught ones."""

OLD_LABEL_WEIGHT = 2.0
"""How much a mistake on the model's own training pictures counts, as a multiple of one on a taught picture: what the bin knows
already must not be lost."""


@dataclass(frozen=True, slots=True, eq=False)
class JudgedLooks:
    """Looks at pictures whose label is known, with scores by a discriminant that does not know the picture.

    Attributes:
        scores: (pictures, looks, columns).
        features: float32 (pictures, looks, numbers), real ones.
        labels: (pictures,), index of the head's label.
        weights: (pictures,).
    """

    scores: Matrix
    features: NDArray[np.float32]
    labels: NDArray[np.int64]
    weights: Matrix


@dataclass(frozen=True, slots=True)
class AnswerScaling:
    """What was chosen.

    Attributes:
        scale: factor of all scores.
        base_weight: see ``BaseAnswers.weight``.
        offset: added to the scaled scores of the rehearsed columns.
    """

    scale: float
    base_weight: float
    offset: float


def choose_scaling(taught: JudgedLooks, rehearsed: JudgedLooks | None, manifest: HeadManifest) -> AnswerScaling:
    """Choose scale and weight by the log loss of the votes; the weight of the old labels against the taught ones after them.

    Args:
        taught: the taught pictures.
        rehearsed: the rehearsal; None: only the taught labels count.
        manifest: of the head, whose ``base.weight`` is replaced.
    """
    columns = len(manifest.columns) - len(manifest.rehearsed)
    alone = manifest.model_copy(update={"rehearsed": (), "taught": manifest.columns[:columns]})
    known = JudgedLooks(taught.scores[..., :columns], taught.features, taught.labels, taught.weights)
    spread = float(np.median(known.scores.max(axis=-1) - np.median(known.scores, axis=-1)))
    unit = 1.0 / max(spread, 1e-9)
    has_known_labels = manifest.base is not None and any(
        manifest.base.columns[label] >= 0 for label in np.unique(taught.labels)
    )

    def loss(scale: float, weight: float) -> float:
        strangeness = PRIOR_PICTURES * np.log(scale / USUAL_SCALE) ** 2
        return _loss(known, _with_base_weight(alone, weight), scale * unit) + strangeness

    weights = BASE_WEIGHTS if has_known_labels else (0.0,)
    scale, weight = min(product(SCALES, weights), key=lambda pair: loss(*pair))
    if rehearsed is None:
        return AnswerScaling(scale * unit, weight, 0.0)
    weighed = _with_base_weight(manifest, weight)

    def mistakes(offset: float) -> float:
        return sum(
            share * _loss(_moved(looks, columns, offset / (scale * unit)), weighed, scale * unit) / float(looks.weights.sum())
            for looks, share in ((taught, 1.0), (rehearsed, OLD_LABEL_WEIGHT))
        )

    return AnswerScaling(scale * unit, weight, min(OFFSETS, key=mistakes))


def vote_probabilities(looks: JudgedLooks, manifest: HeadManifest, scaling: AnswerScaling) -> Matrix:
    """Probabilities of the vote over the looks of each picture: (pictures, labels)."""
    columns = len(manifest.columns) - len(manifest.rehearsed)
    moved = _moved(looks, columns, scaling.offset / scaling.scale)
    weighed = _with_base_weight(manifest, scaling.base_weight)
    result: Matrix = label_probabilities(moved.scores * scaling.scale, moved.features, weighed).mean(axis=1)
    return result


def choose_min_confidence(probabilities: Matrix, labels: NDArray[np.int64], target: float) -> float:
    """The least confidence at which the pictures above it are at most ``target`` wrong.

    Args:
        probabilities: (pictures, labels) of the votes.
        labels: (pictures,), true ones.
        target: asked contamination, 0..1.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    order = np.argsort(-confidence)
    # Half of what the votes admit themselves, half of what went wrong: the first is smooth, the second true.
    expected = np.cumsum(1.0 - confidence[order])
    wrong = np.cumsum(~right[order])
    count = np.arange(1, len(order) + 1)
    good = np.flatnonzero((expected + wrong) / 2 <= target * count)
    if not len(good):
        return float(confidence.max())
    return float(confidence[order[good[-1]]])


def _loss(looks: JudgedLooks, manifest: HeadManifest, scale: float) -> float:
    probabilities = label_probabilities(looks.scores * scale, looks.features, manifest).mean(axis=1)
    said = probabilities[np.arange(len(looks.labels)), looks.labels]
    return float(-(looks.weights * np.log(np.maximum(said, 1e-6))).sum())


def _with_base_weight(manifest: HeadManifest, weight: float) -> HeadManifest:
    if manifest.base is None:
        return manifest
    return manifest.model_copy(update={"base": manifest.base.model_copy(update={"weight": weight})})


def _moved(looks: JudgedLooks, columns: int, offset: float) -> JudgedLooks:
    """The same with an offset on the rehearsed columns."""
    scores = looks.scores.copy()
    scores[..., columns:] += offset
    return JudgedLooks(scores, looks.features, looks.labels, looks.weights)
