"""Tells which pictures of a taught set say nothing that a newer one does not say as well."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.inference.features import FeatureSpec

Features = NDArray[np.float32]

NEAR_DUPLICATE = 0.93
"""Likeness of two pictures of a label from which on they are near-duplicates. In two real bins that is one of ten pairs that were
taken one after the other, one in a hundred of all pairs of a label, and every pair that differs in noise and light alone."""

COPY = 0.99
"""Likeness from which on one picture is a copy of another: the same file again, mirrored, or saved anew (measured: 0.995)."""

LEAST_SPREAD = 0.02
"""Least squared distance of a bin's pictures from their mean, half of that in a real bin whose pictures are much alike: where all
that is taught so far is one thing, its pictures are near-duplicates all the same."""

LEAST_KEPT = 5
"""Pictures of a label that are never deleted to make room."""


@dataclass(frozen=True, slots=True)
class TaughtPoint:
    """A picture of the set as a point.

    Attributes:
        number: its number; a newer picture has a higher one.
        label: its label.
        features: see ``mean_features``; None: not known.
    """

    number: int
    label: str
    features: Features | None


def mean_features(looks: NDArray[np.int8], spec: FeatureSpec) -> Features:
    """Real features of a picture, mean of its looks: float32 (n,).

    Args:
        looks: int8 (views, n), raw.
        spec: of the model that they are of.
    """
    mean: Features = spec.real(looks).mean(axis=0)
    return mean


def near_duplicates(points: Sequence[TaughtPoint], least: float = NEAR_DUPLICATE) -> frozenset[int]:
    """Numbers of the pictures of which a newer one of the same label is a near-duplicate.

    Args:
        points: the pictures.
        least: likeness from which on they are, 0..1.
    """
    return frozenset(number for label in _labels(points) for number in label.near_duplicates(least))


def groups_alike(points: Sequence[TaughtPoint], least: float = NEAR_DUPLICATE) -> list[list[int]]:
    """The pictures in groups of those that are near-duplicates of the newest of their group and have its label.

    Args:
        points: the pictures.
        least: likeness from which on they are, 0..1.

    Returns:
        Their numbers, each once; in a group, and among the groups, the newest first.
    """
    groups = [group for label in _labels(points) for group in label.groups(least)]
    return sorted(groups, reverse=True)


def most_redundant(points: Sequence[TaughtPoint], count: int) -> list[int]:
    """Numbers of the pictures that can be missed best, the first of them most of all; fewer than ``count`` if others must stay.

    It is always the older of the two pictures of a label that are most alike. ``LEAST_KEPT`` pictures of each label stay.
    """
    labels = _labels(points)
    chosen: list[int] = []
    while len(chosen) < count:
        spare = [label for label in labels if label.size > LEAST_KEPT]
        if not spare:
            break
        # Where nothing is alike, the label with the most pictures gives its oldest.
        chosen.append(max(spare, key=lambda label: (label.likeness, label.size)).remove())
    return chosen


def _labels(points: Sequence[TaughtPoint]) -> "list[_LabelPoints]":
    known = [point.features for point in points if point.features is not None]
    spread = float(np.stack(known).var(axis=0).sum()) if known else 0.0
    by_label: dict[str, list[TaughtPoint]] = {}
    for point in sorted(points, key=lambda point: point.number):
        by_label.setdefault(point.label, []).append(point)
    return [_LabelPoints(own, max(spread, LEAST_SPREAD)) for own in by_label.values()]


class _LabelPoints:
    """The pictures of one label, oldest first, and how alike each is to the newer one that it is most like.

    Likeness is 1 for the same features, and 0 for two pictures as different as those of the bin are on average.

    Args:
        points: the pictures, at least one.
        spread: mean squared distance of all pictures of the bin from their mean.
    """

    def __init__(self, points: Sequence[TaughtPoint], spread: float) -> None:
        self._numbers = [point.number for point in points]
        self._alike = np.zeros((len(points), len(points)), np.float32)
        known = [row for row, point in enumerate(points) if point.features is not None]
        features = np.array([point.features for point in points if point.features is not None], np.float32)
        if known:
            squares = (features**2).sum(axis=1)
            distances = squares[:, None] + squares - 2 * features @ features.T
            self._alike[np.ix_(known, known)] = np.triu(np.maximum(1 - distances / (2 * spread), 0), 1)
        self._is_left = np.ones(len(points), np.bool_)

    @property
    def size(self) -> int:
        return int(self._is_left.sum())

    @property
    def likeness(self) -> float:
        return float(self._to_newer().max())

    def near_duplicates(self, least: float) -> list[int]:
        return [number for number, alike in zip(self._numbers, self._to_newer(), strict=True) if alike >= least]

    def groups(self, least: float) -> list[list[int]]:
        left = list(reversed(range(len(self._numbers))))
        groups = []
        while left:
            newest = left[0]
            rows = [row for row in left if row == newest or self._alike[row, newest] >= least]
            groups.append([self._numbers[row] for row in rows])
            left = [row for row in left if row not in rows]
        return groups

    def remove(self) -> int:
        """Remove the picture that is most like a newer one, of several the oldest; returns its number."""
        row = int(self._to_newer().argmax())
        self._is_left[row] = False
        self._alike[:, row] = self._alike[row] = 0.0
        return self._numbers[row]

    def _to_newer(self) -> Features:
        to_newer: Features = self._alike.max(axis=1, initial=0.0)
        to_newer[~self._is_left] = -np.inf
        return to_newer
