"""Chooses how a head's scores become answers, by what they say of each taught picture without that picture."""

from dataclasses import dataclass, replace
from itertools import product, starmap

import numpy as np
from numpy.typing import NDArray

from edge.inference.head_answers import base_log_probabilities, label_probabilities
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

USUAL_BASE_WEIGHT = 0.5
"""Weight of the model's own answers that ``PRIOR_PICTURES`` speak for, where it knows some of the taught labels."""

TRANSFERRED_OFFSET = 1.0
"""Added to the scaled scores of labels that were not taught. Where they lie in this bin is only expected, and whatever lies off
its true place is farther from every picture; chosen on pretended bins (docs/teaching.md)."""

OFFSETS = tuple(float(x) for x in np.linspace(-12.0, 12.0, 97))
"""Candidates for what is added to the scores of rehearsed columns, to weigh the old labels against the taught ones."""

USUAL_OFFSET = -2.75
"""Offset that keeps most old labels where no taught label is one of them; chosen on pretended bins (docs/teaching.md)."""

OFFSET_PRIOR = 0.3
"""How unusual an offset is one away from it, as a mean log loss: what few pictures say of the best one is a poor guide to it."""

MOST_OLD_LOSS = 0.02
"""How much of the accuracy on the rehearsal may go for the sake of the taught labels: no more than what refuses a head."""

LEFT_OUT_SHARE = 1 / 3
"""Weight of the scores of a typical rehearsal picture by all others, beside those by all. They are chosen so that their mean is
that of their label, which leaving one out spoils: alone these scores tell of several times the true loss. Of those drawn at
random the scores by all count: with any share left out new labels are held back more than old ones need it. What these scores say
of the loss is too good by about a point (docs/teaching.md)."""


ADMITTED_SHARE = 0.25
"""Weight of what the votes admit themselves, beside what went wrong, in the contamination that is expected."""

ALLOWANCE = 1 / 80
"""Wrong pictures for each taught one, at most one, that are no reason for a higher threshold: without it one unlucky picture
among a hundred costs a quarter of the capture, and the contamination stays below the asked one (docs/teaching.md)."""


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
        loss: log loss of the taught pictures, each without itself, and how unusual the choice is.
    """

    scale: float
    base_weight: float
    offset: float = 0.0
    loss: float = 0.0

    def offsets(self, manifest: HeadManifest) -> Matrix:
        """What is added to the scaled scores: (columns,)."""
        counts = [len(manifest.taught), len(manifest.transferred), len(manifest.rehearsed)]
        transferred = TRANSFERRED_OFFSET + (self.offset if is_other_camera(manifest) else 0.0)
        return np.repeat([0.0, transferred, self.offset], counts)


def choose_scaling(taught: JudgedLooks, manifest: HeadManifest) -> AnswerScaling:
    """Choose scale and weight by the log loss of the votes among the taught labels; ``choose_offset`` comes after it.

    Args:
        taught: the taught pictures.
        manifest: of the head, whose ``base.weight`` is replaced.
    """
    alone = manifest.model_copy(update={"transferred": (), "rehearsed": ()})
    known = replace(taught, scores=taught.scores[..., : len(manifest.taught)])
    spread = float(np.median(known.scores.max(axis=-1) - np.median(known.scores, axis=-1)))
    unit = 1.0 / max(spread, 1e-9)
    has_known_labels = manifest.base is not None and any(
        manifest.base.columns[label] >= 0 for label in np.unique(taught.labels)
    )

    def judged(scale: float, weight: float) -> AnswerScaling:
        scaling = AnswerScaling(scale * unit, weight)
        strangeness = PRIOR_PICTURES * float(np.log(scale / USUAL_SCALE)) ** 2
        if has_known_labels:
            strangeness += PRIOR_PICTURES * (weight - USUAL_BASE_WEIGHT) ** 2
        return replace(scaling, loss=_loss(known, alone, scaling) + strangeness)

    # Where no taught label is an old one, the model's answers tell the old labels apart and nothing else.
    weights = BASE_WEIGHTS if has_known_labels else (1.0 if manifest.rehearsed else 0.0,)
    return min(starmap(judged, product(SCALES, weights)), key=lambda one: one.loss)


def choose_offset(
    scaling: AnswerScaling, taught: JudgedLooks, rehearsed: JudgedLooks, manifest: HeadManifest
) -> AnswerScaling:
    """Choose how the old labels weigh against the taught ones, once scale and weight are chosen.

    Args:
        scaling: the scale and weight.
        taught: the taught pictures.
        rehearsed: the rehearsal.
        manifest: of the head.
    """
    prior = OFFSET_PRIOR if is_other_camera(manifest) else 0.0

    def loss(one: AnswerScaling) -> float:
        found = sum(_loss(looks, manifest, one) / float(looks.weights.sum()) for looks in (taught, rehearsed))
        return found + prior * (one.offset - USUAL_OFFSET) ** 2

    def old_accuracy(one: AnswerScaling) -> float:
        said = vote_probabilities(rehearsed, manifest, one).argmax(axis=1)
        return float((said == rehearsed.labels).mean())

    candidates = [replace(scaling, offset=offset) for offset in OFFSETS]
    # The scores of the rehearsal may tell old labels apart better than the model alone: that is no loss to be refused.
    enough = min(old_accuracy(candidates[-1]), _base_accuracy(rehearsed, manifest)) - MOST_OLD_LOSS
    return min((one for one in candidates if old_accuracy(one) >= enough), key=loss)


def is_other_camera(manifest: HeadManifest) -> bool:
    """Whether all old labels are known from the rehearsal alone, hence under its cameras: with an old label among the taught
    ones, new pictures of the old labels come under this bin's."""
    return bool(manifest.rehearsed) and not set(manifest.taught) & set(manifest.rehearsed)


def vote_probabilities(looks: JudgedLooks, manifest: HeadManifest, scaling: AnswerScaling) -> Matrix:
    """Probabilities of the vote over the looks of each picture: (pictures, labels)."""
    scores = looks.scores * scaling.scale + scaling.offsets(manifest)
    weighed = _with_base_weight(manifest, scaling.base_weight)
    result: Matrix = label_probabilities(scores, looks.features, weighed).mean(axis=1)
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
    # What the votes admit themselves is smooth, what went wrong is true.
    expected = np.cumsum(1.0 - confidence[order])
    wrong = np.cumsum(~right[order])
    found = ADMITTED_SHARE * expected + (1 - ADMITTED_SHARE) * wrong
    allowed = target * np.arange(1, len(order) + 1) + min(ALLOWANCE * len(order), 1.0)
    # Pictures of one confidence pass or fail together.
    is_last = np.append(np.diff(confidence[order]) < 0, True)
    good = np.flatnonzero(is_last & (found <= allowed))
    if not len(good):
        return float(confidence.max())
    return float(confidence[order[good[-1]]])


def _base_accuracy(looks: JudgedLooks, manifest: HeadManifest) -> float:
    """Share of pictures that the model alone names rightly; 1 where its answers are not known."""
    if manifest.base is None:
        return 1.0
    votes = np.exp(base_log_probabilities(looks.features, manifest.base.labels, manifest.base.temperature)).mean(axis=1)
    return float((votes.argmax(axis=1) == np.array(manifest.base.columns)[looks.labels]).mean())


def _loss(looks: JudgedLooks, manifest: HeadManifest, scaling: AnswerScaling) -> float:
    said = vote_probabilities(looks, manifest, scaling)[np.arange(len(looks.labels)), looks.labels]
    return float(-(looks.weights * np.log(np.maximum(said, 1e-6))).sum())


def _with_base_weight(manifest: HeadManifest, weight: float) -> HeadManifest:
    if manifest.base is None:
        return manifest
    return manifest.model_copy(update={"base": manifest.base.model_copy(update={"weight": weight})})
