"""Made-up pictures to train on in seconds, and the sprites that ship as pictures."""

from pathlib import Path

import cv2
import numpy as np

from hardware.frame import Pixels

SPRITES = Path(__file__).parents[2] / "hardware" / "sim" / "sprites"
COLOURS = {"glass": (40, 160, 60), "paper": (220, 210, 200)}

TINY = {
    "arch": "tiny",
    "size": 32,
    "batch": 8,
    "cache_side": 64,
    "head_epochs": 1,
    "twin_distance": 0,
    "warmup_epochs": 1,
    "rate": 0.01,
}
"""Settings of a run that takes seconds."""

SHORTEST = {"epochs": 1, "head_epochs": 1}
"""Settings of the shortest run, one epoch of the last layer: for tests of what comes before or after learning."""


def write_pictures(root: Path, each: int = 16) -> Path:
    """``each`` pictures of two labels: a coloured blob somewhere on grey. Returns ``root``."""
    random = np.random.default_rng(5)
    for label, colour in COLOURS.items():
        (root / label).mkdir(parents=True)
        for number in range(each):
            pixels = np.full((60, 80, 3), 120, np.uint8)
            centre = (int(random.integers(30, 50)), int(random.integers(25, 35)))
            axes = (int(random.integers(12, 22)), int(random.integers(8, 16)))
            cv2.ellipse(pixels, centre, axes, float(random.uniform(0, 180)), 0, 360, colour, cv2.FILLED)
            noisy = np.clip(pixels + random.normal(0, 2, pixels.shape), 0, 255).astype(np.uint8)
            cv2.imwrite(str(root / label / f"{number:02d}.png"), noisy[..., ::-1])
    return root


def sprites_on_grey(side: int = 128) -> dict[str, Pixels]:
    """The sprites that ship, each on grey: "glass/bottle.png" -> RGB uint8 (side, side, 3)."""
    shown = {}
    for path in sorted(SPRITES.glob("*/*.png")):
        rgba = cv2.resize(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), (side, side), interpolation=cv2.INTER_AREA)
        alpha = rgba[..., 3:] / 255
        shown[str(path.relative_to(SPRITES))] = (rgba[..., 2::-1] * alpha + 110 * (1 - alpha)).astype(np.uint8)
    return shown


def fit_arguments(data: Path, out: Path, *more: str, epochs: int = 4, **settings: object) -> list[str]:
    """The command line of a tiny run; ``settings`` go over ``TINY``."""
    pairs = [part for name, value in {**TINY, **settings}.items() for part in ("--set", f"{name}={value}")]
    return ["fit", "--data", str(data), "--out", str(out), "--weights", "none", "--epochs", str(epochs), *pairs, *more]
