"""Colours of printed things, as uint8 RGB triples."""

import colorsys

import numpy as np

Rgb = tuple[int, int, int]


def rgb(hue: float, saturation: float, value: float) -> Rgb:
    """A colour from hue, saturation and value, each 0..1."""
    r, g, b = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(r * 255), round(g * 255), round(b * 255)


def unit(colour: Rgb) -> tuple[float, float, float]:
    """The same colour as 0..1, as materials want it."""
    return colour[0] / 255, colour[1] / 255, colour[2] / 255


def vivid(rng: np.random.Generator) -> Rgb:
    """A strong packaging colour."""
    return rgb(float(rng.uniform()), float(rng.uniform(0.65, 0.95)), float(rng.uniform(0.5, 0.92)))


def palette(rng: np.random.Generator) -> list[Rgb]:
    """Three colours that go together: a strong one, a relative of it, and an accent."""
    hue = float(rng.uniform())
    return [
        rgb(hue, float(rng.uniform(0.6, 0.95)), float(rng.uniform(0.35, 0.85))),
        rgb(hue + float(rng.normal(0, 0.04)), float(rng.uniform(0.4, 0.9)), float(rng.uniform(0.55, 0.98))),
        (245, 245, 242) if rng.uniform() < 0.4 else rgb(hue + float(rng.choice([0.12, 0.35, 0.5, 0.62])), 0.85, 0.9),
    ]
