"""Out-of-distribution pictures, which the model should reject as unknown: drawn, or from folders."""

import logging
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from edge.errors import PictureError, SorterError
from edge.sight.picture import find_pictures, read_picture
from hardware.frame import Pixels
from train.errors import DataError
from train.views.augment import composite, shadow
from train.views.backgrounds import plain_background

log = logging.getLogger("convert")

DRAWN = 60
"""Number of pictures of each drawn kind: 30 to choose the score on and 30 to report on."""
SIDE = 320
"""Side of a drawn picture, in pixels."""
SKIN = np.array([(238, 205, 180), (224, 172, 138), (176, 118, 82), (96, 62, 46)], np.float32)
"""Skin tones, RGB 0..255, light to dark; a hand's tone is interpolated between two neighbours."""


OodPicture = Pixels | Path
"""A drawn picture, RGB uint8, or the file of one."""


def collect_ood_pictures(folders: Sequence[Path], *, seed: int = 0) -> dict[str, list[OodPicture]]:
    """Collect pictures by kind: drawn empty trays, drawn hands, and one kind for each folder.

    Args:
        folders: of pictures, searched recursively.
        seed: of the drawn pictures.

    Raises:
        DataError: a folder is missing, or holds fewer than two pictures.
    """
    files: dict[str, list[OodPicture]] = {str(folder): [*_files(folder)] for folder in folders}
    random = np.random.default_rng((seed, 99))
    return {
        "drawn empty trays": [plain_background(random, SIDE, float(random.uniform(0, 5))) for _ in range(DRAWN)],
        "drawn hands": [draw_hand(random) for _ in range(DRAWN)],
        **files,
    }


def read_ood_picture(picture: OodPicture) -> Pixels | None:
    """RGB uint8 (height, width, 3); None for a file that cannot be read."""
    if not isinstance(picture, Path):
        return picture
    try:
        return read_picture(picture)
    except PictureError as error:
        log.warning("left out, cannot be read: %s", error)
        return None


def draw_hand(random: np.random.Generator, side: int = SIDE) -> Pixels:
    """A hand and forearm reaching in from the border over a plain background. RGB uint8 (side, side, 3)."""
    cover = np.zeros((side, side), np.uint8)
    palm = random.uniform(0.4, 0.6, 2) * side
    back = float(random.uniform(0, 2 * np.pi))
    size = float(random.uniform(0.8, 1.3)) * side

    def limb(angle: float, length: float, width: float) -> None:
        end = palm + length * size * np.array([np.cos(angle), np.sin(angle)])
        cv2.line(cover, _point(palm), _point(end), 255, max(1, round(width * size)), cv2.LINE_AA)

    limb(back, 1.5, 0.16)
    cv2.circle(cover, _point(palm), round(0.11 * size), 255, cv2.FILLED, cv2.LINE_AA)
    spread = float(random.uniform(0.1, 0.3))
    for number in range(4):
        limb(back + np.pi + (number - 1.5) * spread, float(random.uniform(0.22, 0.30)), 0.05)
    limb(back + np.pi + float(random.choice([-1, 1])) * 1.1, 0.20, 0.055)

    place = float(random.uniform(0, len(SKIN) - 1.001))
    tone = SKIN[int(place)] + (place % 1) * (SKIN[int(place) + 1] - SKIN[int(place)])
    # Rounded: darker towards the edge, as limbs are.
    shade = 0.6 + 0.4 * cv2.GaussianBlur(cover, (0, 0), 0.03 * side).astype(np.float32) / 255
    skin = shade[..., np.newaxis] * tone + random.normal(0, 3, (side, side, 1))
    ground = plain_background(random, side, float(random.uniform(0, 5)))
    return composite(np.clip(skin, 0, 255).astype(np.uint8), cover, shadow(ground, cover, random))


def _point(place: np.ndarray) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))


def _files(folder: Path) -> list[Path]:
    try:
        files = find_pictures(folder)
    except SorterError as error:
        raise DataError(f"--unknown {error}") from error
    if len(files) < 2:
        raise DataError(
            f"--unknown {folder}: at least 2 pictures are needed, one to choose the score on and one to report on"
        )
    return files
