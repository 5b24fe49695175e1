"""The own check: what a head says of each taught picture without that picture, as figures."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edge.inference.head_answers import base_log_probabilities
from edge.inference.head_figures import BinFigures, HeadFigures, OldLabels
from edge.inference.head_manifest import HeadManifest
from edge.inference.manifest import Manifest
from edge.teaching.fitting.calibration import JudgedLooks

Matrix = NDArray[np.float64]

RESIDUAL = "residual"
"""Bin of what has none, and of unsure answers, in the figures."""

WIDTH = 1.645
"""Half-width of the range in standard deviations: nine cases of ten."""

SPREAD = 1.6
"""Factor of the standard deviation, measured (docs/teaching.md): pictures that teach also judge each other, so that chance
moves them together."""


def measure_head(
    manifest: HeadManifest,
    counts: Mapping[str, int],
    *,
    votes: Matrix,
    looks: JudgedLooks,
    old: tuple[JudgedLooks, Matrix, Matrix | None] | None,
    base: Manifest,
    bins: Mapping[str, str],
    strangers: float,
    later: float | None,
    target: float,
) -> HeadFigures:
    """Measure a head.

    Args:
        manifest: of the head.
        counts: label -> number of its taught pictures.
        votes: (pictures, labels), probabilities for each picture without itself.
        looks: those pictures.
        old: the rehearsal, the head's votes for it, and those for each picture without itself if known; None: it does not count.
        base: the model.
        bins: label -> bin; a label without one counts as a bin of its own.
        strangers: share of the taught pictures that would be taken for strangers.
        later: balanced accuracy on pictures of another time; None: not known.
        target: asked contamination.
    """
    said, labels = votes.argmax(axis=1), looks.labels
    confusion: dict[str, dict[str, int]] = {}
    for true, answer in zip(labels, said, strict=True):
        row = confusion.setdefault(manifest.labels[true], {})
        row[manifest.labels[answer]] = row.get(manifest.labels[answer], 0) + 1
    before, sure_before = _base_answers(looks.features, manifest, base)
    accuracy, low, high = accuracy_range(said == labels, labels)
    return HeadFigures(
        pictures=dict(counts),
        accuracy=accuracy,
        accuracy_range=(low, high),
        accuracy_later=later,
        accuracy_before=accuracy_range(before == labels, labels)[0],
        confusion=confusion,
        strangers=strangers,
        old=None if old is None else _old_labels(*old, manifest, base),
        bins=_bin_figures(
            [bins.get(label, label) for label in manifest.labels],
            labels,
            before=np.where(sure_before, before, -1),
            after=np.where(votes.max(axis=1) >= manifest.min_confidence, said, -1),
        ),
        target=target,
    )


def accuracy_range(right: NDArray[np.bool_], labels: NDArray[np.int64]) -> tuple[float, float, float]:
    """Balanced accuracy, and the range in which that on new pictures lies in nine cases of ten: estimate, lowest, highest.

    Args:
        right: (pictures,).
        labels: (pictures,).
    """
    rates, variances = [], []
    for label in np.unique(labels):
        own = right[labels == label]
        rates.append(float(own.mean()))
        # Jeffreys' prior: no label is certain because its few pictures were all right.
        rate = (own.sum() + 0.5) / (len(own) + 1.0)
        variances.append(rate * (1 - rate) / (len(own) + 1.0))
    estimate = float(np.mean(rates))
    half = WIDTH * SPREAD * float(np.sqrt(np.sum(variances))) / len(rates)
    return estimate, max(estimate - half, 0.0), min(estimate + half, 1.0)


def _base_answers(
    features: NDArray[np.float32], manifest: HeadManifest, base: Manifest
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """What the model alone says, as places among the head's labels (-1: none of them), and whether it is sure of it."""
    if manifest.base is None:
        return np.full(len(features), -1), np.zeros(len(features), np.bool_)
    logs = base_log_probabilities(features, manifest.base.labels, manifest.base.temperature)
    votes = np.exp(logs).mean(axis=1)
    places = {column: label for label, column in enumerate(manifest.base.columns) if column >= 0}
    said = np.array([places.get(int(column), -1) for column in votes.argmax(axis=1)])
    return said, votes.max(axis=1) >= base.min_confidence


def _old_labels(
    looks: JudgedLooks, votes: Matrix, unseen: Matrix | None, manifest: HeadManifest, base: Manifest
) -> OldLabels:
    before, _ = _base_answers(looks.features, manifest, base)
    return OldLabels(
        pictures=len(looks.labels),
        before=float((before == looks.labels).mean()),
        after=float((votes.argmax(axis=1) == looks.labels).mean()),
        after_unseen=None if unseen is None else float((unseen.argmax(axis=1) == looks.labels).mean()),
    )


def _bin_figures(
    bin_of: list[str], labels: NDArray[np.int64], *, before: NDArray[np.int64], after: NDArray[np.int64]
) -> dict[str, BinFigures]:
    """Figures of every bin but the residual one; answers are places among the labels, -1 goes to the residual bin."""
    names = np.array([*bin_of, RESIDUAL], dtype=object)
    true = names[labels]
    figures = {}
    for name in sorted(set(true) - {RESIDUAL}):
        capture, contamination, reached = [], [], []
        for answer in (before, after):
            there = names[answer] == name
            reached.append(int(there.sum()))
            capture.append(float(there[true == name].mean()))
            contamination.append(float((true[there] != name).mean()) if there.any() else None)
        figures[str(name)] = BinFigures(
            pictures=int((true == name).sum()),
            capture_before=capture[0],
            capture_after=capture[1],
            reached_before=reached[0],
            reached_after=reached[1],
            contamination_before=contamination[0],
            contamination_after=contamination[1],
        )
    return figures
