"""Measures focus: a sharpness value to maximize while turning the lens, and the blur width of edges."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

REBLUR_PX = 4.0
"""Standard deviation of the reference blur, in pixels. The image is compared with a copy that is blurred by it."""

MIN_STRUCTURE = 0.1
"""Mean squared gradient of the blurred copy, in squared grey levels, below which the image has too few edges to measure
focus. An item has 0.2 or more even out of focus, an empty tray about 0.02."""

MAX_EDGE_SHARE = 0.003
"""Widest acceptable edge, as a fraction of the tray's longer side. A wider blur is visible in the classifier's view."""


@dataclass(frozen=True, slots=True)
class FocusMeasurement:
    """Focus of an image.

    Attributes:
        sharpness: variance of the Laplacian, in squared grey levels. Higher is sharper; only comparable within one scene.
        edge_px: standard deviation of the blur across an edge, in pixels; None if the image has too few edges.
        unsharp: whether ``edge_px`` is too wide.
    """

    sharpness: float
    edge_px: float | None
    unsharp: bool


def measure_focus(greys: Sequence[NDArray[np.float32]]) -> FocusMeasurement:
    """Measure the focus from several images of a still scene; the noise is estimated from their differences.

    Args:
        greys: two or more images, float32 (height, width), 0..255, all of the same shape.
    """
    mean: NDArray[np.float32] = np.mean(greys, axis=0)
    differences = [cv2.subtract(after, before) for before, after in pairwise(greys)]
    # Variance of the noise in the mean image. The difference of two images has twice the variance of one.
    noise = float(np.mean([difference.var() for difference in differences])) / 2 / len(greys)
    laplacian = float(cv2.Laplacian(mean, cv2.CV_32F).var())
    sharpness = max(laplacian - 20 * noise, 0.0)  # 20 = 4² + 4 · 1², the sum of the squared kernel weights
    edge_px = _edge_px(mean, noise)
    return FocusMeasurement(sharpness, edge_px, edge_px is not None and edge_px > MAX_EDGE_SHARE * max(mean.shape))


def _edge_px(mean: NDArray[np.float32], noise: float) -> float | None:
    """Width of the edges, in pixels. With an edge blurred by s, the squared gradient is proportional to 1 / s, and to
    1 / sqrt(s² + r²) after another blur by r."""
    blurred = _gradient(cv2.GaussianBlur(mean, (0, 0), REBLUR_PX))
    if blurred < MIN_STRUCTURE:
        return None
    sharp = (
        _gradient(mean) - noise
    )  # a gradient is half the difference of two pixels: half their noise variance, in each of two directions
    ratio = max(sharp / blurred, 1.001)  # > 1, or the root below is not defined
    return float(REBLUR_PX / np.sqrt(ratio**2 - 1))


def _gradient(grey: NDArray[np.float32]) -> float:
    """Mean squared gradient."""
    along_x = (grey[:, 2:] - grey[:, :-2]) / 2
    along_y = (grey[2:] - grey[:-2]) / 2
    return float((along_x**2).mean() + (along_y**2).mean())
