"""Texts and colours on pictures for people."""

from collections.abc import Sequence

import cv2
import numpy as np

from hardware.frame import Pixels

Rgb = tuple[int, int, int]

WIDTH_PX = 640
"""Width of films and pictures, in pixels."""

INK, DIM, BACK = (235, 235, 235), (150, 150, 150), (28, 30, 34)
GOOD, CAREFUL, BAD = (90, 200, 110), (240, 180, 40), (225, 70, 60)
"""RGB: text, less important text, the ground below; in its own bin, in the residual bin instead, in a wrong one."""

BANNER_CHARS = 76
"""Characters in a line of a banner: at the usual scale they fill ``WIDTH_PX``."""

LINE_PX = 22
"""Height of a line of text at the usual scale, in pixels."""

BOX_LINE_PX = 2
"""Width of the line around an item, in pixels."""

SCALE = 0.46
"""Usual scale of OpenCV's letters."""

STILL_LEVELS = 2
"""A pixel counts as unchanged while the mean of its neighbourhood differs by less, in grey levels: six times what noise does
to that mean."""

CHANGED_LEVELS = 14
"""A pixel that differs by more has changed whatever its neighbourhood, in grey levels: seven times the simulated noise."""

EIGHTHS = 3
"""Binary places of a mean."""

NEIGHBOURHOOD_PX = 9
"""Side of that neighbourhood, in pixels."""


def draw_text(picture: Pixels, text: str, at: tuple[int, int], *, colour: Rgb, scale: float = SCALE) -> None:
    """Write a text, in place; ``at``: its lower left corner, in pixels."""
    plain = text.encode("ascii", "replace").decode()  # OpenCV's letters are ASCII
    cv2.putText(picture, plain, at, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, 1, cv2.LINE_AA)


def draw_banner(picture: Pixels, text: str, top: int, colour: Rgb) -> int:
    """Write a text on a coloured ground from a row on, in place. Returns the row below it."""
    lines = wrap(text, BANNER_CHARS)
    below = top + LINE_PX * len(lines) + 4
    cv2.rectangle(picture, (0, top), (picture.shape[1], below - 1), colour, -1)
    for number, line in enumerate(lines):
        draw_text(picture, line, (10, top + 17 + LINE_PX * number), colour=INK)
    return below


def draw_box(picture: Pixels, box: tuple[int, ...], texts: Sequence[str], colour: Rgb, *, boxed: bool) -> None:
    """Draw a rectangle with lines of text on a dark ground, in place.

    Args:
        picture: RGB uint8 (height, width, 3).
        box: (left, top, right, bottom), in pixels.
        texts: the lines; above the rectangle, or inside it where it reaches the top.
        colour: of the rectangle and of its first line.
        boxed: False leaves the rectangle out, and keeps the text where it was.
    """
    left, top, right, bottom = box
    if boxed:
        cv2.rectangle(picture, (left, top), (right - 1, bottom - 1), colour, BOX_LINE_PX)
    height = LINE_PX * len(texts) + 2
    width = max(cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, SCALE, 1)[0][0] for text in texts) + 12
    x = max(min(left, picture.shape[1] - width), 0)
    y = max(top - height, 0)
    cv2.rectangle(picture, (x, y), (x + width, y + height - 1), BACK, -1)
    for number, text in enumerate(texts):
        draw_text(picture, text, (x + 6, y + 17 + LINE_PX * number), colour=INK if number else colour)


def without_noise(pixels: Pixels, shown: Pixels | None) -> Pixels:
    """A camera's picture, in which what has not changed since the last one that was shown stays as it was there.

    The sensor's noise differs from frame to frame, and is most of what a film would have to keep.

    Args:
        pixels: RGB uint8 (height, width, 3).
        shown: what was shown last, of the same shape; None: nothing.
    """
    if shown is None or shown.shape != pixels.shape:
        return pixels
    # In whole numbers, of eighths of a level for the means: in floats this took longer than the whole encoding.
    apart = np.left_shift(cv2.subtract(pixels, shown, dtype=cv2.CV_16S), EIGHTHS)
    means = cv2.convertScaleAbs(cv2.blur(apart, (NEIGHBOURHOOD_PX, NEIGHBOURHOOD_PX)))
    changed = cv2.max(
        cv2.threshold(means, (STILL_LEVELS << EIGHTHS) - 1, 255, cv2.THRESH_BINARY)[1],
        cv2.threshold(cv2.absdiff(pixels, shown), CHANGED_LEVELS - 1, 255, cv2.THRESH_BINARY)[1],
    )
    red, green, blue = cv2.split(changed)
    kept: Pixels = cv2.copyTo(pixels, cv2.max(cv2.max(red, green), blue), shown.copy())
    return kept


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of fewer than ``width`` characters, where its words allow it."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
