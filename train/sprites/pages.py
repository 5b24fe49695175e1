"""Printed and written pages: newspapers, letters, magazines. uint8 RGB, shape (height, width, 3)."""

import cv2
import numpy as np

from train.sprites.colours import vivid
from train.sprites.lettering import BRANDS, WORDS, lines, write
from train.sprites.materials import Picture
from train.sprites.motifs import photo
from train.sprites.textures import plain


def newspaper(rng: np.random.Generator, height: int = 1024, width: int = 768) -> Picture:
    """A newspaper page: masthead, headlines, columns, grey photographs."""
    made = plain(height, width, (222, 216, 202))
    ink = (52, 50, 48)
    y = 0.02
    if rng.uniform() < 0.6:
        write(
            made,
            f"The {str(rng.choice(WORDS)).title()} {rng.choice(['Post', 'Times', 'Herald'])!s}",
            (0.5, 0.055),
            0.055,
            ink,
            1,
            0.06,
        )
        cv2.line(made, (20, round(0.098 * height)), (width - 20, round(0.098 * height)), ink, 3)
        y = 0.11
    columns = int(rng.integers(3, 6))
    while y < 0.95:
        tall = float(rng.uniform(0.16, 0.3))
        write(
            made,
            " ".join(rng.choice(WORDS, 4)).capitalize(),
            (0.5, y + 0.025),
            float(rng.uniform(0.03, 0.05)),
            ink,
            1,
            0.08,
        )
        picture = int(rng.integers(0, columns)) if rng.uniform() < 0.8 else -1
        for c in range(columns):
            left, right = 0.03 + 0.94 * c / columns, 0.03 + 0.94 * (c + 1) / columns - 0.015
            top = y + 0.055
            if c == picture:
                w, h = round((right - left) * width), round(0.55 * tall * height)
                x0, y0 = round(left * width), round(top * height)
                part = photo(rng, h, w, grey=bool(rng.uniform() < 0.6))
                made[y0 : y0 + h, x0 : x0 + w] = part[: max(0, height - y0)]
                top += 0.57 * tall
            lines(made, rng, (left, top, right, min(y + tall, 0.98)), 0.0095, (88, 86, 84))
        y += tall + 0.015
    return made


def letter(rng: np.random.Generator, height: int = 768, width: int = 544) -> Picture:
    """A printed letter or a ruled, handwritten page on white paper."""
    made = plain(height, width, (240, 240, 236))
    if rng.uniform() < 0.6:
        cv2.rectangle(
            made, (round(0.1 * width), round(0.05 * height)), (round(0.32 * width), round(0.1 * height)), vivid(rng), -1
        )
        lines(made, rng, (0.1, 0.14, 0.4, 0.22), 0.018, (60, 60, 66))
        lines(made, rng, (0.1, 0.28, 0.9, 0.6), 0.018, (60, 60, 66))
        if rng.uniform() < 0.5:
            for k in range(6):
                cv2.line(
                    made,
                    (round(0.1 * width), round((0.64 + 0.03 * k) * height)),
                    (round(0.9 * width), round((0.64 + 0.03 * k) * height)),
                    (120, 120, 120),
                    1,
                )
            lines(made, rng, (0.12, 0.64, 0.85, 0.79), 0.03, (80, 80, 86))
        else:
            lines(made, rng, (0.1, 0.63, 0.9, 0.8), 0.018, (60, 60, 66))
    else:
        for k in range(5, 46):
            cv2.line(made, (0, round(k / 47 * height)), (width, round(k / 47 * height)), (170, 195, 225), 1)
        cv2.line(made, (round(0.12 * width), 0), (round(0.12 * width), height), (225, 120, 120), 1)
        ink = (40, 50, 130)
        for k in range(6, int(rng.integers(20, 44))):
            x = np.arange(round(0.15 * width), round(rng.uniform(0.6, 0.95) * width), 1)
            y = k / 47 * height - 4 + 3.2 * np.sin(x * 0.9 + rng.uniform(0, 6)) * np.sin(x * 0.13 + rng.uniform(0, 6))
            keep = np.sin(x * rng.uniform(0.08, 0.14)) > -0.8
            for a, b, c, d, on in zip(x[:-1], y[:-1], x[1:], y[1:], keep[1:], strict=True):
                if on:
                    cv2.line(made, (int(a), round(b)), (int(c), round(d)), ink, 1, cv2.LINE_AA)
    return made


def magazine(rng: np.random.Generator, height: int = 800, width: int = 600) -> Picture:
    """A colourful magazine page or cover."""
    made = photo(rng, height, width) if rng.uniform() < 0.6 else plain(height, width, (246, 246, 244))
    ink = vivid(rng)
    if made[0, 0].sum() > 700:
        made[round(0.06 * height) : round(0.5 * height), round(0.06 * width) : round(0.94 * width)] = photo(
            rng, round(0.5 * height) - round(0.06 * height), round(0.94 * width) - round(0.06 * width)
        )
        write(made, " ".join(rng.choice(WORDS, 2)).title(), (0.5, 0.56), 0.06, ink, 1)
        for c in range(3):
            lines(made, rng, (0.06 + 0.3 * c, 0.62, 0.33 + 0.3 * c, 0.95), 0.0125, (60, 60, 60))
    else:
        write(made, str(rng.choice(BRANDS)).upper(), (0.5, 0.1), 0.13, (255, 255, 255), 1)
        for k in range(4):
            write(made, " ".join(rng.choice(WORDS, 2)), (0.3, 0.45 + 0.12 * k), 0.045, (255, 255, 255), 0)
            lines(made, rng, (0.08, 0.48 + 0.12 * k, 0.5, 0.53 + 0.12 * k), 0.018, (245, 245, 230))
    return made
