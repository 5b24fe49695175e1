"""Pictures that packages and pages carry: photographs, fruit, wavy bands. uint8 RGB, shape (height, width, 3)."""

import cv2
import numpy as np

from train.sprites.colours import Rgb, rgb
from train.sprites.materials import Picture
from train.sprites.textures import clouds, toned


def photo(rng: np.random.Generator, height: int, width: int, grey: bool = False) -> Picture:
    """An imitation of a printed photograph: sky, ground, ellipses in harmonious colours."""
    hue = float(rng.uniform())
    top, low = rgb(hue, 0.35, 0.9), rgb(hue + rng.uniform(0.2, 0.5), 0.5, 0.45)
    ramp = np.clip(np.linspace(-0.3, 1.3, height)[:, None] + 0.15 * clouds(rng, height, width, 3, 2), 0, 1)[..., None]
    made = (np.array(top) * (1 - ramp) + np.array(low) * ramp).astype(np.uint8)
    for _ in range(int(rng.integers(3, 8))):
        centre = (int(rng.integers(0, width)), int(rng.integers(height // 4, height)))
        axes = (int(rng.integers(width // 14, width // 4)), int(rng.integers(height // 10, height // 3)))
        colour = rgb(hue + rng.normal(0, 0.2), float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.2, 0.95)))
        cv2.ellipse(made, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
    made = toned(cv2.GaussianBlur(made, (0, 0), max(1, width / 150)), 1 + 0.1 * clouds(rng, height, width, 5, 6))
    return np.repeat(made.mean(axis=2, keepdims=True), 3, 2).astype(np.uint8) if grey else made


def fruit(picture: Picture, rng: np.random.Generator, centre: tuple[float, float], radius: float) -> None:
    """Shaded round fruits with a leaf; centre as shares, radius as share of the height."""
    rows, columns = picture.shape[:2]
    hue = float(rng.choice([0.0, 0.03, 0.08, 0.13, 0.28, 0.8, 0.95]))
    for _ in range(int(rng.integers(2, 5))):
        r = radius * rows * rng.uniform(0.6, 1.0)
        x = centre[0] * columns + rng.normal(0, 0.6) * r
        y = centre[1] * rows + rng.normal(0, 0.5) * r
        for k in range(8):
            shade = rgb(hue, 0.95 - 0.08 * k, 0.55 + 0.055 * k)
            at = (round(x - 0.25 * r * k / 8), round(y - 0.3 * r * k / 8))
            cv2.circle(picture, at, max(1, round(r * (1 - k / 9))), shade, -1, cv2.LINE_AA)
        cv2.ellipse(
            picture,
            (round(x + r * 0.4), round(y - r)),
            (max(1, round(r * 0.6)), max(1, round(r * 0.22))),
            -30,
            0,
            360,
            (60, 140, 50),
            -1,
            cv2.LINE_AA,
        )


def swoosh(picture: Picture, rng: np.random.Generator, colour: Rgb) -> None:
    """A wavy band across the picture."""
    rows, columns = picture.shape[:2]
    x = np.arange(columns)
    mid = rows * (
        rng.uniform(0.3, 0.8) + 0.12 * np.sin(x / columns * 2 * np.pi * int(rng.integers(1, 3)) + rng.uniform(0, 6))
    )
    half = rows * rng.uniform(0.04, 0.14) * (1.2 + np.sin(x / columns * 2 * np.pi + rng.uniform(0, 6)))
    outline = np.concatenate([np.stack([x, mid - half], 1), np.stack([x, mid + half], 1)[::-1]]).astype(np.int32)
    cv2.fillPoly(picture, [outline], colour, cv2.LINE_AA)
