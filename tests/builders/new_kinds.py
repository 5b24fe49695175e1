"""Things that no model knows, drawn for the simulated bin: each a little different from the next."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np

from hardware.sim.items import Rgba
from tests.builders.pictures import save

SIZE = 160


def _canvas() -> Rgba:
    return np.zeros((SIZE, SIZE, 4), np.uint8)


def _colour(rng: np.random.Generator, rgb: tuple[int, int, int], spread: int = 18) -> tuple[int, int, int, int]:
    red, green, blue = (int(np.clip(value + rng.integers(-spread, spread + 1), 0, 255)) for value in rgb)
    return red, green, blue, 255


def tea_bag(rng: np.random.Generator) -> Rgba:
    """A pale square with a dark heart, a thread and a tag."""
    picture = _canvas()
    half = int(rng.integers(34, 46))
    centre = 80
    cv2.rectangle(
        picture, (centre - half, centre - half), (centre + half, centre + half), _colour(rng, (222, 206, 170)), -1
    )
    cv2.ellipse(picture, (centre, centre), (half - 9, half - 12), 0, 0, 360, _colour(rng, (84, 58, 34)), -1)
    end = (int(rng.integers(120, 150)), int(rng.integers(8, 30)))
    cv2.line(picture, (centre + half, centre - half), end, (240, 240, 235, 255), 2)
    cv2.rectangle(picture, (end[0] - 9, end[1] - 7), (end[0] + 9, end[1] + 7), _colour(rng, (190, 60, 50)), -1)
    return picture


def battery(rng: np.random.Generator) -> Rgba:
    """A cylinder from the side, copper at one end, black at the other, with a pole."""
    picture = _canvas()
    width, length = int(rng.integers(30, 42)), int(rng.integers(104, 124))
    left, top = (SIZE - width) // 2, (SIZE - length) // 2
    cv2.rectangle(picture, (left, top), (left + width, top + length), _colour(rng, (28, 28, 30), 8), -1)
    cv2.rectangle(picture, (left, top), (left + width, top + length // 3), _colour(rng, (200, 126, 58)), -1)
    cv2.rectangle(picture, (left + width // 3, top - 8), (left + 2 * width // 3, top), (180, 180, 185, 255), -1)
    cv2.line(picture, (left + 5, top + 4), (left + 5, top + length - 4), (250, 235, 215, 255), 2)
    return picture


def banana_peel(rng: np.random.Generator) -> Rgba:
    """Three yellow strips with brown spots, from one point."""
    picture = _canvas()
    turn = rng.uniform(0, 2 * math.pi)
    for strip in range(3):
        angle = turn + strip * 2 * math.pi / 3 + rng.uniform(-0.25, 0.25)
        along = np.linspace(0, 1, 24)
        bend = angle + rng.uniform(0.5, 0.9) * along
        xs, ys = 80 + 66 * along * np.cos(bend), 80 + 66 * along * np.sin(bend)
        points = np.stack([xs, ys], axis=1).astype(np.int32)
        cv2.polylines(picture, [points], False, _colour(rng, (226, 190, 48)), 22)
        for x, y in points[rng.integers(0, 24, 4)]:
            cv2.circle(picture, (int(x), int(y)), int(rng.integers(2, 5)), _colour(rng, (96, 66, 26)), -1)
    cv2.circle(picture, (80, 80), 12, _colour(rng, (120, 92, 40)), -1)
    return picture


NEW_KINDS: Mapping[str, Callable[[np.random.Generator], Rgba]] = {
    "banana peel": banana_peel,
    "battery": battery,
    "tea bag": tea_bag,
}


def make_new_kinds(folder: Path, *, each: int, seed: int = 0) -> Path:
    """So many pictures of each new kind, in a folder each."""
    for place, (label, draw) in enumerate(NEW_KINDS.items()):
        rng = np.random.default_rng((seed, place))
        for number in range(each):
            save(folder / label / f"{label}-{number}.png", draw(rng))
    return folder
