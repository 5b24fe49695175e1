"""Linear discriminant analysis with a shrunk covariance, and what it would say of each picture without that picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.inference.features import TINY

Matrix = NDArray[np.float64]

TAUGHT_SHARE = 0.8
"""Share of the taught pictures' scatter in the covariance; the rest is that of the model's own training pictures (rehearsal)."""

SHRINKAGE, SHRINKAGE_WITH_OLD = 0.3, 1.0
"""Variance added in every direction, as a multiple of the mean variance: a few pictures tell little of most directions. More
where pictures of two cameras are told apart, the bin's and those of the training."""

RANK_TOLERANCE = 1e-6
"""Directions with less than this share of the largest variance are rounding errors."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Rows that share one prototype, their mean.

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
        left_out: for each group (pictures, looks, prototypes): the scores of each picture by the discriminant of all others;
            NaN for the only picture of a group.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    left_out: tuple[Matrix, ...]


def fit_discriminant(groups: list[Group], *, shrinkage: float = SHRINKAGE) -> Discriminant:
    """Fit a discriminant, one prototype for each group.

    Args:
        groups: at least one.
        shrinkage: see ``SHRINKAGE``.

    All is done in the space that the rows span, of at most as many dimensions as there are rows: outside it the covariance is
    known, and nothing lies there. What the discriminant is without one picture is exact: a change of low rank (Woodbury).
    """
    numbers = groups[0].rows.shape[-1]
    rows = np.concatenate([group.rows.reshape(-1, numbers) for group in groups])
    centre = rows.mean(axis=0)
    rows = rows - centre
    values, vectors = np.linalg.eigh((rows @ rows.T).astype(np.float64))
    kept = values > max(values[-1], TINY) * RANK_TOLERANCE
    lengths = np.sqrt(values[kept])
    places = vectors[:, kept] * lengths
    back = rows.T @ (vectors[:, kept] / lengths).astype(np.float32)
    spans = _spans(groups)
    points = [places[a:b].reshape(*group.rows.shape[:2], -1) for (a, b), group in zip(spans, groups, strict=True)]
    means = np.stack([_weighted_mean(at, group.weights) for at, group in zip(points, groups, strict=True)], axis=1)
    shares = _shares(groups)
    covariance = _covariance(groups, points, means, shares)
    covariance += _added(covariance, numbers, shrinkage) * np.eye(len(covariance))
    inverse = np.asarray(np.linalg.inv(covariance), np.float64)
    towards = inverse @ means
    bias = -0.5 * np.sum(means * towards, axis=0)
    weights = (back @ towards.astype(np.float32)).astype(np.float32)
    judge = _LeftOut(inverse, means)
    left_out = tuple(
        np.stack(
            [
                judge(looks, weight, float(group.weights.sum()), number, share)
                for looks, weight in zip(at, group.weights, strict=True)
            ]
        )
        for number, (at, group, share) in enumerate(zip(points, groups, shares, strict=True))
    )
    return Discriminant(weights, (bias - centre @ weights).astype(np.float32), left_out)


class _LeftOut:
    """The scores of a picture by the discriminant of all other pictures."""

    def __init__(self, inverse: Matrix, means: Matrix) -> None:
        self._inverse = inverse
        self._means = means
        self._towards = inverse @ means

    def __call__(self, looks: Matrix, weight: float, total: float, number: int, share: float) -> Matrix:
        """Scores (looks, prototypes).

        Args:
            looks: of the picture, (looks, dimensions).
            weight: of the picture.
            total: of all pictures of its group.
            number: of its group.
            share: what its group's scatter is multiplied by in the covariance.
        """
        rest = (total - weight) * len(looks)
        if rest <= TINY:
            return np.full((len(looks), self._means.shape[1]), np.nan)
        residuals = (looks - self._means[:, number]).T
        means, towards = self._means.copy(), self._towards.copy()
        means[:, number] -= weight * residuals.sum(axis=1) / rest
        reach = self._inverse @ residuals
        towards[:, number] = self._inverse @ means[:, number]
        change = share * (weight * np.eye(len(looks)) + weight**2 / rest)
        inner = np.linalg.pinv(np.linalg.pinv(change) - residuals.T @ reach)
        towards += reach @ (inner @ (residuals.T @ towards))
        scores: Matrix = looks @ towards - 0.5 * np.sum(means * towards, axis=0)
        return scores


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
