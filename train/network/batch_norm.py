"""Recomputation of BatchNorm's statistics, for weights that they were not collected with."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np
from numpy.typing import NDArray

from train.network.scaling import to_input

BATCH = 32
"""Views at a time: statistics are those of the batches that training sees."""


@contextmanager
def recalibrated_batch_norm(model: keras.Model, views: NDArray[np.uint8]) -> Iterator[None]:
    """Inside the context, each trainable BatchNorm has the mean statistics of the views' batches; afterwards its own again.

    Averaged weights need it (Izmailov et al. 2018, "Averaging weights leads to wider optima"): the statistics at the
    end of training are those of the newest weights, and of mixed views where views are mixed.

    Args:
        model: with BatchNorm layers.
        views: uint8 (n, size, size, 3), augmented as in training, n >= ``BATCH`` to have any effect.
    """
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable]
    batches = len(views) // BATCH
    if not norms or not batches:
        yield
        return
    own = [_statistics(norm) for norm in norms]
    momenta = [norm.momentum for norm in norms]
    sums = [[np.zeros_like(part) for part in parts] for parts in own]
    try:
        for norm in norms:
            norm.momentum = 0.0  # the moving statistics are then those of the last batch
        for at in range(0, batches * BATCH, BATCH):
            model(to_input(views[at : at + BATCH]), training=True)
            for norm, parts in zip(norms, sums, strict=True):
                for total, part in zip(parts, _statistics(norm), strict=True):
                    total += part
        for norm, parts in zip(norms, sums, strict=True):
            _assign(norm, [total / np.float32(batches) for total in parts])
        yield
    finally:
        for norm, momentum, parts in zip(norms, momenta, own, strict=True):
            norm.momentum = momentum
            _assign(norm, parts)


def _statistics(norm: keras.layers.BatchNormalization) -> list[NDArray[np.float32]]:
    return [np.array(keras.ops.convert_to_numpy(part), np.float32) for part in (norm.moving_mean, norm.moving_variance)]


def _assign(norm: keras.layers.BatchNormalization, parts: list[NDArray[np.float32]]) -> None:
    for variable, part in zip((norm.moving_mean, norm.moving_variance), parts, strict=True):
        variable.assign(part)
