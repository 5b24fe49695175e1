"""A look at the tray as a running bin hands it over its socket: the header of the picture, and the JPEG after it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np

from edge.bin_socket.protocol import MOST_LINE_BYTES, MOST_PICTURE_BYTES
from edge.errors import PictureError
from edge.files.bounded import read_bounded
from edge.sight.tray_region import to_pixels
from edge.values import Frame
from hardware.frame import Pixels

UNREADABLE = (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError, cv2.error)
"""What a look that is none raises on the way."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraLook:
    """A look.

    Attributes:
        pixels: of the tray, RGB uint8 (height, width, 3).
        header: as of ``PictureHeader``, its values not checked.
    """

    pixels: Pixels
    header: dict[str, Any]  # Any: JSON from outside

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file: the line of a ``PictureHeader``, and after it the JPEG.

        Raises:
            PictureError: it is none, or is damaged.
        """
        try:
            line, _, jpeg = read_bounded(path, MOST_LINE_BYTES + MOST_PICTURE_BYTES).partition(b"\n")
            header = dict(json.loads(line))
            left, top, right, bottom = map(float, header["region"])
            whole = cv2.cvtColor(decoded(jpeg, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
            x0, y0, x1, y1 = to_pixels(Frame(whole, 0.0, 0), (left, top, right, bottom))
            return cls(np.ascontiguousarray(whole[y0:y1, x0:x1]), header)
        except UNREADABLE as error:
            raise no_look(path, error) from error


def decoded(content: bytes, mode: int) -> Pixels:
    """Decode a picture by OpenCV. Raises ValueError."""
    found: Pixels | None = cv2.imdecode(np.frombuffer(content, np.uint8), mode)
    if found is None:
        raise ValueError("its picture or mask cannot be decoded")
    return found


def no_look(path: Path, error: Exception) -> PictureError:
    """What is said of a file that is no look."""
    return PictureError(f"{path}: expected a look as the bin's socket gives it: {error}")
