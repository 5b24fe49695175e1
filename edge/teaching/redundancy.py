"""Tells which pictures of a taught set say nothing that a newer one does not say as well."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.inference.features import TINY, FeatureSpec

Features = NDArray[np.float32]

NEAR_DUPLICATE = 0.99
"""Cosine between the features of two pictures of a label from which on they are near-duplicates: that of one thing moved by a
hundredth of the picture. Pairs of a label in two real bins are at 0.77 to 0.94 in the middle, one in a hundred is above this."""

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
    """Real features of a picture, mean of its looks, of unit length: float32 (n,).

    Args:
        looks: int8 (views, n), raw.
        spec: of the model that they are of.
    """
    mean: Features = spec.real(looks).mean(axis=0)
    return mean / max(float(np.linalg.norm(mean)), TINY)


def near_duplicates(points: Sequence[TaughtPoint]) -> frozenset[int]:
    """Numbers of the pictures of which a newer one of the same label is a near-duplicate."""
    found = (_OneLabel(label, points) for label in {point.label for point in points})
    return frozenset(number for one in found for number in one.near_duplicates())


def most_redundant(points: Sequence[TaughtPoint], count: int) -> list[int]:
    """Numbers of the pictures that can be missed best, the first of them most of all; fewer than ``count`` if others must stay.

    It is always the older of the two pictures of a label that are most alike. ``LEAST_KEPT`` pictures of each label stay.
    """
    groups = [_OneLabel(label, points) for label in sorted({point.label for point in points})]
    chosen: list[int] = []
    while len(chosen) < count:
        spare = [group for group in groups if group.size > LEAST_KEPT]
        if not spare:
            break
        # Where nothing is alike, the label with the most pictures gives its oldest.
        chosen.append(max(spare, key=lambda group: (group.likeness, group.size)).remove())
    return chosen


class _OneLabel:
    """The pictures of one label, oldest first, and how alike each is to the newer one that it is most like (-1..1)."""

    def __init__(self, label: str, points: Sequence[TaughtPoint]) -> None:
        own = sorted((point for point in points if point.label == label), key=lambda point: point.number)
        self._numbers = [point.number for point in own]
        sizes = {len(point.features) for point in own if point.features is not None}
        width = max(sizes, default=1)
        features = np.zeros((len(own), width), np.float32)
        for row, point in enumerate(own):
            # Of another model: it is like nothing here.
            if point.features is not None and len(point.features) == width:
                features[row] = point.features
        self._alike = np.triu(features @ features.T, 1)
        self._is_left = np.ones(len(own), np.bool_)

    @property
    def size(self) -> int:
        return int(self._is_left.sum())

    @property
    def likeness(self) -> float:
        return float(self._to_newer().max())

    def near_duplicates(self) -> list[int]:
        return [
            number for number, alike in zip(self._numbers, self._to_newer(), strict=True) if alike >= NEAR_DUPLICATE
        ]

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
