"""A picture as the taught set keeps it: a JPEG of the item with what lies around it, and the item's mask."""

import math
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import PictureError
from edge.records.image_ring import JPEG_QUALITY
from edge.sight.view import Crop
from edge.sight.work_image import WORK_SIDE
from edge.values import Mask
from hardware.frame import Pixels
from hardware.native_stderr import native_stderr_discarded
from hardware.pictures.containers import png_size
from hardware.pictures.damage import jpeg_damage, jpeg_size, truncation

KEPT_MARGIN = 0.5
"""Margin around the item that is kept on each side, as a fraction of the item's longer side: the widest view of the models that
ship takes 0.4, and others are to find theirs as well."""

LONGEST_SIDE = 640
"""Longest side of a kept picture, in pixels: five times a view's."""

MOST_JPEG_BYTES = 2_000_000
"""Largest JPEG that is accepted, in bytes: more than one of ``LONGEST_SIDE`` takes at any quality."""

MOST_MASK_BYTES = 100_000
"""Largest mask that is accepted, in bytes: many times the usual one."""


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture of one item, compressed.

    Attributes:
        jpeg: the picture.
        mask: which of its pixels belong to the item, as PNG at the working resolution; None: the whole picture.
    """

    jpeg: bytes
    mask: bytes | None = None

    @classmethod
    def of(cls, pixels: Pixels, mask: Mask | None) -> Self:
        """Cut out the item with its surroundings, and compress it.

        Args:
            pixels: RGB uint8 (height, width, 3).
            mask: the item's mask; None keeps the whole picture.
        """
        if mask is None:
            return cls(_jpeg(_at_most(pixels, LONGEST_SIDE)))
        x0, y0, x1, y1 = _surroundings(mask)
        cover_height, cover_width = mask.cover.shape
        height, width = pixels.shape[:2]
        # Cut at the mask's own pixels, so that both fit each other afterwards.
        left, right = round(x0 * width / cover_width), round(x1 * width / cover_width)
        top, bottom = round(y0 * height / cover_height), round(y1 * height / cover_height)
        cut = pixels[top : max(bottom, top + 1), left : max(right, left + 1)]
        return cls(_jpeg(_at_most(cut, LONGEST_SIDE)), _encoded(".png", mask.cover[y0:y1, x0:x1]))

    @property
    def size_bytes(self) -> int:
        """Its size in bytes."""
        return len(self.jpeg) + len(self.mask or b"")

    def decode(self) -> tuple[Pixels, Mask | None]:
        """The picture, RGB uint8 (height, width, 3), and the item's mask in it.

        Raises:
            PictureError: it is damaged, or none that ``of`` makes.
        """
        problem = _jpeg_problem(self.jpeg)
        if problem is None:
            decoded = _decoded(self.jpeg, cv2.IMREAD_COLOR)
            if decoded is not None and max(decoded.shape[:2]) <= LONGEST_SIDE:
                return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), _decoded_mask(self.mask)
            problem = "it cannot be decoded, or is too large"
        raise PictureError(f"a taught picture cannot be used: {problem}")


def _surroundings(mask: Mask) -> tuple[int, int, int, int]:
    """The item with its margin, (left, top, right, bottom) in pixels of the mask."""
    height, width = mask.cover.shape
    # Square, and near an edge shifted as the crops of views are: whatever their margins and stretch are, they lie in it.
    crop = Crop.around(mask.box, width, height, margin=KEPT_MARGIN, stretch=1.0)
    x0, y0 = max(int(crop.centre_x - crop.width / 2), 0), max(int(crop.centre_y - crop.height / 2), 0)
    x1, y1 = math.ceil(crop.centre_x + crop.width / 2), math.ceil(crop.centre_y + crop.height / 2)
    return x0, y0, min(x1, width), min(y1, height)


def _at_most(pixels: Pixels, side: int) -> Pixels:
    height, width = pixels.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return pixels
    size = max(round(width * factor), 1), max(round(height * factor), 1)
    scaled: Pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return scaled


def _jpeg(pixels: Pixels) -> bytes:
    return _encoded(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY)


def _encoded(suffix: str, pixels: NDArray[np.uint8], *options: int) -> bytes:
    ok, encoded = cv2.imencode(suffix, pixels, list(options))
    if not ok:
        raise PictureError(f"a picture of {pixels.shape[1]}x{pixels.shape[0]} pixels cannot be compressed")
    content: bytes = encoded.tobytes()
    return content


def _jpeg_problem(content: bytes) -> str | None:
    """What is wrong with a JPEG, before memory is taken for its pixels."""
    if len(content) > MOST_JPEG_BYTES:
        return f"it has {len(content)} bytes, expected at most {MOST_JPEG_BYTES}"
    if not content.startswith(b"\xff\xd8"):
        return "it is no JPEG"
    size = jpeg_size(content)
    if size is not None and max(size) > LONGEST_SIDE:
        return f"it has {size[1]}x{size[0]} pixels, expected at most {LONGEST_SIDE} on each side"
    return truncation(content) or jpeg_damage(content)


def _decoded(content: bytes, mode: int) -> NDArray[np.uint8] | None:
    try:
        decoded: NDArray[np.uint8] | None = cv2.imdecode(np.frombuffer(content, np.uint8), mode)
    except cv2.error:
        return None
    return decoded


def _decoded_mask(content: bytes | None) -> Mask | None:
    if content is None:
        return None
    size = png_size(content)
    if len(content) > MOST_MASK_BYTES or size is None or max(size) > WORK_SIDE or truncation(content):
        raise PictureError("a taught picture cannot be used: its mask is damaged")
    with native_stderr_discarded():  # libpng tells there of damage
        decoded = _decoded(content, cv2.IMREAD_GRAYSCALE)
    if decoded is None:
        raise PictureError("a taught picture cannot be used: its mask is damaged")
    cover: NDArray[np.uint8] = np.where(decoded > 127, 255, 0).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(cover)
    if not width:
        return None
    whole_height, whole_width = cover.shape
    box = (x / whole_width, y / whole_height, (x + width) / whole_width, (y + height) / whole_height)
    return Mask(cover, box, float(np.count_nonzero(cover)) / cover.size)
