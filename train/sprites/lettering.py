"""Text on printed things: words, brand names, blocks of small print, bar codes. The brands are invented.

All pictures are uint8 RGB, shape (height, width, 3), and are drawn into."""

import cv2
import numpy as np

from train.sprites.colours import Rgb
from train.sprites.materials import Picture

BRANDS = (
    "VELTO",
    "Frisca",
    "nordbru",
    "ALPINA+",
    "Mira",
    "KOLUMA",
    "Sunpop",
    "Bellin",
    "ORBIT",
    "Tavola",
    "zest!",
    "Lumo",
    "Rivella8",
    "Karo",
    "PEPPA",
    "Mandor",
    "Oaky",
    "BRIO",
    "Hafer",
    "Toma",
    "Pura",
    "GUSTO",
    "Nika",
    "Polar",
)


WORDS = [
    "the",
    "market",
    "week",
    "of",
    "report",
    "city",
    "council",
    "water",
    "price",
    "early",
    "train",
    "new",
    "plan",
    "school",
    "river",
    "music",
    "south",
    "energy",
    "garden",
    "bread",
    "house",
    "open",
    "after",
    "night",
    "team",
    "coast",
    "winter",
    "study",
    "found",
    "people",
    "small",
    "first",
    "long",
    "bridge",
    "paper",
    "local",
    "summer",
]


_FONTS = (cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_SIMPLEX)


def write(
    picture: Picture,
    text: str,
    centre: tuple[float, float],
    height: float,
    colour: Rgb,
    font: int = 0,
    bold: float = 0.1,
) -> None:
    """Write text around a centre (x, y as shares of the picture), `height` as share of the picture's height."""
    rows, columns = picture.shape[:2]
    face = _FONTS[font % len(_FONTS)]
    scale = height * rows / 22
    thickness = max(1, round(bold * height * rows))
    (w, h), _ = cv2.getTextSize(text, face, scale, thickness)
    if w > 0.94 * columns:
        scale *= 0.94 * columns / w
        thickness = max(1, round(thickness * 0.94 * columns / w))
        (w, h), _ = cv2.getTextSize(text, face, scale, thickness)
    at = (round(centre[0] * columns - w / 2), round(centre[1] * rows + h / 2))
    cv2.putText(picture, text, at, face, scale, colour, thickness, cv2.LINE_AA)


def barcode(picture: Picture, rng: np.random.Generator, box: tuple[float, float, float, float]) -> None:
    """A bar code on white in the box (left, top, right, bottom as shares)."""
    rows, columns = picture.shape[:2]
    x0, y0, x1, y1 = round(box[0] * columns), round(box[1] * rows), round(box[2] * columns), round(box[3] * rows)
    cv2.rectangle(picture, (x0, y0), (x1, y1), (250, 250, 250), -1)
    x = x0 + 4
    while x < x1 - 5:
        wide = int(rng.integers(1, 4)) * max(1, (x1 - x0) // 90)
        cv2.rectangle(picture, (x, y0 + 4), (min(x + wide - 1, x1 - 4), y1 - 8), (20, 20, 20), -1)
        x += wide + int(rng.integers(1, 4)) * max(1, (x1 - x0) // 90)


def lines(
    picture: Picture, rng: np.random.Generator, box: tuple[float, float, float, float], pitch: float, colour: Rgb
) -> None:
    """A block of small print: words as rows of bars with ragged ends; `pitch` is the line distance as a share."""
    rows, columns = picture.shape[:2]
    x0, x1 = box[0] * columns, box[2] * columns
    y, step = box[1] * rows, pitch * rows
    while y + step < box[3] * rows:
        end = x1 if rng.uniform() > 0.15 else x0 + (x1 - x0) * rng.uniform(0.3, 0.9)
        x = x0
        while x < end:
            w = step * rng.uniform(0.8, 4.0)
            stop = min(x + w, end)
            # Letters: a bar broken up by gaps and uneven heights reads as text when seen small.
            letter = x
            while letter < stop:
                tall = rng.uniform(0.35, 0.75) * step
                cv2.rectangle(
                    picture,
                    (round(letter), round(y + step * 0.8 - tall)),
                    (round(min(letter + 0.22 * step, stop)), round(y + step * 0.8)),
                    colour,
                    -1,
                )
                letter += 0.4 * step
            x = stop + 0.5 * step
        y += step
