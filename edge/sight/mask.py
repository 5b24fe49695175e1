"""Segments the item: a mask from the distance to the background model."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.background import BackgroundModel
from edge.sight.cielab import Lab
from edge.sight.work_image import to_work_image
from edge.values import Mask
from hardware.frame import Pixels

NEAR, FAR = 3.0, 6.0
"""Hysteresis thresholds, in multiples of the background noise: a pixel beyond FAR belongs to an item, and so do the pixels
beyond NEAR that are connected to it."""

MIN_AREA, MAX_AREA = 0.002, 0.92
"""Range of a plausible mask's area, as a fraction of the image: below is dirt, above a change of the whole scene."""

MIN_PIXELS = 4
"""Smallest area of a component, in pixels, however small the image is."""

SPECK_AREA = 0.08
"""Components below this fraction of the largest one's area are specks, such as crumbs and reflections, and are dropped."""

CROSSING_SHARE = 0.03
"""Fraction of an image edge that a mask must cover to cross it: the width of a finger."""

GROUND_EDGES = 3
"""Image edges crossed from which a mask estimated from the border is the ground, or all of the picture, and not the item."""

SOLID_SHARE = 0.6
"""Share of its box beyond which an enclosed mask is one compact item. Less is a print, a reflection or parts of a heap, and all
of the picture says more (docs/training.md)."""

OBJECT_AREA, OBJECT_GAP = 0.25, 0.06
"""A component counts as a separate object from this fraction of the largest one's area, and from this distance to the
others, as a fraction of the image's longer side."""


def mask_from_distance(
    distance: NDArray[np.float32], *, near: float = NEAR, far: float = FAR, speck_area: float = SPECK_AREA
) -> Mask | None:
    """Segment the item in a distance map.

    Morphological closing and opening, hysteresis thresholding, removal of specks, and filling of holes: a clear bottle
    shows the background through its middle.

    Args:
        distance: float32 (height, width), in multiples of the background noise (``BackgroundModel.distance``).
        near: threshold of the pixels that may belong to the item.
        far: threshold that each component must exceed somewhere.
        speck_area: components below this fraction of the largest one's area are dropped; 0: only those below ``MIN_AREA``.

    Returns:
        The mask; None if there is no component of a plausible size.
    """
    height, width = distance.shape
    candidates = (distance > near).astype(np.uint8)
    if not candidates.any():
        return None
    closed = cv2.morphologyEx(candidates, cv2.MORPH_CLOSE, _KERNEL_5)
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, _KERNEL_3)
    labels, stats = label_parts(opened)
    if len(stats) < 2:
        return None
    certain = np.bincount(labels[distance > far], minlength=len(stats)) > 0
    certain[0] = False
    areas = np.where(certain, stats[:, cv2.CC_STAT_AREA], 0)
    largest = int(areas.max())
    smallest = max(MIN_AREA * height * width, MIN_PIXELS)
    if largest < smallest:
        return None
    keep = areas >= (max(speck_area * largest, MIN_PIXELS) if speck_area else smallest)
    cover = np.where(keep, 255, 0).astype(np.uint8).take(labels)
    contours, _ = cv2.findContours(cover, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(cover, contours, -1, 255, thickness=cv2.FILLED)
    area = float(np.count_nonzero(cover)) / cover.size
    if area > MAX_AREA:
        return None
    x, y, box_width, box_height = cv2.boundingRect(cover)
    box = (x / width, y / height, (x + box_width) / width, (y + box_height) / height)
    # Closing extends a mask near an image edge to the edge; only the pixels that were candidates before count there.
    edges = crossed_edges(cv2.min(cover, candidates))
    return Mask(cover, box, area, _count_objects(areas, stats, OBJECT_GAP * max(height, width)), edges)


def crossed_edges(cover: NDArray[np.uint8]) -> int:
    """Number of image edges that a mask crosses, 0..4."""
    lines = (cover[0], cover[-1], cover[:, 0], cover[:, -1])
    return sum(cv2.countNonZero(line) > CROSSING_SHARE * line.size for line in lines)


def _count_objects(areas: NDArray[np.int32], stats: NDArray[np.int32], gap: float) -> int:
    """Number of components that are large enough and more than ``gap`` pixels from those counted before, largest first."""
    boxes: list[tuple[int, int, int, int]] = []
    for component in np.argsort(-areas):
        if areas[component] < OBJECT_AREA * areas.max():
            break
        x, y, width, height = stats[component, :4].tolist()
        box = (x, y, x + width, y + height)
        if all(max(box[0] - o[2], o[0] - box[2], box[1] - o[3], o[1] - box[3]) > gap for o in boxes):
            boxes.append(box)
    return len(boxes)


def label_parts(cover: NDArray[np.uint8]) -> tuple[NDArray[np.uint16], NDArray[np.int32]]:
    """Label the connected parts of a cover at the working resolution.

    Returns:
        Label of each pixel, 0 for the background; left, top, width, height and area of each label, in pixels.
    """
    # Labels of 16 bits, far more than there can be parts, take a third of the time.
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cover, connectivity=8, ltype=cv2.CV_16U)
    return labels, stats


def split(mask: Mask) -> list[Mask]:
    """The connected parts of a mask, each as a mask of its own."""
    height, width = mask.cover.shape
    labels, stats = label_parts(mask.cover)
    parts = []
    for number in range(1, len(stats)):
        x, y, part_width, part_height, area = stats[number].tolist()
        cover: NDArray[np.uint8] = cv2.inRange(labels, number, number)
        box = (x / width, y / height, (x + part_width) / width, (y + part_height) / height)
        parts.append(Mask(cover, box, area / mask.cover.size, edges=crossed_edges(cover)))
    return parts


def find_mask(pixels: Pixels, background: BackgroundModel | None = None) -> Mask | None:
    """Segment the item in an image.

    Args:
        pixels: RGB uint8 (height, width, 3).
        background: model of the empty tray; None estimates the background from the border of the image, and where that shows
            no plain ground takes what nothing joins to the border (``edge.sight.enclosed``).

    Returns:
        The mask; None if no item was found.

    Raises:
        ValueError: the background model has another shape than the image.
    """
    lab = to_work_image(pixels)
    if background is not None:
        return mask_from_distance(background.distance(lab))
    mask = mask_from_distance(BackgroundModel.from_border(lab).distance(lab))
    if mask is not None and mask.edges < GROUND_EDGES:
        return mask
    return _enclosed_mask(lab) or mask


def _enclosed_mask(lab: Lab) -> Mask | None:
    from edge.sight.enclosed import enclosed_cover  # a bin knows its empty tray and never asks

    cover = enclosed_cover(lab)
    if cover is None:
        return None
    found = mask_from_distance(np.where(cover > 0, np.float32(2 * FAR), np.float32(0.0)))
    if found is None:
        return None
    x0, y0, x1, y1 = found.box
    return replace(found, is_guess=True) if found.area > SOLID_SHARE * (x1 - x0) * (y1 - y0) else None


_KERNEL_3 = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
_KERNEL_5 = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
