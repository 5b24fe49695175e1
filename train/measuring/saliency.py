"""Saliency: the parts of a view that a label's logit depends on."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.view import NEUTRAL
from train.data.images import uint8

GRID = 8
"""Number of patches along each side. 64 masked views are one batch of a Keras model."""


def occlusion(
    logits: Callable[[NDArray[np.uint8]], NDArray[np.float32]], view: NDArray[np.uint8], label: int, grid: int = GRID
) -> NDArray[np.float32]:
    """Decrease of a label's logit when a patch is hidden (Zeiler & Fergus 2014), float32 (grid, grid).

    Needs no gradients, so that it works for int8 bundles and for Keras on any back end.

    Args:
        logits: uint8 (n, size, size, 3) -> float32 (n, labels).
        view: uint8 (size, size, 3).
        label: index of the label.
        grid: patches along each side. A patch is two grid steps wide, so that neighbours overlap.
    """
    size = view.shape[0]
    centres = (np.arange(grid) + 0.5) * size / grid
    starts = np.maximum(np.rint(centres - size / grid).astype(int), 0)
    ends = np.minimum(np.rint(centres + size / grid).astype(int), size)
    hidden = np.repeat(view[np.newaxis], grid * grid, axis=0)
    for row in range(grid):
        for column in range(grid):
            hidden[row * grid + column, starts[row] : ends[row], starts[column] : ends[column]] = NEUTRAL
    whole = logits(view[np.newaxis])[0, label]
    drops: NDArray[np.float32] = (whole - logits(hidden)[:, label]).astype(np.float32)
    return drops.reshape(grid, grid)


def overlay(view: NDArray[np.uint8], drops: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The view in grey, with warm colours where the decrease is largest. uint8 (size, size, 3) and (grid, grid) -> as the view.

    Patches whose logit rises when they are hidden stay grey.
    """
    size = view.shape[0]
    # Clipped before and after: cubic interpolation overshoots next to steep edges.
    heat = np.maximum(cv2.resize(np.maximum(drops, 0), (size, size), interpolation=cv2.INTER_CUBIC), 0)
    heat /= max(float(heat.max()), 1e-3)  # differences from rounding stay dark
    grey = cv2.cvtColor(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    colour = cv2.cvtColor(cv2.applyColorMap(uint8(np.rint(heat * 255)), cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    weight = 0.8 * heat[..., np.newaxis] ** 0.8
    return uint8(np.rint(grey * (1 - weight) + colour * weight))
