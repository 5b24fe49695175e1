"""How sharp a picture is: a number that rises while the lens is turned the right way, and the width of its edges."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

REBLUR_PX = 4.0
"""The picture is compared with itself, blurred by this standard deviation, in pixels."""

LEAST_STRUCTURE = 0.1
"""Mean squared gradient after that, in squared grey levels, below which there is nothing in the picture to focus on: an
item, however blurred, has 0.2 and more, an empty tray a tenth of it."""

UNSHARP = 0.003
"""Edges wider than this share of the tray's longer side are a blur that the classifier's view of an item shows."""


@dataclass(frozen=True, slots=True)
class FocusMeasurement:
    """How sharp a scene is seen.

    Attributes:
        sharpness: variance of the Laplacian, in squared grey levels; the higher the sharper, for one and the same scene.
        edge_px: standard deviation of the blur across an edge, in pixels; None where the picture shows too few edges.
        unsharp: whether that is too wide.
    """

    sharpness: float
    edge_px: float | None
    unsharp: bool


def measure_focus(greys: Sequence[NDArray[np.float32]]) -> FocusMeasurement:
    """From two or more pictures of one still scene, so that noise is no sharpness.

    Args:
        greys: float32 (height, width), 0..255, all of the same size.
    """
    mean: NDArray[np.float32] = np.mean(greys, axis=0, dtype=np.float32)
    differences = [cv2.subtract(after, before) for before, after in pairwise(greys)]
    # What is left of the noise in the mean; two pictures' difference has twice one's.
    noise = float(np.mean([difference.var() for difference in differences])) / 2 / len(greys)
    laplacian = float(cv2.Laplacian(mean, cv2.CV_32F).var())
    sharpness = max(laplacian - 20 * noise, 0.0)  # 4² + 4 · 1², the kernel's squares
    edge_px = _edge_px(mean, noise)
    return FocusMeasurement(sharpness, edge_px, edge_px is not None and edge_px > UNSHARP * max(mean.shape))


def _edge_px(mean: NDArray[np.float32], noise: float) -> float | None:
    """An edge blurred by s has a squared gradient in proportion to 1 / s, and to 1 / sqrt(s² + r²) blurred by r once more."""
    blurred = _gradient(cv2.GaussianBlur(mean, (0, 0), REBLUR_PX))
    if blurred < LEAST_STRUCTURE:
        return None
    sharp = _gradient(mean) - noise  # half a difference of two pixels, each way
    ratio = max(sharp / blurred, 1.001)
    return float(REBLUR_PX / np.sqrt(ratio**2 - 1))


def _gradient(grey: NDArray[np.float32]) -> float:
    """Mean squared gradient."""
    along_x = (grey[:, 2:] - grey[:, :-2]) / 2
    along_y = (grey[2:] - grey[:-2]) / 2
    return float((along_x**2).mean() + (along_y**2).mean())
