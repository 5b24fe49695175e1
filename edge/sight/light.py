"""Measures the illumination of the tray: brightness, evenness, flicker, and saturated areas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.quantile import median
from hardware.frame import Pixels

DARK, BRIGHT = 60.0, 225.0
"""Mean grey levels (0..255) of the tray below and above which items can no longer be separated from it."""

CLIPPED, BLACK = 250, 5
"""Grey levels (0..255): a pixel is clipped from CLIPPED on in every channel, and black up to BLACK in every channel."""

MAX_SATURATED_SHARE = 0.002
"""Largest acceptable fraction of clipped pixels, and of black pixels."""

MIN_EVENNESS = 0.6
"""Smallest acceptable brightness of the darkest part of the tray, as a fraction of the brightest."""

MAX_FLICKER = 0.01
"""Largest acceptable standard deviation of the brightness between images, as a fraction of its mean."""

GRID = (8, 6)
"""Columns and rows of the grid on which evenness is measured."""

BANDS = 24
"""Number of horizontal bands in which flicker is measured: a rolling shutter turns it into moving stripes."""

Box = tuple[float, float, float, float]
"""(left, top, right, bottom) as fractions of the tray, 0..1."""

MIN_BOX_SHARE = MAX_SATURATED_SHARE / 4
"""Smallest saturated area that gets a box, as a fraction of the tray: a quarter of what is acceptable in all."""


@dataclass(frozen=True, slots=True)
class LightMeasurement:
    """The illumination of an empty tray.

    Attributes:
        mean: mean grey level, 0..255.
        glare: boxes around the clipped areas.
        black: boxes around the black areas.
        clipped_share: fraction of the tray that is clipped, 0..1.
        black_share: fraction of the tray that is black, 0..1.
        evenness: brightness of the darkest part as a fraction of the brightest, 0..1.
        darkest: box of the darkest part.
        flicker: standard deviation of the brightness between images, as a fraction of its mean.
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
        """The problems for the operator, each with a remedy; none if the illumination is acceptable."""
        if self.mean < DARK:
            yield f"too dark (mean {self.mean:.0f} of 255, at least {DARK:.0f}): more light, or a longer exposure"
        if self.mean > BRIGHT:
            yield f"too bright (mean {self.mean:.0f} of 255, at most {BRIGHT:.0f}): less light, or a shorter exposure"
        if self.clipped_share > MAX_SATURATED_SHARE:
            yield (
                f"glare: {self.clipped_share:.1%} of the tray is plain white; move the lamp aside, or put paper before it"
            )
        if self.black_share > MAX_SATURATED_SHARE:
            yield f"black: {self.black_share:.1%} of the tray is plain black; something is in the way of the light"
        if self.evenness < MIN_EVENNESS and self.mean >= DARK:
            yield (
                f"uneven: the darkest part gets {self.evenness:.0%} of the light of the brightest (at least {MIN_EVENNESS:.0%}); "
                "a second lamp, or one further away"
            )
        if self.flicker > MAX_FLICKER:
            yield (
                f"flicker: {self.flicker:.1%} from picture to picture (at most {MAX_FLICKER:.0%}); a lamp on direct current, "
                "no daylight, and a fixed exposure"
            )


def measure_light(trays: Sequence[Pixels]) -> LightMeasurement:
    """Measure the illumination from images of an empty, still tray.

    Args:
        trays: at least three images, RGB uint8 (height, width, 3), all of the same shape.
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
    """Brightness of the darkest part as a fraction of the brightest, and the box of the darkest part."""
    columns, rows = GRID
    medians = [
        [median(block) for block in np.array_split(band, columns, axis=1)]
        for band in np.array_split(grey, rows, axis=0)
    ]
    levels = np.array(medians)
    row, column = np.unravel_index(int(levels.argmin()), levels.shape)
    box = (column / columns, row / rows, (column + 1) / columns, (row + 1) / rows)
    return float(levels.min() / max(levels.max(), 1.0)), tuple(float(edge) for edge in box)  # type: ignore[return-value]


def _flicker(trays: Sequence[Pixels]) -> float:
    """Relative standard deviation of the bands' brightness between images. A linear trend is removed: daylight, no flicker."""
    bands = np.array(
        [[band.mean() for band in np.array_split(tray, min(BANDS, len(tray)), axis=0)] for tray in trays], np.float64
    )
    relative = bands / np.maximum(bands.mean(axis=0), 1.0)
    time = np.linspace(-1, 1, len(trays))
    trend = np.stack([np.ones_like(time), time], axis=1)
    fitted = trend @ np.linalg.lstsq(trend, relative, rcond=None)[0]
    return float(np.sqrt(((relative - fitted) ** 2).mean()))


def _boxes(mask: NDArray[np.uint8]) -> Iterator[Box]:
    """Boxes around the connected areas that are large enough to show."""
    height, width = mask.shape
    joined = cv2.dilate(mask, np.ones((5, 5), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    for left, top, box_width, box_height, area in stats[1:count].tolist():
        if area >= MIN_BOX_SHARE * mask.size:
            yield left / width, top / height, (left + box_width) / width, (top + box_height) / height
