"""The connected parts of what differs from the empty tray."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.mask import label_parts

Cover = NDArray[np.uint8]
"""uint8 (height, width) at the working resolution, 0 or 255."""

REACH_PX = 9
"""Side of the square, in pixels of the working image, by which a thing may spread from one picture to the next and still be
found by its overlap: a sixteenth of the tray's width, what rocks or falls moves less."""


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """A connected part of a mask.

    Attributes:
        cover: its pixels.
        reach: the same part spread by ``REACH_PX``.
        area: number of its pixels.
        at_edge: whether it touches the tray's edge.
    """

    cover: Cover
    reach: Cover
    area: int
    at_edge: bool


_REACH = np.ones((REACH_PX, REACH_PX), np.uint8)


def blobs_of(cover: Cover) -> list[Blob]:
    """The connected parts of a mask."""
    labels, stats = label_parts(cover)
    height, width = cover.shape
    blobs = []
    for number in range(1, len(stats)):
        part: Cover = cv2.inRange(labels, number, number)
        x, y, part_width, part_height, area = stats[number].tolist()
        at_edge = x == 0 or y == 0 or x + part_width == width or y + part_height == height
        blobs.append(Blob(part, cv2.dilate(part, _REACH), area, at_edge))
    return blobs


def overlap(one: Cover, other: Cover) -> float:
    """Fraction that two covers have in common of what they cover together, 0..1 (the Jaccard index); 0 where shapes differ."""
    if one.shape != other.shape:
        return 0.0
    together = cv2.countNonZero(cv2.bitwise_or(one, other))
    return cv2.countNonZero(cv2.bitwise_and(one, other)) / together if together else 0.0
