"""Measures of one picture file: size, JPEG quality, hash, colour histograms."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import PictureError
from edge.sight.view import ViewSpec, full_view
from hardware.frame import Pixels
from train.data.grouping import Embed, descriptors
from train.data.images import uint8
from train.data.pictures import MIN_SIDE, Picture, read_pixels

THUMBNAIL_SIDE = 112
"""Longer side of the thumbnail for the page, in pixels."""
BORDER_WIDTH = 1 / 12
"""Width of the border ring, as a share of the shorter side: it mostly shows background."""
CHUNK = 256

_HSV_CELLS, _LAB_CELLS = (8, 3, 3), (5, 5, 5)
_LUMINANCE_SUM = 3688
"""Sum of the JPEG standard's luminance table (Annex K), which is the table of quality 50."""


@dataclass(frozen=True, slots=True, eq=False)
class FileRecord:
    """One readable picture and its measures.

    Attributes:
        picture: the file.
        data_set: name of the data set's folder.
        thumbnail: RGB uint8 (height, width, 3), longer side at most ``THUMBNAIL_SIDE``.
        width, height: of the file, in pixels.
        size_bytes: of the file.
        quality: JPEG quality 1..100, from the file's quantization table; None for other formats.
        sha256: of the file's bytes, hexadecimal.
        colour_histogram: of the whole picture, float32 (197,), see ``histogram``.
        border_histogram: of the border ring, float32 (197,).
        border_colour: mean RGB of the ring, float32 (3,), 0..255.
    """

    picture: Picture
    data_set: str
    thumbnail: Pixels
    width: int
    height: int
    size_bytes: int
    quality: float | None
    sha256: str
    colour_histogram: NDArray[np.float32]
    border_histogram: NDArray[np.float32]
    border_colour: NDArray[np.float32]

    @property
    def aspect(self) -> float:
        """Width by height."""
        return self.width / self.height


def read_file_records(
    pictures: Sequence[Picture],
    data_sets: Sequence[str],
    embed: Embed | None,
    advance: Callable[[int], None] = lambda done: None,
) -> tuple[list[FileRecord], NDArray[np.float32], dict[str, str]]:
    """Read every picture once.

    Args:
        pictures: n pictures.
        data_sets: the name of each one's data set.
        embed: see ``train.data.grouping.descriptors``.
        advance: called with the number of pictures done since the last call.

    Returns:
        The readable ones; their descriptors, float32 (readable, features); and key -> reason for the others.
    """
    records: list[FileRecord] = []
    unreadable: dict[str, str] = {}
    rows: list[NDArray[np.float32]] = []
    # In chunks: only the thumbnails stay in memory.
    with ThreadPoolExecutor(2) as pool:
        for at in range(0, len(pictures), CHUNK):
            chunk = pictures[at : at + CHUNK]
            views = []
            for picture, result in zip(chunk, pool.map(_read_record, chunk, data_sets[at : at + CHUNK]), strict=True):
                if isinstance(result, str):
                    unreadable[picture.key] = result
                else:
                    records.append(result[0])
                    views.append(result[1])
            if views:
                rows.append(descriptors(np.stack(views), embed))
            advance(len(chunk))
    return records, np.concatenate(rows) if rows else np.zeros((0, 1), np.float32), unreadable


def _read_record(picture: Picture, data_set: str) -> tuple[FileRecord, Pixels] | str:
    """The record and the view, uint8 (128, 128, 3); or the reason why the file cannot be read."""
    try:
        pixels = read_pixels(picture)
    except PictureError as error:
        return str(error)
    height, width = pixels.shape[:2]
    content = picture.path.read_bytes()
    small = resize_longest_side(pixels, THUMBNAIL_SIDE)
    ring = border_ring(*small.shape[:2])
    record = FileRecord(
        picture=picture,
        data_set=data_set,
        thumbnail=small,
        width=width,
        height=height,
        size_bytes=len(content),
        quality=jpeg_quality(content),
        sha256=hashlib.sha256(content).hexdigest(),
        colour_histogram=histogram(small, None),
        border_histogram=histogram(small, ring),
        border_colour=small[ring > 0].mean(axis=0).astype(np.float32),
    )
    return record, full_view(pixels, ViewSpec(size=128, toning=0.0))


def resize_longest_side(pixels: Pixels, side: int) -> Pixels:
    """A copy whose longer side is at most ``side``. RGB uint8 in and out."""
    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(MIN_SIDE, round(width * scale)), max(MIN_SIDE, round(height * scale)))
    return uint8(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def border_ring(height: int, width: int) -> NDArray[np.uint8]:
    """uint8 (height, width): 255 in the ring along the border, 0 inside."""
    thick = max(1, round(BORDER_WIDTH * min(height, width)))
    ring = np.full((height, width), 255, np.uint8)
    ring[thick : height - thick, thick : width - thick] = 0
    return ring


def histogram(pixels: Pixels, mask: NDArray[np.uint8] | None) -> NDArray[np.float32]:
    """HSV and Lab histogram of a picture, or of the part where ``mask`` is not 0, float32 (72 + 125,).

    Square roots of shares: the Euclidean distance of two rows is the Hellinger distance, which gives weight to rare colours.
    """
    parts = []
    for code, cells, top in ((cv2.COLOR_RGB2HSV, _HSV_CELLS, 180), (cv2.COLOR_RGB2Lab, _LAB_CELLS, 256)):
        ranges = [0, top, 0, 256, 0, 256]
        counts = cv2.calcHist([cv2.cvtColor(pixels, code)], [0, 1, 2], mask, list(cells), ranges).ravel()
        parts.append(np.sqrt(counts / max(float(counts.sum()), 1.0)))
    return np.concatenate(parts).astype(np.float32)


def jpeg_quality(content: bytes) -> float | None:
    """Quality 1..100 that a JPEG was saved with, from its luminance table; None for other formats and without a table."""
    if not content.startswith(b"\xff\xd8"):
        return None
    position = 2
    while position + 4 <= len(content) and content[position] == 0xFF and content[position + 1] != 0xDA:
        length = int.from_bytes(content[position + 2 : position + 4], "big")
        segment = content[position + 4 : position + 2 + length]
        if content[position + 1] == 0xDB and segment and segment[0] & 0x0F == 0:
            wide = 2 if segment[0] >> 4 else 1
            table = np.frombuffer(segment[1 : 1 + 64 * wide], ">u2" if wide == 2 else "u1")
            scale = 100 * float(table.sum()) / _LUMINANCE_SUM
            return float(np.clip((200 - scale) / 2 if scale <= 100 else 5000 / scale, 1, 100))
        position += 2 + length
    return None
