"""Drawn grounds as bins have them: steel with screws, perforated plates, rails, a conveyor, wood; scratched, wet, lit."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels

Layer = NDArray[np.float32]
"""Brightness, float32 (side, side), 0..255; the tint comes last."""
Draw = Callable[[np.random.Generator, int], Layer]


def bin_ground(random: np.random.Generator, side: int) -> Pixels:
    """A ground, turned at random, scratched, wet and lit from somewhere. RGB uint8 (side, side, 3).

    Args:
        random: source of the draws.
        side: in pixels.
    """
    layer = GROUNDS[int(random.integers(len(GROUNDS)))](random, side)
    if random.random() < 0.35:
        _scratch(layer, random)
    if random.random() < 0.25:
        _wet(layer, random)
    layer = _turned(layer, random) * _light(random, side) + _grain(random, side, random.uniform(0.5, 4))
    tint = (1 + random.normal(0, 0.03 if random.random() < 0.75 else 0.12, 3)).clip(0.7, 1.3)
    return np.clip(layer[..., None] * tint.astype(np.float32), 0, 255).astype(np.uint8)


def dark_steel(random: np.random.Generator, side: int) -> Layer:
    """Brushed sheet with screws in a row or at its corners, and perhaps a seam."""
    layer = _brushed(random, side, random.uniform(30, 120))
    if random.random() < 0.5:
        at = int(random.uniform(0.15, 0.85) * side)
        layer[:, at : at + max(1, side // 80)] *= np.float32(random.uniform(0.3, 0.7))
    radius = max(2, round(side * random.uniform(0.018, 0.045)))
    rim = round(side * random.uniform(0.06, 0.16))
    for x in np.linspace(rim, side - rim, int(random.integers(2, 5))):
        for y in (rim, side - rim):
            _screw(layer, (round(x), round(y)), radius, random)
    return layer


def perforated(random: np.random.Generator, side: int) -> Layer:
    """A plate with round holes or slots, dark or showing something bright below."""
    layer = _brushed(random, side, random.uniform(70, 200))
    pitch = max(6, round(side * random.uniform(0.06, 0.16)))
    radius = max(1, round(pitch * random.uniform(0.22, 0.38)))
    long = radius * int(random.integers(1, 4)) if random.random() < 0.3 else radius
    hole = float(random.uniform(5, 50) if random.random() < 0.8 else random.uniform(200, 250))
    shift = pitch // 2 if random.random() < 0.6 else 0
    for row, y in enumerate(range(0, side + pitch, pitch)):
        for x in range(-(row % 2) * shift, side + pitch, max(pitch, 2 * long + radius)):
            cv2.ellipse(layer, (x, y), (long, radius), 0, 0, 360, hole, cv2.FILLED, cv2.LINE_AA)
    return layer


def rails(random: np.random.Generator, side: int) -> Layer:
    """Two or more bars across another ground, dark over bright or bright over dark, each with its shadow."""
    ground = random.uniform(20, 250)
    bar = random.uniform(10, 70) if ground > 110 else random.uniform(130, 235)
    layer = np.full((side, side), ground, np.float32)
    width, count = max(2, round(side * random.uniform(0.04, 0.14))), int(random.integers(2, 5))
    for at in np.linspace(0, side, count + 2)[1:-1] + random.normal(0, side * 0.03, count):
        across = (np.arange(side, dtype=np.float32) - np.float32(at)) / np.float32(width)
        layer[:, (across > 0.5) & (across < 1.0)] *= np.float32(random.uniform(0.5, 0.95))
        profile = np.float32(bar) * (1 + np.float32(random.uniform(0.0, 0.5)) * np.cos(4 * across))
        on_bar = np.abs(across) <= 0.5
        layer[:, on_bar] = profile[on_bar]
    return layer


def conveyor(random: np.random.Generator, side: int) -> Layer:
    """A belt with ribs or a fine weave, and the frame on one side."""
    layer = np.full((side, side), random.uniform(20, 90), np.float32)
    pitch = max(3, round(side * random.uniform(0.02, 0.2)))
    ribs = 1 + random.uniform(0.08, 0.5) * np.sin(np.arange(side) * 2 * np.pi / pitch) ** int(random.choice([1, 3, 9]))
    layer *= ribs.astype(np.float32)[:, None]
    if random.random() < 0.5:
        edge = max(2, round(side * random.uniform(0.04, 0.16)))
        layer[:, :edge] = _brushed(random, side, random.uniform(120, 210))[:, :edge]
        layer[:, edge : edge + max(1, edge // 4)] *= np.float32(0.4)
    return layer


def wood(random: np.random.Generator, side: int) -> Layer:
    """Boards or plywood with its grain."""
    base, bend = random.uniform(90, 190), random.uniform(0.5, 2.5)
    x, y = np.meshgrid(np.linspace(0, 1, side, dtype=np.float32), np.linspace(0, 1, side, dtype=np.float32))
    # Stretched along the boards: grain runs on.
    wander = cv2.resize(random.standard_normal((2, 6), np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    wander = wander * np.float32(0.04 * bend) + x
    bow = np.float32(bend) * np.sin(y * np.float32(random.uniform(2, 7)))
    rings = np.sin(wander * np.float32(random.uniform(30, 110)) + bow)
    layer = np.float32(base) + rings * np.float32(random.uniform(5, 18)) + _smooth(random, side, 40) * np.float32(6)
    if random.random() < 0.5:
        for at in (np.arange(0, 1, random.uniform(0.2, 0.5)) * side).astype(int):
            layer[:, at : at + max(1, side // 90)] *= np.float32(random.uniform(0.25, 0.6))
    return np.asarray(layer, np.float32)


def plastic(random: np.random.Generator, side: int) -> Layer:
    """Moulded plastic: smooth, with ribs along both sides or none, and a sheen."""
    layer = np.full((side, side), random.uniform(25, 240), np.float32)
    if random.random() < 0.5:
        pitch = max(8, round(side * random.uniform(0.15, 0.4)))
        for at in range(int(random.integers(pitch)), side, pitch):
            width = max(1, side // 60)
            for lines in (layer, layer.T) if random.random() < 0.5 else (layer,):
                lines[:, at : at + width] *= np.float32(random.uniform(0.6, 0.9))
                lines[:, at + width : at + 2 * width] *= np.float32(random.uniform(1.05, 1.3))
    return layer


GROUNDS: tuple[Draw, ...] = (dark_steel, perforated, rails, conveyor, wood, plastic)


def _brushed(random: np.random.Generator, side: int, base: float) -> Layer:
    """Fine lines along one direction, as on brushed metal."""
    lines = cv2.resize(random.standard_normal((side, max(2, side // 40)), np.float32), (side, side))
    return np.asarray(np.float32(base) * (1 + lines * np.float32(random.uniform(0.02, 0.09))), np.float32)


def _screw(layer: Layer, at: tuple[int, int], radius: int, random: np.random.Generator) -> None:
    base = float(layer[min(at[1], len(layer) - 1), min(at[0], len(layer) - 1)])
    cv2.circle(layer, (at[0] + 1, at[1] + 1), radius + 1, base * 0.45, cv2.FILLED, cv2.LINE_AA)
    cv2.circle(layer, at, radius, min(base * random.uniform(1.1, 2.2) + 15, 250.0), cv2.FILLED, cv2.LINE_AA)
    angle = random.uniform(0, np.pi)
    for turn in (0.0, np.pi / 2) if random.random() < 0.6 else (0.0,):
        reach = np.array([np.cos(angle + turn), np.sin(angle + turn)]) * radius * 0.65
        first, last = ((round(at[0] + sign * reach[0]), round(at[1] + sign * reach[1])) for sign in (-1, 1))
        cv2.line(layer, first, last, base * 0.35, max(1, radius // 4), cv2.LINE_AA)


def _scratch(layer: Layer, random: np.random.Generator) -> None:
    """Bright and dark lines, most of them in one direction, as things leave them that slide off."""
    side, main = len(layer), random.uniform(0, np.pi)
    for _ in range(int(random.integers(5, 40))):
        x, y = random.uniform(0, side, 2)
        angle, reach = main + random.normal(0, 0.3), random.uniform(0.03, 0.4) * side
        to = (round(x + np.cos(angle) * reach), round(y + np.sin(angle) * reach))
        value = float(np.clip(layer[int(y), int(x)] * random.choice([0.6, 0.8, 1.25, 1.5]), 0, 255))
        cv2.line(layer, (round(x), round(y)), to, value, 1, cv2.LINE_AA)


def _wet(layer: Layer, random: np.random.Generator) -> None:
    """Drops and a film: darker than what is dry, with a small bright reflection."""
    side = len(layer)
    film = _smooth(random, side, 5) > np.float32(random.uniform(0.3, 1.2))
    layer[film] *= np.float32(random.uniform(0.6, 0.85))
    for _ in range(int(random.integers(3, 30))):
        x, y = (int(value) for value in random.integers(0, side, 2))
        radius = max(1, round(side * random.uniform(0.006, 0.03)))
        cv2.circle(layer, (x, y), radius, float(layer[y, x]) * 0.7, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(layer, (x - radius // 2, y - radius // 2), max(1, radius // 3), 245.0, cv2.FILLED, cv2.LINE_AA)


def _light(random: np.random.Generator, side: int) -> Layer:
    """A slope of light and, sometimes, a lamp's reflection; a factor, float32 (side, side)."""
    x, y = np.meshgrid(np.linspace(-1, 1, side, dtype=np.float32), np.linspace(-1, 1, side, dtype=np.float32))
    slope = random.normal(0, 0.14, 2).astype(np.float32)
    light = 1 + slope[0] * x + slope[1] * y
    if random.random() < 0.35:
        at, wide = random.uniform(-1, 1, 2).astype(np.float32), np.float32(random.uniform(0.1, 0.5))
        light += np.float32(random.uniform(0.2, 1.2)) * np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * wide**2))
    return np.asarray(np.clip(light, 0.2, 3.0), np.float32)


def _turned(layer: Layer, random: np.random.Generator) -> Layer:
    """Mostly along the picture's sides, as a camera is mounted; sometimes by any angle."""
    if random.random() < 0.5:
        return np.ascontiguousarray(np.rot90(layer, int(random.integers(4))))
    side = len(layer)
    angle = random.normal(0, 6) if random.random() < 0.6 else random.uniform(0, 360)
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), float(angle), float(random.uniform(1.0, 1.5)))
    return np.asarray(cv2.warpAffine(layer, matrix, (side, side), borderMode=cv2.BORDER_REFLECT), np.float32)


def _smooth(random: np.random.Generator, side: int, cells: int) -> Layer:
    """Noise with so many cells a side, standard deviation about 1."""
    cells_wide = random.standard_normal((cells, cells), np.float32)
    return np.asarray(cv2.resize(cells_wide, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)


def _grain(random: np.random.Generator, side: int, strength: float) -> Layer:
    return random.standard_normal((side, side), np.float32) * np.float32(strength)
