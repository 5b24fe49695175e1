"""Residual waste: pens and toothbrushes."""

import numpy as np

from train.sprites import colours, lettering, materials, textures
from train.sprites.items import MeshPart, Parts, laid_on_side, placed_on_tray
from train.sprites.shapes import (
    merged,
    revolved,
    smooth_polyline,
    sphere,
    tube,
)


def toothbrush(rng: np.random.Generator) -> Parts:
    """A toothbrush on its side or back: bent coloured handle, rubber grip, tufts of bristles."""
    x = np.linspace(-9, 9, 120)
    bow = 0.35 * np.sin(x / 9 * np.pi * rng.uniform(0.5, 1.2)) + 0.5
    thick = np.interp(x, [-9, -7, -2, 2, 5.2, 6.3, 8.8, 9], [0.45, 0.62, 0.62, 0.45, 0.28, 0.5, 0.5, 0.3])
    colour, second = colours.vivid(rng), colours.vivid(rng)
    handle = tube(np.stack([x, 0 * x, bow], 1), 1.0, 24)
    ring = len(handle.vertices) // len(x)
    middle = np.repeat(np.stack([x, 0 * x, bow], 1), ring, 0)
    shaped = middle + (handle.vertices - middle) * np.repeat(thick, ring)[:, None] * np.array([1.0, 1.0, 0.75])
    handle = handle.mapped(lambda _: shaped)
    picture = textures.plain(512, 64, (240, 240, 240) if rng.uniform() < 0.5 else colour)
    # v = 0 is the head; the grip is a second colour with ribs.
    picture[300:470] = second
    picture[300:470:14] = tuple(round(0.7 * c) for c in second)
    picture[160:180] = colour
    tufts = []
    for at in np.linspace(6.5, 8.6, 9):
        for side in (-0.28, 0.0, 0.28):
            lean = rng.normal(0, 0.12, 2)
            path = np.stack(
                [
                    at + lean[0] * np.linspace(0, 1, 5) ** 2,
                    side + lean[1] * np.linspace(0, 1, 5) ** 2,
                    np.interp(at, x, bow) + np.linspace(0.2, 1.5, 5),
                ],
                1,
            )
            tufts.append(tube(path, 0.11, 8))
    bristles = MeshPart(
        merged(tufts), materials.matte((0.86, 0.92, 0.96) if rng.uniform() < 0.6 else colours.unit(second), 0.6)
    )
    tips = merged([sphere(0.115, 8, 10).translated(*(t.vertices[-9:].mean(axis=0))) for t in tufts])
    parts = [
        MeshPart(handle, materials.glossy(picture, 0.25)),
        bristles,
        MeshPart(tips, materials.matte((0.9, 0.94, 0.97), 0.6)),
    ]
    roll = float(rng.choice([-75.0, 75.0, 0.0, 20.0]))
    return placed_on_tray([MeshPart(p.mesh.rotated("x", roll), p.material) for p in parts], rng)


def pen(rng: np.random.Generator) -> Parts:
    """A ball pen or marker, with clip, perhaps without its cap."""
    ink = colours.vivid(rng)
    colour = colours.unit(ink)
    r = float(rng.uniform(0.38, 0.7))
    clear = bool(rng.uniform() < 0.3)
    barrel = smooth_polyline([(0.0, 0.0), (r * 0.8, 0.0), (r, 0.3), (r, 10.5), (r * 0.85, 11.3), (0.2, 12.8)], 2)
    picture = textures.plain(512, 128, ink if rng.uniform() < 0.6 else (238, 238, 236))
    turned_print = np.ascontiguousarray(np.rot90(picture))
    lettering.write(
        turned_print,
        str(rng.choice(lettering.BRANDS)) + " " + str(rng.choice(lettering.BRANDS)),
        (0.5, 0.4),
        0.3,
        (40, 40, 50),
        0,
    )
    picture = np.ascontiguousarray(np.rot90(turned_print, -1))
    tip = revolved([(0.2, 12.8), (0.06, 13.6), (0.0, 13.65)])
    parts = [
        MeshPart(
            revolved(barrel),
            materials.clear_film((0.95, 0.96, 0.96), 0.15) if clear else materials.glossy(picture, 0.2),
            opaque=not clear,
        ),
        MeshPart(tip, materials.bare_metal("Al", 0.15)),
        MeshPart(
            revolved([(r + 0.03, 8.2), (r + 0.05, 8.3), (r + 0.05, 9.2), (r + 0.03, 9.3)]),
            materials.printed_metal((0.8, 0.8, 0.8), 0.2),
        ),
        MeshPart(
            tube([(r + 0.25, 0, 0.3), (r + 0.28, 0, 2.0), (r + 0.1, 0, 3.8)], 0.12), materials.glossy(colour, 0.25)
        ),
        MeshPart(
            revolved(smooth_polyline([(0.0, -0.9), (r * 0.6, -0.85), (r * 0.65, 0.1)], 1)),
            materials.glossy(colour, 0.25),
        ),
    ]
    if clear:
        parts.append(MeshPart(revolved([(0.0, 1.0), (0.14, 1.0), (0.14, 12.5)]), materials.glossy(colour, 0.3)))
    return placed_on_tray(laid_on_side(parts, rng), rng)
