"""Fits a head to taught pictures."""

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from edge.errors import HeadError, ModelError
from edge.inference.bundle import Bundle
from edge.inference.features import FeatureSpec
from edge.inference.head import TaughtHead
from edge.inference.head_manifest import BaseAnswers, HeadManifest
from edge.inference.manifest import Manifest
from edge.inference.rehearsal import Rehearsal
from edge.teaching.calibration import JudgedLooks, choose_min_confidence, choose_scaling, vote_probabilities
from edge.teaching.discriminant import Group, fit_discriminant
from edge.teaching.examples import Examples
from edge.teaching.own_check import measure_head
from hardware.pictures.labels import match_labels

LAST_BLOCK_WEIGHT = 0.5
"""Weight of the layer nearest to the model's answers: it has forgotten what the training labels did not need."""

MOST_NEIGHBOURS = 200
"""Most pictures that strangers are told by: half a megabyte."""

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
        warnings: what is wrong with the pictures, kept among the figures.

    Raises:
        ModelError: the model gives no features, or has no rehearsal and ``only_taught`` is not set.
        HeadError: there are no pictures, or too few labels.
    """
    spec = bundle.manifest.features
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
            f"model {bundle.path}: has no rehearsal, so that its own labels would be forgotten; fit with --only-taught, or expected "
            "one that 'sorter-convert FILE --teachable' has made"
        )
    labels, taught_columns = _labels(examples, bundle.manifest, only_taught=only_taught)
    if len(labels) < 2:
        raise HeadError(f"there is only one label, {labels[0]!r}; expected pictures of at least two")
    real = spec.real(examples.features)
    factors = layer_factors(spec)
    taught_label = np.array([labels.index(taught_columns[index]) for index in range(len(examples.labels))])
    present = sorted({int(index) for index in taught_label[examples.label_index]})
    label_of = taught_label[examples.label_index]
    groups = [
        Group(real[label_of == label] * factors, examples.weights[label_of == label].astype(np.float64))
        for label in present
    ]
    old = _rehearsal_groups(rehearsal, spec, factors)
    manifest = HeadManifest(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        labels=labels,
        base_sha256=bundle.manifest.sha256,
        base_name=bundle.manifest.name,
        numbers=spec.size,
        taught=tuple(present),
        rehearsed=() if only_taught else tuple(labels.index(bundle.manifest.labels[place]) for place in old),
        base=_base_answers(spec, bundle.manifest, labels),
    )
    found = fit_discriminant([*groups, *old.values()])
    columns = len(manifest.columns)
    order = np.concatenate([np.flatnonzero(label_of == label) for label in present])
    judged = JudgedLooks(
        np.concatenate(found.left_out[: len(present)])[..., :columns],
        real[order],
        label_of[order],
        examples.weights[order].astype(np.float64),
    )
    usable = ~np.isnan(judged.scores).any(axis=(1, 2))
    if not usable.any():
        raise HeadError("each label has only one picture; expected at least two of one label, to judge one by the others")
    judged = JudgedLooks(judged.scores[usable], judged.features[usable], judged.labels[usable], judged.weights[usable])
    rehearsed = None
    if manifest.rehearsed:
        assert rehearsal is not None
        place_order = np.concatenate([np.flatnonzero(rehearsal.labels == place) for place in old])
        rehearsed = JudgedLooks(
            np.nan_to_num(np.concatenate(found.left_out[len(present) :])[..., :columns]),
            spec.real(rehearsal.features[place_order])[:, np.newaxis],
            np.array([labels.index(bundle.manifest.labels[place]) for place in rehearsal.labels[place_order]]),
            np.ones(len(place_order)),
        )
    scaling = choose_scaling(judged, rehearsed, manifest)
    votes = vote_probabilities(judged, manifest, scaling)
    minimum = choose_min_confidence(votes, judged.labels, target)
    neighbours = _neighbours(real, label_of, factors)
    if rehearsed is not None:
        neighbours = np.concatenate([neighbours, _neighbours(rehearsed.features, rehearsed.labels, factors)])
    nearness = _left_out_nearness(real, factors)
    offsets = np.zeros(columns)
    offsets[len(present) :] = scaling.offset
    base = manifest.base and manifest.base.model_copy(update={"weight": scaling.base_weight})
    manifest = manifest.model_copy(
        update={
            "base": base,
            "min_confidence": min(max(minimum, 0.0), 1.0),
            "least_nearness": float(np.clip(np.quantile(nearness, STRANGER_SHARE), -1.0, 1.0)),
        }
    )
    manifest = manifest.model_copy(
        update={
            "figures": measure_head(
                manifest,
                examples,
                votes=votes,
                labels=judged.labels,
                features=judged.features,
                old=None if rehearsed is None else (rehearsed, vote_probabilities(rehearsed, manifest, scaling)),
                base=bundle.manifest,
                bins=bins or {},
                strangers=float((nearness < manifest.least_nearness).mean()),
                target=target,
                warnings=warnings,
            )
        }
    )
    head = TaughtHead(
        manifest,
        (found.weights[:, :columns] * factors[:, np.newaxis] * scaling.scale).astype(np.float32),
        (found.bias[:columns] * scaling.scale + offsets).astype(np.float32),
        neighbours,
    )
    golden = examples.features[:: max(len(examples.features) // MOST_GOLDEN, 1), 0][:MOST_GOLDEN]
    return TaughtHead(
        head.manifest, head.weights, head.bias, head.taught, golden, head.probabilities(spec.real(golden))
    )


def layer_factors(spec: FeatureSpec) -> NDArray[np.float32]:
    """What each feature is multiplied by before the fit: float32 (numbers,). The model's logits count in their own way."""
    means = [layer for layer in spec.layers if layer.unit_length]
    factors = [
        np.full(layer.size, 0.0 if layer not in means else LAST_BLOCK_WEIGHT if layer is means[0] and len(means) > 1 else 1.0)
        for layer in spec.layers
    ]
    return np.concatenate(factors).astype(np.float32)


def _labels(examples: Examples, base: Manifest, *, only_taught: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The head's labels, and which of them each taught label is: in another spelling it stands for the model's label."""
    names = match_labels(examples.labels, base.labels).names
    columns = tuple(names.get(label, label) for label in examples.labels)
    if only_taught:
        present = {columns[index] for index in examples.label_index}
        return tuple(dict.fromkeys(label for label in columns if label in present)), columns
    present = {columns[index] for index in examples.label_index}
    return tuple(dict.fromkeys([*base.labels, *(label for label in columns if label in present)])), columns


def _base_answers(spec: FeatureSpec, base: Manifest, labels: tuple[str, ...]) -> BaseAnswers | None:
    """How the model's answers count; None for a model whose features do not end with its logits."""
    last = spec.layers[-1]
    if last.unit_length or last.size != len(base.labels):
        return None
    columns = tuple(base.labels.index(label) if label in base.labels else -1 for label in labels)
    return BaseAnswers(labels=len(base.labels), columns=columns, temperature=base.temperature, weight=0.0)


def _rehearsal_groups(
    rehearsal: Rehearsal | None, spec: FeatureSpec, factors: NDArray[np.float32]
) -> dict[int, Group]:
    """Place among the model's labels -> its pictures."""
    if rehearsal is None:
        return {}
    rows = spec.real(rehearsal.features)[:, np.newaxis] * factors
    return {
        int(place): Group(rows[rehearsal.labels == place], np.ones(int((rehearsal.labels == place).sum())), True)
        for place in np.unique(rehearsal.labels)
    }


def _neighbours(
    real: NDArray[np.float32], labels: NDArray[np.int64], factors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Rows whose products with features are cosines; at most ``MOST_NEIGHBOURS``, evenly from all labels."""
    order = np.lexsort((np.arange(len(labels)), labels))
    chosen = order[np.unique(np.linspace(0, len(order) - 1, min(MOST_NEIGHBOURS // 2, len(order))).round().astype(int))]
    means = real[chosen].mean(axis=1) * factors
    length = float(np.sqrt((real[0, 0] ** 2 * factors**2).sum()))
    lengths = np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9) * max(length, 1e-9)
    rows: NDArray[np.float32] = (means * factors / lengths).astype(np.float32)
    return rows


def _left_out_nearness(real: NDArray[np.float32], factors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Nearness of each picture to the others, mean over its looks: (pictures,)."""
    looks = real * factors
    looks = looks / np.maximum(np.linalg.norm(looks, axis=-1, keepdims=True), 1e-9)
    means = real.mean(axis=1) * factors
    means = means / np.maximum(np.linalg.norm(means, axis=-1, keepdims=True), 1e-9)
    cosines = looks @ means.T
    places = np.arange(len(real))
    cosines[places, :, places] = -1.0
    nearest: NDArray[np.float64] = cosines.max(axis=-1).mean(axis=1).astype(np.float64)
    return nearest
