"""How near a picture is to what was taught: what strangers are told by."""

import numpy as np
from numpy.typing import NDArray

from edge.inference.features import TINY
from edge.inference.nearness import PrototypeSpace
from edge.teaching.fitting.discriminant import Group, Mixture, SharedCovariance

RANK_TOLERANCE = 1e-6
"""Directions in which prototypes differ by less than this share of the largest are rounding errors."""

ROUNDING = 1e-3
"""How much less near an item may be by the rounded rows of a head's file (16 bits)."""

Matrix = NDArray[np.float64]


def fit_prototype_space(
    shared: SharedCovariance, groups: list[Group], known: Mixture, factors: NDArray[np.float32]
) -> tuple[PrototypeSpace, Matrix]:
    """The space of the groups' means, and how near each taught picture is to what the others teach.

    A label's picture differs from its prototype in hundreds of directions, most of which tell nothing: light, place, shape. Only
    those that tell labels apart, the taught ones and those of the rehearsal, tell strangers too. All places in that space follow
    from the scores of the prototypes, so that those of a picture without itself do as well.

    Args:
        shared: the covariance of the groups.
        groups: at least two.
        known: the prototypes whose like are no strangers.
        factors: float32 (numbers,), what features were multiplied by before the fit.

    Returns:
        The space for real features; the nearness of each taught picture, mean over its looks, (pictures,), without those that
        are alone in their label.
    """
    found = shared.discriminant(lambda counts: np.eye(len(counts)))
    counts = np.array([group.weights.sum() for group in groups])
    means = np.stack([np.average(group.rows.mean(axis=1), axis=0, weights=group.weights) for group in groups])
    scores = means @ found.weights.astype(np.float64) + found.bias
    centre = scores.mean(axis=0)
    # Products of the prototypes' places, seen from their mean: what is common to the scores of one place drops out.
    products = scores - centre
    products -= products.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh((products + products.T) / 2)
    kept = values > max(values[-1], TINY) * RANK_TOLERANCE
    basis = vectors[:, kept] / np.sqrt(values[kept])
    directions = _unit(known(counts).T @ products @ basis)
    rows = (found.weights @ basis).T * factors
    # Cosines do not change, and a head's file holds no numbers far above one.
    size = max(float(np.abs(rows).max()), TINY)
    space = PrototypeSpace(
        (rows / size).astype(np.float32),
        ((centre - found.bias) @ basis / size).astype(np.float32),
        directions.astype(np.float32),
    )
    without = np.concatenate([one for one, group in zip(found.left_out, groups, strict=True) if not group.is_rehearsal])
    without = without[~np.isnan(without).any(axis=(1, 2))]
    near: Matrix = (_unit((without - centre) @ basis) @ directions.T).max(axis=-1).mean(axis=1)
    return space, near


def _unit(places: Matrix) -> Matrix:
    unit: Matrix = places / np.maximum(np.linalg.norm(places, axis=-1, keepdims=True), TINY)
    return unit
