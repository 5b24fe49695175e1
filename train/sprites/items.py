"""Items: the kinds of each label, and their pose on the tray."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from train.sprites import LABELS
from train.sprites.materials import Material
from train.sprites.shapes import Floats, Mesh


@dataclass(frozen=True, slots=True, eq=False)
class MeshPart:
    """One body of one material.

    Attributes:
        mesh: its surface, in cm.
        material: see `materials`.
        opaque: the tray does not show through, so that alpha is 1.
    """

    mesh: Mesh
    material: Material
    opaque: bool = True


Parts = list[MeshPart]
Maker = Callable[[np.random.Generator], Parts]


def kinds_of(label: str) -> dict[str, Maker]:
    """The kinds of a label by name, in the order in which a set of sprites uses them.

    Raises:
        ValueError: there is no such label.
    """
    if label not in LABELS:
        raise ValueError(f"label: expected one of {', '.join(LABELS)}, got {label!r}")
    made: dict[str, Maker] = import_module(f"train.sprites.kinds.{label}").KINDS
    return made


def mapped(parts: Parts, function: Callable[[Floats], Floats]) -> Parts:
    """All parts with `function` applied to their vertices, so that print and body are bent alike."""
    return [MeshPart(p.mesh.mapped(function), p.material, p.opaque) for p in parts]


def rotated(parts: Parts, axis: str, angle_deg: float) -> Parts:
    """The whole item rotated about an axis ("x", "y", "z") through the origin."""
    return [MeshPart(p.mesh.rotated(axis, angle_deg), p.material, p.opaque) for p in parts]


def translated(parts: Parts, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Parts:
    """The whole item translated, in cm."""
    return [MeshPart(p.mesh.translated(x, y, z), p.material, p.opaque) for p in parts]


def laid_on_side(parts: Parts, rng: np.random.Generator) -> Parts:
    """A tall item on its side, in 80 % of the cases with the front of its print (u = 0.25 or 0.75) roughly on top."""
    roll = 90 + 180 * int(rng.integers(0, 2)) + rng.normal(0, 30) if rng.uniform() < 0.8 else rng.uniform(0, 360)
    return rotated(rotated(parts, "z", float(roll)), "y", 90)


def placed_on_tray(parts: Parts, rng: np.random.Generator) -> Parts:
    """The item at a random heading, centred, resting on the tray."""
    parts = rotated(parts, "z", float(rng.uniform(0, 360)))
    everything = np.concatenate([p.mesh.vertices for p in parts])
    low, high = everything.min(axis=0), everything.max(axis=0)
    return translated(parts, -(low[0] + high[0]) / 2, -(low[1] + high[1]) / 2, 0.03 - low[2])
