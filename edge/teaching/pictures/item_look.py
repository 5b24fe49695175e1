"""A look at the tray as a running bin hands it over its socket: the picture, and which of its pixels belong to the item."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from edge.sight.mask import crossed_edges
from edge.teaching.pictures.camera_look import UNREADABLE, CameraLook, decoded, no_look
from edge.values import Mask
from hardware.frame import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class ItemLook:
    """A look.

    Attributes:
        pixels: of the tray, RGB uint8 (height, width, 3).
        mask: the item's.
    """

    pixels: Pixels
    mask: Mask

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file: the line of a ``PictureHeader`` with its mask, and after it the JPEG.

        Raises:
            PictureError: it is none, or is damaged.
        """
        look = CameraLook.read(path)
        try:
            cover = decoded(base64.b64decode(look.header["mask"]), cv2.IMREAD_GRAYSCALE)
            return cls(look.pixels, _mask(cover))
        except UNREADABLE as error:
            raise no_look(path, error) from error


def _mask(shown: Pixels) -> Mask:
    cover = np.where(shown > 127, 255, 0).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(cover)
    if not width:
        raise ValueError("its mask is empty")
    whole_height, whole_width = cover.shape
    box = (x / whole_width, y / whole_height, (x + width) / whole_width, (y + height) / whole_height)
    return Mask(cover, box, np.count_nonzero(cover) / cover.size, edges=crossed_edges(cover))
