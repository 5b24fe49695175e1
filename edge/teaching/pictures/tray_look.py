"""A look at the tray as a running bin hands it over its socket: the picture, and which of its pixels belong to the item."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from edge.bin_socket.protocol import MOST_LINE_BYTES, MOST_PICTURE_BYTES
from edge.errors import PictureError
from edge.files.bounded import read_bounded
from edge.sight.mask import crossed_edges
from edge.sight.tray_region import to_pixels
from edge.values import Frame, Mask
from hardware.frame import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class TrayLook:
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
        try:
            line, _, jpeg = read_bounded(path, MOST_LINE_BYTES + MOST_PICTURE_BYTES).partition(b"\n")
            header = json.loads(line)
            left, top, right, bottom = map(float, header["region"])
            cover = _decoded(base64.b64decode(header["mask"]), cv2.IMREAD_GRAYSCALE)
            whole = cv2.cvtColor(_decoded(jpeg, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
            x0, y0, x1, y1 = to_pixels(Frame(whole, 0.0, 0), (left, top, right, bottom))
            return cls(np.ascontiguousarray(whole[y0:y1, x0:x1]), _mask(cover))
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError, cv2.error) as error:
            raise PictureError(f"{path}: expected a look as the bin's socket gives it: {error}") from error


def _decoded(content: bytes, mode: int) -> Pixels:
    found: Pixels | None = cv2.imdecode(np.frombuffer(content, np.uint8), mode)
    if found is None:
        raise ValueError("its picture or mask cannot be decoded")
    return found


def _mask(shown: Pixels) -> Mask:
    cover = np.where(shown > 127, 255, 0).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(cover)
    if not width:
        raise ValueError("its mask is empty")
    whole_height, whole_width = cover.shape
    box = (x / whole_width, y / whole_height, (x + width) / whole_width, (y + height) / whole_height)
    return Mask(cover, box, np.count_nonzero(cover) / cover.size, edges=crossed_edges(cover))
