"""What the light on the tray is like: how bright, how even, how steady, and where it blinds the camera."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels

DARK, BRIGHT = 60.0, 225.0
"""Mean grey levels (0..255) of a tray that is too dark, and too bright, to tell items on it from it."""

CLIPPED, BLACK = 250, 5
"""Grey levels in every channel from which on, and up to which, the picture shows nothing any more."""

BLIND_SHARE = 0.002
"""Share of the tray that may be so."""

UNEVEN = 0.6
"""Darkest part of the tray, as a share of the brightest, below which the light is uneven."""

FLICKER = 0.01
"""Scatter of the brightness from picture to picture, as a share, from which on the light flickers."""

PARTS = (8, 6)
"""Columns and rows in which the tray's evenness is measured."""

BANDS = 24
"""Bands of rows in which flicker is looked for: in a rolling shutter it wanders through the picture as stripes."""

Box = tuple[float, float, float, float]
"""(left, top, right, bottom) as shares of the tray, 0..1."""


@dataclass(frozen=True, slots=True)
class LightMeasurement:
    """The light on an empty tray.

    Attributes:
        mean: mean grey level, 0..255.
        glare: where the picture is white and shows nothing.
        black: where it is black and shows nothing.
        clipped_share: share of the tray that is white, 0..1.
        black_share: share of the tray that is black, 0..1.
        evenness: brightness of the darkest part as a share of the brightest, 0..1.
        darkest: where that part is.
        flicker: scatter of the brightness from picture to picture, as a share.
    """

    mean: float
    glare: tuple[Box, ...]
    black: tuple[Box, ...]
    clipped_share: float
    black_share: float
    evenness: float
    darkest: Box
    flicker: float

    def complaints(self) -> Iterator[str]:
        """What is wrong with it, in plain words and with what to do; nothing where all is well."""
        if self.mean < DARK:
            yield f"too dark (mean {self.mean:.0f} of 255, at least {DARK:.0f}): more light, or a longer exposure"
        if self.mean > BRIGHT:
            yield f"too bright (mean {self.mean:.0f} of 255, at most {BRIGHT:.0f}): less light, or a shorter exposure"
        if self.clipped_share > BLIND_SHARE:
            yield (
                f"glare: {self.clipped_share:.1%} of the tray is plain white; move the lamp aside, or put paper before it"
            )
        if self.black_share > BLIND_SHARE:
            yield f"black: {self.black_share:.1%} of the tray is plain black; something is in the way of the light"
        if self.evenness < UNEVEN and self.mean >= DARK:
            yield (
                f"uneven: the darkest part gets {self.evenness:.0%} of the light of the brightest (at least {UNEVEN:.0%}); "
                "a second lamp, or one further away"
            )
        if self.flicker > FLICKER:
            yield (
                f"flicker: {self.flicker:.1%} from picture to picture (at most {FLICKER:.0%}); a lamp on direct current, "
                "no daylight, and a fixed exposure"
            )


def measure_light(trays: Sequence[Pixels]) -> LightMeasurement:
    """From at least three pictures of an empty, still tray.

    Args:
        trays: RGB uint8 (height, width, 3), all of the same size.
    """
    mean: NDArray[np.float32] = np.mean(trays, axis=0, dtype=np.float32)
    grey = cv2.cvtColor(mean, cv2.COLOR_RGB2GRAY)
    white = (mean.min(axis=2) >= CLIPPED).astype(np.uint8)
    black = (mean.max(axis=2) <= BLACK).astype(np.uint8)
    evenness, darkest = _evenness(grey)
    return LightMeasurement(
        mean=float(grey.mean()),
        glare=tuple(_boxes(white)),
        black=tuple(_boxes(black)),
        clipped_share=float(white.mean()),
        black_share=float(black.mean()),
        evenness=evenness,
        darkest=darkest,
        flicker=_flicker(trays),
    )


def _evenness(grey: NDArray[np.float32]) -> tuple[float, Box]:
    columns, rows = PARTS
    parts = [
        [float(np.median(block)) for block in np.array_split(band, columns, axis=1)]
        for band in np.array_split(grey, rows, axis=0)
    ]
    levels = np.array(parts)
    row, column = np.unravel_index(int(levels.argmin()), levels.shape)
    box = (column / columns, row / rows, (column + 1) / columns, (row + 1) / rows)
    return float(levels.min() / max(levels.max(), 1.0)), tuple(float(share) for share in box)  # type: ignore[return-value]


def _flicker(trays: Sequence[Pixels]) -> float:
    """Scatter of the bands' brightness over the pictures; what rises or falls all the time is the day, no flicker."""
    bands = np.array(
        [[band.mean() for band in np.array_split(tray, min(BANDS, len(tray)), axis=0)] for tray in trays], np.float64
    )
    relative = bands / np.maximum(bands.mean(axis=0), 1.0)
    time = np.linspace(-1, 1, len(trays))
    trend = np.stack([np.ones_like(time), time], axis=1)
    fitted = trend @ np.linalg.lstsq(trend, relative, rcond=None)[0]
    return float(np.sqrt(((relative - fitted) ** 2).mean()))


def _boxes(cover: NDArray[np.uint8]) -> Iterator[Box]:
    """Around every patch that is worth showing."""
    height, width = cover.shape
    joined = cv2.dilate(cover, np.ones((5, 5), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    for left, top, box_width, box_height, area in stats[1:count].tolist():
        if area >= BLIND_SHARE / 4 * cover.size:
            yield left / width, top / height, (left + box_width) / width, (top + box_height) / height
