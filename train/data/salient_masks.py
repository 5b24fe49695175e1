"""Masks of pictures by a salient-object network, in a folder: one small file for each picture, found by its content."""

import hashlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.images import uint8
from train.files import write_bytes

ITEM_AREA = (0.01, 0.90)
"""Range of the share of the picture that a mask covers: less is a speck, more is the whole scene."""
MOST_DOUBT = 0.25
"""Largest share of a mask's pixels that may be neither item nor ground. Beyond, the network has not found one thing."""
GROUND, ITEM = 0.1, 0.9
"""Probabilities below which a pixel is ground, and above which it is the item; between them is doubt."""


class SalientMasks:
    """A folder of masks, filled by ``sorter-train masks``. A file's name is the SHA-256 of its picture's file.

    Args:
        folder: it may be missing, and is then empty.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, content: bytes) -> Path:
        """Where the mask of a picture lies or would lie. ``content``: the picture's file."""
        digest = hashlib.sha256(content).hexdigest()
        return self._folder / digest[:2] / f"{digest}.png"

    def save(self, content: bytes, probabilities: NDArray[np.float32]) -> None:
        """Keep what the network says of a picture, doubtful or not: the limits are applied when masks are used.

        Args:
            content: the picture's file.
            probabilities: float32 (height, width), 0..1, of the whole picture; any size.
        """
        _, coded = cv2.imencode(".png", np.rint(probabilities * 255).astype(np.uint8))
        write_bytes(self.path(content), coded.tobytes())

    def find(self, content: bytes) -> NDArray[np.uint8] | None:
        """The mask of a picture, uint8 (height, width), 0 ground, 255 item; None where there is none to rely on."""
        path = self.path(content)
        try:
            coded = path.read_bytes()
        except FileNotFoundError:
            return None
        cover = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_GRAYSCALE) if coded else None
        if cover is None or doubt_about(uint8(cover)):
            return None
        return uint8(cover)


def doubt_about(cover: NDArray[np.uint8]) -> str:
    """Why a mask is not relied on; "" where it is. ``cover``: uint8 (height, width), 255 times the probability."""
    area = float((cover > 127).mean())
    if not ITEM_AREA[0] <= area <= ITEM_AREA[1]:
        return f"covers {100 * area:.1f} % of the picture"
    seen = cover > 255 * GROUND
    doubt = float((seen & (cover < 255 * ITEM)).sum() / seen.sum())
    return f"{100 * doubt:.0f} % of it are in doubt" if doubt > MOST_DOUBT else ""
