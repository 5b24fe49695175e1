"""Prints of cans, bottles, cartons and wrappers. uint8 RGB, shape (height, width, 3)."""

import cv2
import numpy as np

from train.sprites.colours import Rgb, palette, rgb, vivid
from train.sprites.lettering import BRANDS, WORDS, barcode, lines, write
from train.sprites.materials import Picture
from train.sprites.motifs import fruit, photo, swoosh
from train.sprites.textures import plain, smudged, toned


def wrap(rng: np.random.Generator, height: int = 512, width: int = 1024, pale: bool = False) -> Picture:
    """A print that goes around a can, bottle or cup: ground, swoosh, brand twice, fruits, small print, bar code."""
    ground, second, accent = palette(rng)
    if pale:
        ground = rgb(float(rng.uniform()), float(rng.uniform(0.0, 0.12)), 0.95)
        accent = (255, 255, 255)
    elif rng.uniform() < 0.2:
        ground = (225, 226, 228) if rng.uniform() < 0.5 else (28, 28, 32)
    dark_ground = sum(ground) < 480
    ink: Rgb = ((250, 250, 250) if rng.uniform() < 0.8 else (250, 225, 60)) if dark_ground else vivid(rng)
    made = toned(
        plain(height, width, ground), np.linspace(rng.uniform(0.75, 1.0), 1.0, height)[:, None] * np.ones((1, width))
    )
    for _ in range(int(rng.integers(1, 3))):
        swoosh(made, rng, second)
    if rng.uniform() < 0.6:
        swoosh(made, rng, accent)
    brand, font = str(rng.choice(BRANDS)), int(rng.integers(0, 4))
    tall, at = float(rng.uniform(0.13, 0.19)), float(rng.uniform(0.25, 0.42))
    badge, fruits = bool(rng.uniform() < 0.6), bool(rng.uniform() < 0.6)
    for side in (0.25, 0.75):
        left = round((side - 0.19) * width)
        half = made[:, left : round((side + 0.19) * width)]
        if badge:
            colour = second if dark_ground and not pale else (255, 255, 255)
            cv2.ellipse(
                half,
                (half.shape[1] // 2, round((at + 0.03) * height)),
                (round(0.49 * half.shape[1]), round(tall * 1.15 * height)),
                0,
                0,
                360,
                colour,
                -1,
                cv2.LINE_AA,
            )
        write(half, brand, (0.5, at), tall, ink, font, 0.13)
        write(half, str(rng.choice(WORDS)).upper(), (0.5, at + tall * 0.95), tall * 0.35, ink, font + 1)
        if fruits:
            fruit(half, rng, (float(rng.uniform(0.35, 0.65)), 0.78), 0.09)
        else:
            lines(half, rng, (0.2, 0.72, 0.8, 0.84), 0.03, ink)
    barcode(made, rng, (0.455, 0.62, 0.545, 0.9))
    lines(made, rng, (0.955, 0.2, 0.995, 0.9), 0.022, ink)
    lines(made, rng, (0.005, 0.2, 0.045, 0.9), 0.022, ink)
    return smudged(made, rng, 0.02)


def panel(rng: np.random.Generator, ground: Rgb, brand: str, height: int = 512, width: int = 384) -> Picture:
    """One face of a printed carton or wrapper."""
    made = plain(height, width, ground)
    for _ in range(int(rng.integers(1, 3))):
        swoosh(made, rng, vivid(rng))
    if rng.uniform() < 0.5:
        part = photo(rng, height // 3, width)
        made[height - height // 3 :] = part
    else:
        fruit(made, rng, (0.5, 0.68), 0.15)
    ink: Rgb = (255, 255, 255) if sum(ground) < 480 else vivid(rng)
    write(made, brand, (0.5, 0.22), 0.17, ink, int(rng.integers(0, 4)))
    write(made, str(rng.choice(WORDS)), (0.5, 0.38), 0.07, ink, int(rng.integers(0, 4)))
    cv2.circle(made, (round(0.85 * width), round(0.52 * height)), round(0.08 * width), vivid(rng), -1, cv2.LINE_AA)
    write(made, f"{int(rng.integers(2, 9))}00g", (0.14, 0.94), 0.05, ink)
    return made


def small_print(rng: np.random.Generator, ground: Rgb, ink: Rgb, height: int = 512, width: int = 384) -> Picture:
    """A side with ingredients, table and bar code."""
    made = plain(height, width, ground)
    lines(made, rng, (0.08, 0.06, 0.92, 0.5), 0.026, ink)
    cv2.rectangle(made, (round(0.1 * width), round(0.52 * height)), (round(0.9 * width), round(0.72 * height)), ink, 2)
    lines(made, rng, (0.13, 0.53, 0.87, 0.71), 0.03, ink)
    barcode(made, rng, (0.15, 0.76, 0.85, 0.95))
    return made
