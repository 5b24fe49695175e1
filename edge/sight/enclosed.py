"""Finds the item in a single picture whose border does not show one plain ground: by what nothing joins to the border.

Rails, slats, shelves and shadows run on to the picture's border; an item that lies within the picture does not. So each channel
is filled from the border, as holes are (greyscale reconstruction, Vincent 1993), and what differs from its filling is enclosed.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.cielab import Lab
from edge.sight.quantile import quantile

SIDE = 80
"""Longer side of the image that is filled, in pixels: half the working image's, for an eighth of the work."""
WEIGHTS = np.array([0.6, 1.0, 1.0], np.float32)
"""Weights of L, a and b, as in ``edge.sight.background``: a shadow changes only L."""
STEPS_PER_CHECK = 8
"""Steps of the filling after which it is asked whether anything changed."""
BLUR = 1.5
"""Standard deviation of the blur that joins the parts of a print, in pixels."""
THINNEST = 3
"""Width below which what is enclosed is a line and not an item, in pixels: the gap between two bars."""
GAP = 5
"""Width of gaps that are closed, in pixels."""
PEAK_QUANTILE = 0.99
"""Quantile of the contrast that counts as its peak: an item has a hundredth of the picture at least."""
LEAST_PEAK = 3.0
"""Smallest peak of the contrast, in Lab units, twice the noise of a single picture: below is grain."""
PEAK_SHARE = 0.35
"""Pixels with this share of the peak belong to an item."""
PART_SHARE = 0.25
"""Parts with this share of the strongest one's summed contrast are parts of the same item."""


def enclosed_cover(lab: Lab) -> NDArray[np.uint8] | None:
    """What is enclosed in a picture.

    Args:
        lab: the working image, Lab float32 (height, width, 3).

    Returns:
        uint8 (height, width), 0 or 255; None where nothing stands out.
    """
    height, width = lab.shape[:2]
    scale = SIDE / max(height, width)
    small = cv2.resize(lab, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    contrast = enclosed_contrast(np.asarray(small, np.float32))
    peak = quantile(contrast, PEAK_QUANTILE)
    if peak < LEAST_PEAK:
        return None
    closed = cv2.morphologyEx((contrast > PEAK_SHARE * peak).astype(np.uint8), cv2.MORPH_CLOSE, _KERNEL_GAP)
    _, labels = cv2.connectedComponents(closed, connectivity=8)
    sums = np.bincount(labels.ravel(), weights=contrast.ravel())
    sums[0] = 0.0
    kept = np.where(sums >= PART_SHARE * sums.max(), 255, 0).astype(np.uint8)
    kept[0] = 0
    return np.asarray(cv2.resize(kept.take(labels), (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def enclosed_contrast(lab: Lab) -> NDArray[np.float32]:
    """How far each pixel differs from what reaches it from the border, in Lab units: (height, width, 3) -> (height, width)."""
    smooth = cv2.medianBlur(np.asarray(lab, np.float32), 3)
    # Pits of the picture and pits of its negative: what is darker than all around it, and what is brighter.
    both = np.concatenate([smooth, -smooth], axis=2)
    pits = _filled(both) - both
    weighted = np.maximum(pits[..., :3], pits[..., 3:]) * WEIGHTS
    contrast = np.sqrt((weighted**2).sum(axis=2))
    opened = cv2.morphologyEx(np.asarray(contrast, np.float32), cv2.MORPH_OPEN, _KERNEL_THIN)
    blurred: NDArray[np.float32] = cv2.GaussianBlur(opened, (0, 0), BLUR)
    return blurred


def _filled(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Every pit raised to the lowest rim over which it could run out to the border. (height, width, channels)."""
    filled = np.broadcast_to(levels.max(axis=(0, 1)), levels.shape).copy()
    filled[0], filled[-1], filled[:, 0], filled[:, -1] = levels[0], levels[-1], levels[:, 0], levels[:, -1]
    while True:
        before = filled
        for _ in range(STEPS_PER_CHECK):
            filled = np.maximum(cv2.erode(filled, _KERNEL_3), levels)
        if np.array_equal(before, filled):
            return filled


_KERNEL_3 = np.ones((3, 3), np.uint8)
_KERNEL_THIN = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (THINNEST, THINNEST))
_KERNEL_GAP = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (GAP, GAP))
