"""Chooses a few rows that stand for many (herding, Welling 2009; for rehearsal: Rebuffi et al. 2017, "iCaRL")."""

import numpy as np
from numpy.typing import NDArray


def herd(rows: NDArray[np.float32], count: int) -> list[int]:
    """Choose rows so that the mean of the first ones, however many, is as near to the mean of all as it can be.

    Args:
        rows: float32 (n, size).
        count: number of rows to choose, >= 0; all where there are fewer.

    Returns:
        Indices, each once, in the order of choice.
    """
    if not len(rows):
        return []
    mean = rows.mean(axis=0)
    chosen: list[int] = []
    total = np.zeros(rows.shape[1], np.float64)
    while len(chosen) < min(count, len(rows)):
        distance = np.square(mean - (total + rows) / (len(chosen) + 1)).sum(axis=1)
        distance[chosen] = np.inf
        chosen.append(int(distance.argmin()))
        total += rows[chosen[-1]]
    return chosen
