"""How near a picture is to what was taught: what strangers are told by."""

import numpy as np
from numpy.typing import NDArray

from edge.inference.features import TINY

MOST_NEIGHBOURS = 100
"""Most taught pictures that strangers are told by, and as many of the model's own: half a megabyte of a head in all."""


def neighbour_rows(
    real: NDArray[np.float32], labels: NDArray[np.int64], factors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Rows whose products with features are cosines: float32 (rows, numbers).

    There are at most ``MOST_NEIGHBOURS``, evenly from all labels.

    Args:
        real: float32 (pictures, looks, numbers), real features.
        labels: (pictures,).
        factors: float32 (numbers,), of the features.
    """
    order = np.argsort(labels, kind="stable")
    chosen = order[np.linspace(0, len(order) - 1, min(MOST_NEIGHBOURS, len(order))).round().astype(int)]
    means = _unit(real[chosen].mean(axis=1) * factors)
    # All looks have the same length: their layers have.
    rows: NDArray[np.float32] = means * factors / max(float(np.linalg.norm(real[0, 0] * factors)), TINY)
    return rows


def left_out_nearness(real: NDArray[np.float32], factors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Nearness of each picture to the others, mean over its looks: float64 (pictures,).

    Args:
        real: float32 (pictures, looks, numbers), real features.
        factors: float32 (numbers,), of the features.
    """
    cosines = _unit(real * factors) @ _unit(real.mean(axis=1) * factors).T
    places = np.arange(len(real))
    cosines[places, :, places] = -1.0
    nearest: NDArray[np.float64] = cosines.max(axis=-1).mean(axis=1).astype(np.float64)
    return nearest


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    unit: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), TINY)
    return unit
