"""Parts that bottles of glass and of plastic share: label bands and screw caps."""

import numpy as np

from train.sprites import colours, materials
from train.sprites.items import MeshPart
from train.sprites.shapes import Floats, revolved, smooth_polyline


def band(outer: Floats, low: float, high: float, gap: float = 0.03) -> Floats:
    """The part of a profile between two heights, a little further out: a paper label."""
    z = np.linspace(low, high, 40)
    return np.stack([np.interp(z, outer[:, 1], outer[:, 0]) + gap, z], 1)


def screw_cap(z: float, radius: float, tall: float, rng: np.random.Generator, metal: bool = True) -> MeshPart:
    """A cap with vertical grooves, from z upwards."""
    profile = smooth_polyline(
        [(radius, z), (radius + 0.03, z + 0.1), (radius, z + tall - 0.15), (radius - 0.15, z + tall), (0.0, z + tall)],
        2,
    )

    def grooves(p: Floats) -> Floats:
        q = p.copy()
        side = (np.hypot(p[:, 0], p[:, 1]) > radius - 0.08) & (p[:, 2] > z + 0.15)
        q[:, :2] *= (1 + 0.02 * side * np.sin(60 * np.arctan2(p[:, 1], p[:, 0])))[:, None]
        return q

    colour = (
        colours.unit(colours.vivid(rng))
        if rng.uniform() < 0.6
        else ((0.8, 0.68, 0.38) if metal else (0.93, 0.93, 0.93))
    )
    skin = materials.printed_metal(colour, 0.25, 0.6) if metal else materials.glossy(colour, 0.3)
    return MeshPart(revolved(profile, 360).mapped(grooves), skin)
