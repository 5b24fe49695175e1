"""Sprites for the simulated bin."""

from pathlib import Path

import cv2
import numpy as np

from tests.builders.pictures import save
from tests.builders.values import LABELS


def make_sprites(folder: Path) -> Path:
    """Two things of every label to throw into the simulated bin."""
    for number, label in enumerate(LABELS):
        for copy in range(2):
            sprite = np.zeros((120, 90, 4), np.uint8)
            cv2.ellipse(sprite, (45, 60), (40, 55), 0, 0, 360, (40 * number, 220 - 30 * number, 230 * copy, 255), -1)
            save(folder / label / f"{copy}.png", sprite)
    return folder
