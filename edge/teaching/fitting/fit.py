"""Fits a head to taught pictures."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from edge.errors import HeadError, ModelError
from edge.inference.bundle import Bundle
from edge.inference.features import FeatureSpec
from edge.inference.head import TaughtHead
from edge.inference.head_figures import MOST_LABELS
from edge.inference.head_manifest import BaseAnswers, HeadManifest
from edge.inference.manifest import Manifest
from edge.teaching.fitting.calibration import (
    AnswerScaling,
    JudgedLooks,
    choose_min_confidence,
    choose_offset,
    choose_scaling,
    vote_probabilities,
)
from edge.teaching.fitting.discriminant import SHRINKAGE, SHRINKAGE_WITH_OLD, Discriminant, Group, SharedCovariance
from edge.teaching.fitting.head_warnings import head_warnings
from edge.teaching.fitting.later_check import later_accuracy
from edge.teaching.fitting.nearness import ROUNDING, fit_prototype_space
from edge.teaching.fitting.own_check import measure_head
from edge.teaching.fitting.prototypes import Prototypes
from edge.teaching.fitting.rehearsed import judging_looks, rehearsal_groups
from edge.teaching.pictures.examples import Examples
from edge.teaching.pictures.redundancy import COPY, TaughtPoint, mean_features, near_duplicates
from hardware.pictures.labels import one_spelling

LAST_BLOCK_WEIGHT = 0.5
"""Weight of the layer nearest to the model's answers: it has forgotten what the training labels did not need."""

EXPECTED_PICTURES = (0.0, 1.0, 2.0, 5.0, 10.0)
"""Candidates for ``Prototypes.prior_pictures``. The more, the less likely they are before a picture is seen (in proportion to one
over one and that number): of most bins ten pictures tell more than what other cameras saw."""

MOST_GOLDEN = 12
"""Most looks whose answers are kept with the head."""

STRANGER_SHARE = 0.02
"""Share of the taught pictures, each compared with the others, that may count as strangers."""

DEFAULT_TARGET = 0.02
"""Asked contamination of a bin."""


def fit_head(
    examples: Examples,
    bundle: Bundle,
    *,
    only_taught: bool = False,
    target: float = DEFAULT_TARGET,
    bins: Mapping[str, str] | None = None,
    warnings: tuple[str, ...] = (),
) -> TaughtHead:
    """Fit a head, and measure it by what it says of each picture without that picture.

    Args:
        examples: the taught pictures, of at least two labels in all.
        bundle: the model whose features they are.
        only_taught: whether the model's own labels that were not taught are dropped.
        target: asked contamination, 0..1.
        bins: label -> bin, for the figures; a label without one counts as a bin of its own.
        warnings: what is wrong with the pictures, kept among the figures beside what is to be known of the head.

    Raises:
        ModelError: the model gives no features, or has no rehearsal and ``only_taught`` is not set.
        HeadError: there are no pictures, or too few labels.
    """
    base, spec = bundle.manifest, bundle.manifest.features
    if spec is None:
        raise ModelError(
            f"model {bundle.path}: gives no features, so that it cannot be taught; expected one that ships, or one that "
            "'sorter-convert FILE --teachable' has made"
        )
    if not len(examples.features):
        raise HeadError("there are no taught pictures; expected at least one of each label")
    rehearsal = bundle.rehearsal()
    if rehearsal is None and not only_taught:
        raise ModelError(
            f"model {bundle.path}: has no rehearsal, so that its own labels would be forgotten; fit with --only-taught, or use a "
            "model that ships, or one that 'sorter-convert FILE --teachable' has made"
        )
    labels, names = _labels(examples, base, only_taught=only_taught)
    if len(labels) < 2:
        raise HeadError(f"there is only one label, {labels[0]!r}; expected pictures of at least two")
    if len(labels) > MOST_LABELS:
        raise HeadError(f"there are {len(labels)} labels, expected at most {MOST_LABELS}")
    examples = examples.renamed(names)
    counts, examples = examples.counts, _without_copies(examples, spec)
    real, factors = spec.real(examples.features), layer_factors(spec)
    label_of = np.array([labels.index(examples.labels[index]) for index in examples.label_index])
    present = np.unique(label_of).tolist()
    places = [] if rehearsal is None else np.unique(rehearsal.labels).tolist()
    known = [places.index(place) if (place := _place(base, labels[label])) in places else -1 for label in present]
    is_shift_known = max(known) >= 0
    unknown = tuple(number for number in range(len(places)) if number not in known)
    is_other_camera = not is_shift_known and not only_taught
    transferred = () if only_taught else unknown
    if rehearsal is not None and not is_other_camera:
        # The shift of a bin's camera is one of means, which the others spoil.
        rehearsal = rehearsal.typical()
    manifest = HeadManifest(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        labels=labels,
        base_sha256=base.sha256,
        base_name=base.name,
        numbers=spec.size,
        taught=tuple(present),
        transferred=tuple(labels.index(base.labels[places[number]]) for number in transferred),
        rehearsed=() if only_taught else tuple(labels.index(base.labels[place]) for place in places),
        base=_base_answers(spec, base, labels),
    )
    weights = examples.weights.astype(np.float64)
    groups = [Group(real[label_of == label] * factors, weights[label_of == label]) for label in present]
    old = [] if rehearsal is None else rehearsal_groups(rehearsal, places, spec, factors)
    shrinkage = SHRINKAGE_WITH_OLD if is_other_camera else SHRINKAGE
    shared = SharedCovariance([*groups, *old], shrinkage=shrinkage)
    prototypes = Prototypes(tuple(known), transferred, len(manifest.rehearsed))
    prototypes, found, taught, scaling = min(
        (
            _judged(shared, replace(prototypes, prior_pictures=pictures), examples, real, label_of, manifest)
            for pictures in (EXPECTED_PICTURES if is_shift_known else (0.0,))
        ),
        key=lambda choice: choice[3].loss,
    )
    rehearsed = unseen = None
    if rehearsal is not None and manifest.rehearsed:
        rehearsed, unseen = judging_looks(found, rehearsal, places, spec, factors, manifest)
        scaling = choose_offset(scaling, taught, rehearsed, manifest)
    votes = vote_probabilities(taught, manifest, scaling)
    space, nearness = fit_prototype_space(shared, [*groups, *old], prototypes.mixture, factors)
    manifest = manifest.model_copy(
        update={
            "base": manifest.base and manifest.base.model_copy(update={"weight": scaling.base_weight}),
            "min_confidence": min(choose_min_confidence(votes, taught.labels, target), 1.0),
            "least_nearness": float(np.clip(np.quantile(nearness, STRANGER_SHARE) - ROUNDING, -1.0, 1.0)),
        }
    )
    figures = measure_head(
        manifest,
        counts,
        votes=votes,
        looks=taught,
        old=None
        if rehearsed is None
        else (
            rehearsed,
            vote_probabilities(rehearsed, manifest, scaling),
            None if unseen is None else vote_probabilities(unseen, manifest, scaling),
        ),
        base=base,
        bins=bins or {},
        strangers=float((nearness < manifest.least_nearness).mean()),
        later=later_accuracy(
            groups,
            [real[label_of == label] for label in present],
            old,
            prototypes.mixture,
            manifest,
            scaling,
            shrinkage=shrinkage,
        ),
        target=target,
    )
    told = (*warnings, *head_warnings(manifest, figures))
    head = TaughtHead(
        manifest.model_copy(update={"figures": figures.model_copy(update={"warnings": told})}),
        (found.weights * factors[:, np.newaxis] * scaling.scale).astype(np.float32),
        (found.bias * scaling.scale + scaling.offsets(manifest)).astype(np.float32),
        space,
    )
    golden = examples.features[:: max(len(examples.features) // MOST_GOLDEN, 1), 0][:MOST_GOLDEN]
    return replace(head, golden_features=golden, golden_probabilities=head.probabilities(spec.real(golden)))


def _without_copies(examples: Examples, spec: FeatureSpec) -> Examples:
    """The pictures without copies, each of which would be judged by the other: right every time, whatever the head is worth."""
    points = [
        TaughtPoint(number, examples.labels[index], mean_features(looks, spec))
        for number, (index, looks) in enumerate(zip(examples.label_index, examples.features, strict=True))
    ]
    copies = near_duplicates(points, COPY)
    return examples.taken(np.array([place for place in range(len(points)) if place not in copies], np.int64))


def _judged(
    shared: SharedCovariance,
    prototypes: Prototypes,
    examples: Examples,
    real: NDArray[np.float32],
    label_of: NDArray[np.int64],
    manifest: HeadManifest,
) -> tuple[Prototypes, Discriminant, JudgedLooks, AnswerScaling]:
    """Some prototypes and their discriminant, what it says of the taught pictures, and how its scores become answers.

    Raises:
        HeadError: each label has only one picture.
    """
    found = shared.discriminant(prototypes.mixture)
    taught = _taught_looks(found, examples, real, label_of, manifest)
    scaling = choose_scaling(taught, manifest)
    unlikely = float(np.log1p(prototypes.prior_pictures))
    return prototypes, found, taught, replace(scaling, loss=scaling.loss + unlikely)


def _taught_looks(
    found: Discriminant,
    examples: Examples,
    real: NDArray[np.float32],
    label_of: NDArray[np.int64],
    manifest: HeadManifest,
) -> JudgedLooks:
    """The taught pictures with scores that do not know them; those that are alone in their label are left out.

    Raises:
        HeadError: all are.
    """
    order = np.concatenate([np.flatnonzero(label_of == label) for label in manifest.taught])
    scores = np.concatenate(found.left_out[: len(manifest.taught)])
    usable = ~np.isnan(scores).any(axis=(1, 2))
    if not usable.any():
        raise HeadError(
            "each label has only one picture, or copies of one; expected at least two of one label, to judge one by the others"
        )
    order = order[usable]
    return JudgedLooks(scores[usable], real[order], label_of[order], examples.weights[order].astype(np.float64))


def layer_factors(spec: FeatureSpec) -> NDArray[np.float32]:
    """What each feature is multiplied by before the fit: float32 (numbers,). The model's logits count in their own way."""
    means = [layer for layer in spec.layers if layer.unit_length]
    factors = [
        np.full(
            layer.size,
            0.0 if layer not in means else LAST_BLOCK_WEIGHT if layer is means[0] and len(means) > 1 else 1.0,
        )
        for layer in spec.layers
    ]
    return np.concatenate(factors).astype(np.float32)


def _labels(examples: Examples, base: Manifest, *, only_taught: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The head's labels, and which of them each taught label is: in another spelling it stands for the model's label."""
    spelt = one_spelling(examples.labels, base.labels)
    names = tuple(spelt[label] for label in examples.labels)
    present = {names[index] for index in examples.label_index}
    own = () if only_taught else base.labels
    return tuple(dict.fromkeys([*own, *(label for label in names if label in present)])), names


def _place(base: Manifest, label: str) -> int:
    """Place of a label among the model's; -1: it is none of them."""
    return base.labels.index(label) if label in base.labels else -1


def _base_answers(spec: FeatureSpec, base: Manifest, labels: tuple[str, ...]) -> BaseAnswers | None:
    """How the model's answers count; None for a model whose features do not end with its logits."""
    last = spec.layers[-1]
    if last.unit_length or last.size != len(base.labels):
        return None
    columns = tuple(_place(base, label) for label in labels)
    return BaseAnswers(labels=len(base.labels), columns=columns, temperature=base.temperature, weight=0.0)
