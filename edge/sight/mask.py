"""Where the item is: a mask from the distance to the empty tray."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.background import BackgroundModel, shrink
from edge.values import Mask
from hardware.frame import Pixels

NEAR, FAR = 3.0, 6.0
"""Distances (in multiples of the ground's noise) at which a pixel may and must belong to the item."""

MIN_AREA, MAX_AREA = 0.002, 0.92
"""Share of the picture that a believable mask covers."""


EDGE_SHARE = 0.03
"""Share of an edge's length from which on a mask that touches it reaches over it: a finger is as wide."""

PART_AREA, PART_GAP = 0.25, 0.06
"""A piece is a thing of its own from this share of the largest one's area, and from this gap to it, as a share of the
picture's longer side."""


def mask_from_distance(distance: NDArray[np.float32], *, near: float = NEAR, far: float = FAR) -> Mask | None:
    """The item in a distance map, or None where nothing believable is.

    Hysteresis (pixels beyond ``near`` that hang together with some beyond ``far``), then closing, holes filled (a clear
    bottle shows the ground through its middle), specks dropped.
    """
    height, width = distance.shape
    seen = (distance > near).astype(np.uint8)
    if not seen.any():
        return None
    near_map = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, _KERNEL_5)
    near_map = cv2.morphologyEx(near_map, cv2.MORPH_OPEN, _KERNEL_3)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(near_map, connectivity=8)
    if count < 2:
        return None
    strong = np.zeros(count, bool)
    strong[np.unique(labels[distance > far])] = True
    strong[0] = False
    areas = np.where(strong, stats[:, cv2.CC_STAT_AREA], 0)
    largest = int(areas.max())
    if largest < max(MIN_AREA * height * width, 4):
        return None
    keep = areas >= max(0.08 * largest, 4)
    cover = (keep[labels]).astype(np.uint8) * 255
    contours, _ = cv2.findContours(cover, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(cover, contours, -1, 255, thickness=cv2.FILLED)
    area = float(np.count_nonzero(cover)) / cover.size
    if area > MAX_AREA:
        return None
    x, y, box_width, box_height = cv2.boundingRect(cover)
    box = (x / width, y / height, (x + box_width) / width, (y + box_height) / height)
    # Closing joins what lies near an edge with it: there, only what was seen counts.
    return Mask(cover, box, area, _parts(areas, stats, PART_GAP * max(height, width)), _edges(cv2.min(cover, seen)))


def _edges(cover: NDArray[np.uint8]) -> int:
    lines = (cover[0], cover[-1], cover[:, 0], cover[:, -1])
    return sum(cv2.countNonZero(line) > EDGE_SHARE * line.size for line in lines)


def _parts(areas: NDArray[np.int32], stats: NDArray[np.int32], gap: float) -> int:
    """Pieces large enough, and more than ``gap`` pixels from those counted before them, the largest first."""
    boxes: list[tuple[int, int, int, int]] = []
    for piece in np.argsort(-areas):
        if areas[piece] < PART_AREA * areas.max():
            break
        x, y, width, height = stats[piece, :4].tolist()
        box = (x, y, x + width, y + height)
        if all(max(box[0] - o[2], o[0] - box[2], box[1] - o[3], o[1] - box[3]) > gap for o in boxes):
            boxes.append(box)
    return len(boxes)


def find_mask(pixels: Pixels, ground: BackgroundModel | None = None) -> Mask | None:
    """The item in a picture (RGB uint8): against the empty tray where it is known, else against the picture's border."""
    lab = shrink(pixels)
    if ground is not None:
        return mask_from_distance(ground.distance(lab))
    border = BackgroundModel.from_border(lab)
    return mask_from_distance(border.distance(lab))


_KERNEL_3 = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
_KERNEL_5 = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
