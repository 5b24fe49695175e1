"""Exact and near-duplicates among pictures."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, order=True)
class NearDuplicatePair:
    """Two pictures that are nearly the same.

    Attributes:
        distance: of their descriptors; 0 the same, about 1.4 nothing in common.
        one, other: their positions, ``one`` < ``other``.
    """

    distance: float
    one: int
    other: int


def exact_duplicates(hashes: Sequence[str]) -> list[list[int]]:
    """Positions of equal hashes, two or more each, the largest sets first."""
    same: dict[str, list[int]] = defaultdict(list)
    for position, text in enumerate(hashes):
        same[text].append(position)
    return sorted((positions for positions in same.values() if len(positions) > 1), key=lambda row: (-len(row), row))


def group_positions(groups: NDArray[np.int64]) -> list[list[int]]:
    """Positions of equal group numbers, two or more each, the largest groups first."""
    return exact_duplicates([str(number) for number in groups])


def near_duplicate_pairs(rows: NDArray[np.float32], distance: float, chunk: int = 1024) -> list[NearDuplicatePair]:
    """Every pair nearer than ``distance``, nearest first.

    Args:
        rows: descriptors, float32 (n, features).
        distance: Euclidean.
        chunk: number of rows compared at a time; memory grows with ``chunk`` x n.
    """
    squares = np.einsum("ij,ij->i", rows, rows)
    found: list[NearDuplicatePair] = []
    for at in range(0, len(rows), chunk):
        part = rows[at : at + chunk]
        # |a - b|² = |a|² + |b|² - 2ab: one matrix product instead of n² differences.
        squared = squares[at : at + chunk, None] + squares[None, at:] - 2 * part @ rows[at:].T
        for one, other in zip(*np.nonzero(np.triu(squared < distance**2, k=1)), strict=True):
            near = float(np.sqrt(max(float(squared[one, other]), 0.0)))
            found.append(NearDuplicatePair(round(near, 4), at + int(one), at + int(other)))
    return sorted(found)


def pairs_across(pairs: Sequence[NearDuplicatePair], names: Sequence[str]) -> list[NearDuplicatePair]:
    """The pairs whose two pictures have different names (labels, data sets, parts); pairs with an empty name are left out."""
    return [pair for pair in pairs if names[pair.one] != names[pair.other] and names[pair.one] and names[pair.other]]
