"""Several small pictures as one: contact sheets and mean pictures."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels
from train.data.images import uint8

GAP = 4
"""Space between pictures, in pixels."""
GROUND = 128
"""Grey level between pictures, visible on a light and on a dark page."""


def contact_sheet(pictures: Sequence[Pixels], columns: int, height: int = 84) -> Pixels:
    """Pictures in rows, each cropped to the median aspect ratio.

    Args:
        pictures: RGB uint8 (any height, any width, 3), at least one.
        columns: largest number of pictures in a row.
        height: of each picture, in pixels.

    Returns:
        RGB uint8 (rows * (height + gap) - gap, ...).
    """
    aspect = float(np.clip(np.median([picture.shape[1] / picture.shape[0] for picture in pictures]), 0.6, 1.8))
    width = round(height * aspect)
    columns = math.ceil(len(pictures) / math.ceil(len(pictures) / columns))  # rows of equal length as far as possible
    cells = [_framed(crop_to_fill(picture, width, height)) for picture in pictures]
    cells += [np.full_like(cells[0], GROUND)] * (-len(cells) % columns)
    rows = [np.hstack(cells[at : at + columns]) for at in range(0, len(cells), columns)]
    return np.ascontiguousarray(np.vstack(rows)[:-GAP, :-GAP])


def crop_to_fill(picture: Pixels, width: int, height: int) -> Pixels:
    """The picture's centre, cropped to the aspect ratio and scaled. RGB uint8 in, (height, width, 3) out."""
    tall, wide = picture.shape[:2]
    scale = max(width / wide, height / tall)
    cut_width, cut_height = min(wide, round(width / scale)), min(tall, round(height / scale))
    left, top = (wide - cut_width) // 2, (tall - cut_height) // 2
    part = picture[top : top + cut_height, left : left + cut_width]
    return uint8(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA))


def mean_picture(pictures: Sequence[Pixels], side: int = 96) -> Pixels:
    """The mean of pictures stretched to a square; structure common to all stays sharp. RGB uint8 (side, side, 3)."""
    total = np.zeros((side, side, 3), np.float64)
    for picture in pictures:
        total += cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return np.rint(total / max(len(pictures), 1)).astype(np.uint8)


def random_positions(count: int, wanted: int, random: np.random.Generator) -> NDArray[np.int64]:
    """``wanted`` random positions of ``count`` (all, if there are fewer), in ascending order."""
    return np.sort(random.permutation(count)[:wanted]).astype(np.int64)


def _framed(cell: Pixels) -> Pixels:
    return uint8(cv2.copyMakeBorder(cell, 0, GAP, 0, GAP, cv2.BORDER_CONSTANT, value=(GROUND, GROUND, GROUND)))
