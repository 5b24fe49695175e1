"""Pictures with marks drawn into them, for the user to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from edge.calibrate.config_writer import write_atomic
from edge.errors import UnavailableError
from hardware.frame import Pixels

GREEN, RED, BLUE, WHITE = (0, 200, 0), (230, 0, 0), (0, 90, 230), (255, 255, 255)

THIN_SIDE = 240
"""Shorter side of a picture, in pixels, in which a line is one pixel wide; wider in proportion above."""

TEXT_SIDE, MIN_TEXT_SCALE = 800, 0.2
"""The font scale grows by 1 per this many pixels of the shorter side, from this smallest one, which is just readable."""

FONT, LINE_HEIGHT = cv2.FONT_HERSHEY_SIMPLEX, 30
"""The font of all texts, and the height of its lines at font scale 1, in pixels."""

SCALE_STEPS = 10
"""Parts into which a scale divides a side of the picture."""

SCALE_TEXT = 0.6
"""Size of a scale's numbers, as a share of that of other texts."""

TICK = 0.015
"""Length of a scale's marks, as a share of the picture's shorter side."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle with a label.

    Attributes:
        box: (left, top, right, bottom) as shares of the picture, 0..1.
        text: label in its lower right corner, clear of the scales.
        colour: RGB, 0..255.
    """

    box: tuple[float, float, float, float]
    text: str
    colour: tuple[int, int, int] = GREEN


def annotated(pixels: Pixels, marks: Sequence[Mark]) -> Pixels:
    """Copy of a picture with the marks drawn into it; RGB uint8 (height, width, 3)."""
    height, width = pixels.shape[:2]
    out: Pixels = pixels.copy()
    thick = max(round(min(width, height) / THIN_SIDE), 1)
    for mark in marks:
        left, top = round(mark.box[0] * (width - 1)), round(mark.box[1] * (height - 1))
        right, bottom = round(mark.box[2] * (width - 1)), round(mark.box[3] * (height - 1))
        cv2.rectangle(out, (left, top), (right, bottom), mark.colour, thick)
        wide = _width_of(mark.text, out)
        at = (max(min(right, width) - wide - 4 * thick, 4 * thick), max(bottom - 8 * thick, _line_height(out)))
        _write(out, mark.text, at, mark.colour)
    return out


def with_scales(pixels: Pixels) -> Pixels:
    """Copy of a picture with scales along its upper and its left side, from 0 to 1; RGB uint8 (height, width, 3)."""
    height, width = pixels.shape[:2]
    out: Pixels = pixels.copy()
    thick = max(round(min(width, height) / THIN_SIDE), 1)
    tick = round(TICK * min(width, height))
    for number in range(1, SCALE_STEPS):
        share = number / SCALE_STEPS
        x, y = round(share * (width - 1)), round(share * (height - 1))
        for begin, end in (((x, 0), (x, tick)), ((0, y), (tick, y))):
            cv2.line(out, begin, end, (0, 0, 0), 3 * thick)
            cv2.line(out, begin, end, WHITE, thick)
        for at in ((x - 2 * tick, 3 * tick), (tick + 4 * thick, y + tick)):
            _write(out, f"{share:g}", at, WHITE, size=SCALE_TEXT)
    return out


def _write(out: Pixels, text: str, at: tuple[int, int], colour: tuple[int, int, int], *, size: float = 1) -> None:
    """Write a text, in place, with a dark outline that makes it readable on any background.

    Args:
        at: its lower left corner, in pixels.
        size: height as a share of the usual one.
    """
    side = min(out.shape[:2])
    scale, thick = size * _scale(out), max(round(size * side / THIN_SIDE), 1)
    cv2.putText(out, text, at, FONT, scale, (0, 0, 0), 3 * thick, cv2.LINE_AA)
    cv2.putText(out, text, at, FONT, scale, colour, thick, cv2.LINE_AA)


def _scale(pixels: Pixels) -> float:
    """Font scale of the usual text."""
    return float(min(pixels.shape[:2]) / TEXT_SIDE + MIN_TEXT_SCALE)


def _line_height(pixels: Pixels) -> int:
    return round(LINE_HEIGHT * _scale(pixels))


def _width_of(text: str, pixels: Pixels) -> int:
    """Width of the usual text, in pixels."""
    thick = max(round(min(pixels.shape[:2]) / THIN_SIDE), 1)
    return int(cv2.getTextSize(text, FONT, _scale(pixels), thick)[0][0])


def write_picture(path: Path, content: bytes) -> None:
    """Write an encoded picture to a file atomically.

    Raises:
        UnavailableError: the file cannot be written.
    """
    try:
        write_atomic(path, content)
    except OSError as error:
        raise UnavailableError(f"{path}: the picture cannot be written: {error}") from error


def encoded(pixels: Pixels, suffix: str) -> bytes:
    """Encode RGB uint8 (height, width, 3) as the content of a ``.jpg`` or ``.png`` file.

    Raises:
        UnavailableError: OpenCV was built without this format.
    """
    ok, content = cv2.imencode(suffix, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    if not ok:
        raise UnavailableError(f"this build of OpenCV cannot write {suffix} pictures")
    return bytes(content.tobytes())
