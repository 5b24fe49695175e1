"""Proposes the tray's region from a picture of it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.work_image import to_work_image
from hardware.frame import Pixels

SIDE = 240
"""Longer side of the reduced picture that is searched, in pixels: more detail only adds noise."""

CORE = 0.15
"""Half the side of the picture's middle, as a share of the picture's side. The middle is assumed to show the tray."""

MAX_STEP = 4.0
"""Largest difference between neighbouring pixels of the tray, in Lab units: shading is gentler, an edge is not."""

MAX_DISTANCE = 30.0
"""Largest difference of a pixel of the tray from the colour of the middle, in Lab units."""

MIN_FILLED = 0.8
"""Minimum share of the region's outer rows and columns that must be tray."""

MIN_AREA = 0.08
"""Minimum share of the picture that a plausible tray covers."""

MIN_EVEN_CORE = 0.5
"""Minimum share of the middle that must be one even surface."""


def propose_region(pixels: Pixels) -> tuple[float, float, float, float] | None:
    """Propose the largest upright box that the tray fills.

    The tray is the area that has the colour of the picture's middle and is connected to it.

    Args:
        pixels: RGB uint8 (height, width, 3), with nothing on the tray.

    Returns:
        (left, top, right, bottom) as shares of the picture, 0..1, rounded to two decimals; None if the picture's middle
        shows no even surface.
    """
    lab = cv2.bilateralFilter(to_work_image(pixels, SIDE), 9, 8.0, 5.0)
    height, width = lab.shape[:2]
    tray = _connected_area(lab)
    box = _box(tray)
    if box is None:
        return None
    left, top, right, bottom = box
    if (right - left) * (bottom - top) < MIN_AREA * width * height:
        return None
    # One pixel inwards where there is an edge, so that the region excludes the tray's rim.
    shares = (
        0.0 if left == 0 else (left + 1) / width,
        0.0 if top == 0 else (top + 1) / height,
        1.0 if right == width else (right - 1) / width,
        1.0 if bottom == height else (bottom - 1) / height,
    )
    return tuple(round(share, 2) for share in shares)  # type: ignore[return-value]


def _connected_area(lab: NDArray[np.float32]) -> NDArray[np.bool_]:
    height, width = lab.shape[:2]
    rows = slice(round(height * (0.5 - CORE)), round(height * (0.5 + CORE)) + 1)
    columns = slice(round(width * (0.5 - CORE)), round(width * (0.5 + CORE)) + 1)
    middle = np.median(lab[rows, columns].reshape(-1, 3), axis=0)
    near = np.sqrt(((lab - middle) ** 2).sum(axis=2)) < MAX_DISTANCE
    steps = cv2.morphologyEx(lab, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)
    even = (near & (steps < MAX_STEP)).astype(np.uint8)
    _, labels = cv2.connectedComponents(even, connectivity=4)
    inside = labels[rows, columns]
    common = np.bincount(inside[inside > 0].ravel(), minlength=1)
    if common.max() < MIN_EVEN_CORE * inside.size:
        return np.zeros((height, width), bool)
    tray: NDArray[np.bool_] = labels == int(common.argmax())
    return tray


def _box(tray: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """Shrink the box from the whole picture, always at the side with the least tray, until every side is filled."""
    height, width = tray.shape
    left, top, right, bottom = 0, 0, width, height
    while right - left > 2 and bottom - top > 2:
        box = tray[top:bottom, left:right]
        shares = [box[:, 0].mean(), box[0].mean(), box[:, -1].mean(), box[-1].mean()]
        side = int(np.argmin(shares))
        if shares[side] >= MIN_FILLED:
            return left, top, right, bottom
        left, top, right, bottom = left + (side == 0), top + (side == 1), right - (side == 2), bottom - (side == 3)
    return None
