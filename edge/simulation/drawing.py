"""Texts and colours on pictures for people."""

import cv2

from hardware.frame import Pixels

Rgb = tuple[int, int, int]

WIDTH_PX = 640
"""Width of films and pictures, in pixels."""

INK, DIM, GOOD, BAD, BACK = (235, 235, 235), (150, 150, 150), (90, 200, 110), (225, 70, 60), (28, 30, 34)
"""RGB."""

BANNER_CHARS = 76
"""Characters in a line of a banner: at the usual scale they fill ``WIDTH_PX``."""

LINE_PX = 22
"""Height of a line of text at the usual scale, in pixels."""

SCALE = 0.46
"""Usual scale of OpenCV's letters."""


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


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of fewer than ``width`` characters, where its words allow it."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
