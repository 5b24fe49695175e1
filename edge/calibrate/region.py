"""Where the tray lies in a picture, proposed from the picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.background import shrink
from hardware.frame import Pixels

SIDE = 240
"""Longer side of the picture that is looked into, in pixels."""

CORE = 0.15
"""The middle of the picture, this share of its sides each way from the centre, is taken for tray."""

NEAR_STEP = 4.0
"""Lab units from one pixel to the next over which the tray goes on: light falls off more gently, an edge does not."""

FAR = 30.0
"""Lab units from the middle's colour beyond which nothing is tray, however gently it gets there."""

FILLED = 0.8
"""Share of a row or column of the region that must be tray."""

LEAST = 0.08
"""Least share of the picture that a believable tray covers."""


def propose_region(pixels: Pixels) -> tuple[float, float, float, float] | None:
    """The largest upright box that the tray fills: (left, top, right, bottom) as shares of the picture, two decimals.

    The tray is what has the colour of the picture's middle and hangs together with it.

    Args:
        pixels: RGB uint8 (height, width, 3), with nothing on the tray.

    Returns:
        None where the picture's middle shows no even surface.
    """
    lab = cv2.bilateralFilter(shrink(pixels, SIDE), 9, 8.0, 5.0)
    height, width = lab.shape[:2]
    tray = _hanging_together(lab)
    box = _box(tray)
    if box is None:
        return None
    left, top, right, bottom = box
    if (right - left) * (bottom - top) < LEAST * width * height:
        return None
    # Inwards by a pixel where there is an edge, so that nothing of the rim is in it.
    shares = (
        0.0 if left == 0 else (left + 1) / width,
        0.0 if top == 0 else (top + 1) / height,
        1.0 if right == width else (right - 1) / width,
        1.0 if bottom == height else (bottom - 1) / height,
    )
    return tuple(round(share, 2) for share in shares)  # type: ignore[return-value]


def _hanging_together(lab: NDArray[np.float32]) -> NDArray[np.bool_]:
    height, width = lab.shape[:2]
    rows = slice(round(height * (0.5 - CORE)), round(height * (0.5 + CORE)) + 1)
    columns = slice(round(width * (0.5 - CORE)), round(width * (0.5 + CORE)) + 1)
    middle = np.median(lab[rows, columns].reshape(-1, 3), axis=0)
    near = np.sqrt(((lab - middle) ** 2).sum(axis=2)) < FAR
    steps = cv2.morphologyEx(lab, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)
    even = (near & (steps < NEAR_STEP)).astype(np.uint8)
    _, labels = cv2.connectedComponents(even, connectivity=4)
    inside = labels[rows, columns]
    common = np.bincount(inside[inside > 0].ravel(), minlength=1)
    if common.max() < 0.5 * inside.size:
        return np.zeros((height, width), bool)
    tray: NDArray[np.bool_] = labels == int(common.argmax())
    return tray


def _box(tray: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """Shrink from the whole picture, always on the side where the least is tray, until every side is."""
    height, width = tray.shape
    left, top, right, bottom = 0, 0, width, height
    while right - left > 2 and bottom - top > 2:
        box = tray[top:bottom, left:right]
        shares = [box[:, 0].mean(), box[0].mean(), box[:, -1].mean(), box[-1].mean()]
        side = int(np.argmin(shares))
        if shares[side] >= FILLED:
            return left, top, right, bottom
        left, top, right, bottom = left + (side == 0), top + (side == 1), right - (side == 2), bottom - (side == 3)
    return None
