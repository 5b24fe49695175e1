"""Light and camera tilt of a render: grey walls, LED strips and a dark camera as an environment picture.

It is infinitely far away, so that every part of an empty ground is equally bright and one colour describes it.
"""

from dataclasses import dataclass

import numpy as np

from train.sprites.matting import Image
from train.sprites.shapes import Floats

# Linear value of a flat white sheet; the rest is headroom for highlights.
WHITE_LEVEL = 0.80


@dataclass(frozen=True, slots=True)
class SceneSetup:
    """Tilt of the camera and light of a scene.

    Attributes:
        tilt_deg: angle between the optical axis and straight down, 0..30.
        strips: LED strips as (azimuth_deg, elevation_deg, width_deg, share of all light).
        warmth: colour cast, -0.1 (cool) to 0.1 (warm).
        exposure: factor on all light, about 0.8..1.1.
    """

    tilt_deg: float
    strips: tuple[tuple[float, float, float, float], ...]
    warmth: float
    exposure: float

    @classmethod
    def sample(cls, rng: np.random.Generator, clear: bool = False) -> "SceneSetup":
        """Draw a setup like that of a bin: camera nearly overhead, one or two strips, soft ambient light.

        `clear`: the item lets light through. The strips then give less of the light: their reflections stay visible,
        while caustics, which need very many paths to render without noise, become weak.
        """
        count = int(rng.integers(1, 3))
        first = rng.uniform(0, 360)
        strips = tuple(
            (
                float(first + k * rng.uniform(120, 240)),
                float(rng.uniform(40, 70)),
                float(rng.uniform(30, 80)),
                float(rng.uniform(0.28, 0.5) / count * (0.3 if clear else 1.0)),
            )
            for k in range(count)
        )
        return cls(float(rng.uniform(2, 18)), strips, float(rng.normal(0, 0.025)), float(rng.uniform(0.85, 1.05)))


def environment_map(view: SceneSetup, rng: np.random.Generator) -> Image:
    """The surroundings as a latitude-longitude picture (row 0 is the zenith), scaled so that white paper gives WHITE."""
    height, width = 96, 192
    elevation = (90 - (np.arange(height) + 0.5) / height * 180)[:, None]
    azimuth = ((np.arange(width) + 0.5) / width * 360)[None, :]
    solid_cos = np.clip(np.sin(np.radians(elevation)), 0, 1) * np.cos(np.radians(elevation))

    def flux(picture: Floats) -> float:
        return float((picture * solid_cos).sum()) * (np.pi / height) * (2 * np.pi / width) / np.pi

    walls = 0.45 + 0.55 * np.clip((elevation - 15) / 45, 0, 1) + 0.0 * azimuth
    for _ in range(4):
        side = np.cos(np.radians(azimuth - rng.uniform(0, 360)) * int(rng.integers(1, 4)))
        walls = walls * (1 + rng.uniform(0, 0.3) * side * np.cos(np.radians(elevation)))
    camera = 90 - elevation < 9
    walls = np.where(camera, 0.12, np.clip(walls, 0.05, None))
    total = walls / flux(walls) * (1 - sum(s[3] for s in view.strips))
    for at, up, wide, share in view.strips:
        off = np.abs((azimuth - at + 180) % 360 - 180) / (wide / 2)
        strip = np.exp(-(np.maximum(off - 1, 0) ** 2) * 30) * np.exp(-(((elevation - up) / 4.5) ** 4))
        total = total + strip / flux(strip) * share
    colour = np.array([1 + view.warmth, 1.0, 1 - view.warmth])
    return np.asarray(WHITE_LEVEL * view.exposure * total[..., None] * colour, dtype=np.float32)
