"""Linear discriminant analysis with a shrunk covariance, and what it would say of each picture without that picture."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.inference.features import TINY

Matrix = NDArray[np.float64]

Mixture = Callable[[Matrix], Matrix]
"""The share of each group's mean in each prototype, (groups, prototypes), given how much each group counts, (groups,)."""

TAUGHT_SHARE = 0.8
"""Share of the taught pictures' scatter in the covariance; the rest is that of the model's own training pictures (rehearsal)."""

SHRINKAGE, SHRINKAGE_WITH_OLD = 0.3, 1.0
"""Variance added in every direction, as a multiple of the mean variance: a few pictures tell little of most directions. More
where pictures of two cameras are told apart, the bin's and those of the training."""

RANK_TOLERANCE = 1e-6
"""Directions with less than this share of the largest variance are rounding errors."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Rows that lie around one mean.

    Attributes:
        rows: (pictures, looks, numbers).
        weights: (pictures,), how much each picture counts.
        is_rehearsal: whether these are the model's own training pictures.
    """

    rows: NDArray[np.float32]
    weights: Matrix
    is_rehearsal: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Discriminant:
    """A fitted discriminant: the score of a prototype is the log likelihood, up to what is common to all prototypes.

    Attributes:
        weights: float32 (numbers, prototypes).
        bias: float32 (prototypes,).
        left_out: for each group (pictures, looks, prototypes), where it was asked for: the scores of each picture by the
            discriminant of all others; NaN for the only picture of a group.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    left_out: tuple[Matrix, ...]


class SharedCovariance:
    """The covariance that groups of pictures share. Any discriminant whose prototypes are mixtures of their means costs little.

    All is done in the space that the rows span, of at most as many dimensions as there are rows: outside it the covariance is
    known, and nothing lies there. What a discriminant is without one picture is exact: a change of low rank (Woodbury).

    Args:
        groups: at least one.
        shrinkage: see ``SHRINKAGE``.
        judges_pictures: whether ``Discriminant.left_out`` is wanted; else it is empty.
    """

    def __init__(self, groups: list[Group], *, shrinkage: float = SHRINKAGE, judges_pictures: bool = True) -> None:
        numbers = groups[0].rows.shape[-1]
        rows = np.concatenate([group.rows.reshape(-1, numbers) for group in groups])
        self._centre = rows.mean(axis=0)
        rows = rows - self._centre
        values, vectors = np.linalg.eigh((rows @ rows.T).astype(np.float64))
        kept = values > max(values[-1], TINY) * RANK_TOLERANCE
        lengths = np.sqrt(values[kept])
        places = vectors[:, kept] * lengths
        self._back = rows.T @ (vectors[:, kept] / lengths).astype(np.float32)
        spans = _spans(groups)
        points = [places[a:b].reshape(*group.rows.shape[:2], -1) for (a, b), group in zip(spans, groups, strict=True)]
        means = np.stack([_weighted_mean(at, group.weights) for at, group in zip(points, groups, strict=True)], axis=1)
        shares = _shares(groups)
        covariance = _covariance(groups, points, means, shares)
        covariance += _added(covariance, numbers, shrinkage) * np.eye(len(covariance))
        inverse = np.asarray(np.linalg.inv(covariance), np.float64)
        counts = np.array([group.weights.sum() for group in groups])
        self._towards = inverse @ means
        self._all = _Products(counts, np.zeros((0, len(groups))), means.T @ self._towards)
        judge = _LeftOut(inverse, means, counts)
        self._without = [
            [judge(looks, weight, number, share) for looks, weight in zip(at, group.weights, strict=True)]
            for number, (at, group, share) in enumerate(zip(points, groups, shares, strict=True))
            if judges_pictures
        ]

    def discriminant(self, mixture: Mixture) -> Discriminant:
        """The discriminant whose prototypes are mixtures of the groups' means.

        Args:
            mixture: how they are mixed, given how much each group counts; without a picture its group counts less.
        """
        shares = mixture(self._all.counts)
        weights = (self._back @ (self._towards @ shares).astype(np.float32)).astype(np.float32)
        left_out = tuple(np.stack([products.scores(mixture) for products in group]) for group in self._without)
        bias = self._all.bias(shares) - self._centre @ weights
        return Discriminant(weights, bias.astype(np.float32), left_out)


@dataclass(frozen=True, slots=True, eq=False)
class _Products:
    """Looks and the means of the groups, multiplied with the means by the inverse covariance.

    Attributes:
        counts: (groups,), how much each group counts.
        looks: (looks, groups).
        means: (groups, groups).
    """

    counts: Matrix
    looks: Matrix
    means: Matrix

    def bias(self, shares: Matrix) -> Matrix:
        """What is added to the products with prototypes, given the shares of the groups in them, (groups, prototypes)."""
        bias: Matrix = -0.5 * np.sum(shares * (self.means @ shares), axis=0)
        return bias

    def scores(self, mixture: Mixture) -> Matrix:
        """Scores (looks, prototypes)."""
        shares = mixture(self.counts)
        return self.looks @ shares + self.bias(shares)


class _LeftOut:
    """A picture's products with the means of the groups, as they are without that picture."""

    def __init__(self, inverse: Matrix, means: Matrix, counts: Matrix) -> None:
        self._inverse = inverse
        self._means = means
        self._counts = counts
        self._towards = inverse @ means

    def __call__(self, looks: Matrix, weight: float, number: int, share: float) -> _Products:
        """Products; NaN for the only picture of its group.

        Args:
            looks: of the picture, (looks, dimensions).
            weight: of the picture.
            number: of its group.
            share: what its group's scatter is multiplied by in the covariance.
        """
        counts = self._counts.copy()
        counts[number] -= weight
        rest = counts[number] * len(looks)
        if rest <= TINY:
            nothing = np.full((len(looks) + len(counts), len(counts)), np.nan)
            return _Products(self._counts, nothing[: len(looks)], nothing[len(looks) :])
        residuals = (looks - self._means[:, number]).T
        means, towards = self._means.copy(), self._towards.copy()
        means[:, number] -= weight * residuals.sum(axis=1) / rest
        reach = self._inverse @ residuals
        towards[:, number] = self._inverse @ means[:, number]
        change = share * (weight * np.eye(len(looks)) + weight**2 / rest)
        inner = np.linalg.pinv(np.linalg.pinv(change) - residuals.T @ reach)
        towards += reach @ (inner @ (residuals.T @ towards))
        return _Products(counts, looks @ towards, means.T @ towards)


def _spans(groups: list[Group]) -> list[tuple[int, int]]:
    ends = np.cumsum([group.rows.shape[0] * group.rows.shape[1] for group in groups])
    return [
        (int(end) - group.rows.shape[0] * group.rows.shape[1], int(end))
        for end, group in zip(ends, groups, strict=True)
    ]


def _weighted_mean(points: Matrix, weights: Matrix) -> Matrix:
    mean: Matrix = np.average(points.mean(axis=1), axis=0, weights=weights)
    return mean


def _shares(groups: list[Group]) -> list[float]:
    """What each group's scatter is multiplied by in the covariance."""
    kinds = {group.is_rehearsal for group in groups}
    mixture = {kind: 1.0 if len(kinds) == 1 else (1 - TAUGHT_SHARE if kind else TAUGHT_SHARE) for kind in kinds}
    freedom = dict.fromkeys(kinds, 0.0)
    for group in groups:
        freedom[group.is_rehearsal] += group.rows.shape[1] * max(float(group.weights.sum()) - 1.0, 0.0)
    return [mixture[group.is_rehearsal] / max(freedom[group.is_rehearsal], 1.0) for group in groups]


def _covariance(groups: list[Group], points: list[Matrix], means: Matrix, shares: list[float]) -> Matrix:
    total = np.zeros((means.shape[0], means.shape[0]))
    for number, (at, group, share) in enumerate(zip(points, groups, shares, strict=True)):
        residuals = (at - means[:, number]) * np.sqrt(group.weights)[:, np.newaxis, np.newaxis]
        flat = residuals.reshape(-1, means.shape[0])
        total += share * (flat.T @ flat)
    return total


def _added(covariance: Matrix, numbers: int, shrinkage: float) -> float:
    """The variance that is added in every direction."""
    return shrinkage * max(float(np.trace(covariance)), TINY) / numbers
