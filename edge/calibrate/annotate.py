"""Pictures with marks in them, written where somebody can look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from edge.calibrate.config_writer import write_atomic
from edge.errors import UnavailableError
from hardware.frame import Pixels

GREEN, RED, BLUE = (0, 200, 0), (230, 0, 0), (0, 90, 230)


@dataclass(frozen=True, slots=True)
class Mark:
    """A frame drawn into a picture.

    Attributes:
        box: (left, top, right, bottom) as shares of the picture, 0..1.
        text: stands in its upper left corner.
        colour: RGB.
    """

    box: tuple[float, float, float, float]
    text: str
    colour: tuple[int, int, int] = GREEN


def annotated(pixels: Pixels, marks: Sequence[Mark]) -> Pixels:
    """The picture with the marks in it. RGB uint8 (height, width, 3) in and out."""
    height, width = pixels.shape[:2]
    out: Pixels = pixels.copy()
    thick = max(round(min(width, height) / 240), 1)
    for mark in marks:
        left, top = round(mark.box[0] * (width - 1)), round(mark.box[1] * (height - 1))
        right, bottom = round(mark.box[2] * (width - 1)), round(mark.box[3] * (height - 1))
        cv2.rectangle(out, (left, top), (right, bottom), mark.colour, thick)
        scale = min(width, height) / 800 + 0.2
        line = round(30 * scale)
        at = (left + 2 * thick, min(top + line, height - thick))
        # Dark below light: it can be read on any ground.
        cv2.putText(out, mark.text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (0, 0, 0), 3 * thick, cv2.LINE_AA)
        cv2.putText(out, mark.text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, mark.colour, thick, cv2.LINE_AA)
    return out


def write_picture(path: Path, pixels: Pixels) -> None:
    """Write a JPEG or PNG, whole or not at all. Raises UnavailableError when it cannot be written."""
    content = encoded(pixels, path.suffix)
    try:
        write_atomic(path, content)
    except OSError as error:
        raise UnavailableError(f"{path}: this picture cannot be written: {error}") from error


def encoded(pixels: Pixels, suffix: str) -> bytes:
    """RGB uint8 (height, width, 3) as the content of a ``.jpg`` or ``.png`` file."""
    ok, content = cv2.imencode(suffix, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    if not ok:
        raise UnavailableError(f"OpenCV cannot write {suffix} pictures here")
    return bytes(content.tobytes())
