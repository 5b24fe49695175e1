"""Glass: bottles, jars and drinking glasses, with real walls that bend the light."""

import numpy as np

from train.sprites import colours, materials, packaging
from train.sprites.items import Maker, MeshPart, Parts, laid_on_side, placed_on_tray, rotated
from train.sprites.kinds.bottle_parts import band, screw_cap
from train.sprites.shapes import Floats, Mesh, resampled, revolved, smooth_polyline

# Light through a bottle crosses four surfaces, so that the tint of one is pale.
TINTS: dict[str, tuple[float, float, float]] = {
    "clear": (0.975, 0.99, 0.985),
    "green": (0.58, 0.86, 0.54),
    "deep-green": (0.46, 0.70, 0.38),
    "brown": (0.86, 0.60, 0.30),
    "aqua": (0.92, 0.98, 0.97),
}


def _walled(outer: Floats, wall: float, floor: float) -> Floats:
    """Closes an outer profile (going up) with an inner one `wall` cm inside that stops `floor` cm above the bottom."""
    inner = outer[outer[:, 1] > floor].copy()[::-1]
    inner[:, 0] = np.maximum(inner[:, 0] - wall, 0.05)
    inner[0, 1] = outer[-1, 1]
    lip = np.array([[outer[-1, 0] - wall / 2, outer[-1, 1] + wall / 3]])
    bottom = np.array([[inner[-1, 0] * 0.9, floor + 0.1], [0.0, floor + 0.35]])
    return np.concatenate([outer, lip, inner, bottom])


def _label(outer: Floats, low: float, high: float, rng: np.random.Generator, around: float = 1.0) -> MeshPart:
    """A paper label; `around` is the share of the way around that it covers."""
    picture = packaging.wrap(rng, pale=bool(rng.uniform() < 0.55))
    mesh = revolved(band(outer, low, high), 120)
    if around < 1.0:
        # A label in front only: the faces beyond it go, and its middle half of the print is stretched over it.
        mid = mesh.uv[mesh.faces].mean(axis=1)[:, 0]
        uv = mesh.uv.copy()
        uv[:, 0] = uv[:, 0] / around * 0.5
        mesh = Mesh(mesh.vertices, mesh.faces[mid < around], uv)
    return MeshPart(mesh, materials.matte(picture, 0.5))


def _crown(z: float, radius: float, rng: np.random.Generator) -> MeshPart:
    """A crown cap with its 21 teeth."""
    profile = smooth_polyline(
        [
            (radius + 0.22, z - 0.5),
            (radius + 0.1, z - 0.1),
            (radius, z + 0.12),
            (radius - 0.3, z + 0.17),
            (0.0, z + 0.18),
        ],
        2,
    )

    def teeth(p: Floats) -> Floats:
        q = p.copy()
        skirt = np.clip((z + 0.05 - p[:, 2]) / 0.5, 0, 1)
        q[:, :2] *= (1 + 0.09 * skirt * np.sin(21 * np.arctan2(p[:, 1], p[:, 0])))[:, None]
        return q

    return MeshPart(
        revolved(profile, 210).mapped(teeth), materials.printed_metal(colours.unit(colours.vivid(rng)), 0.25, 0.6)
    )


def _bottle(rng: np.random.Generator, tint: str, shape: str) -> Parts:
    if shape == "wine":
        r, h, neck, shoulder, rise = 3.7, 29.0, 1.35, 18.5, 3.5
    elif shape == "squat":
        r, h, neck, shoulder, rise = 3.1, 18.5, 1.3, 10.0, 4.0
    else:
        r, h, neck, shoulder, rise = 3.0, 23.5, 1.3, 13.5, 5.5
    r, h = r * rng.uniform(0.93, 1.07), h * rng.uniform(0.94, 1.05)
    outer = resampled(
        smooth_polyline(
            [
                (0.0, 0.25),
                (r - 0.8, 0.1),
                (r - 0.3, 0.0),
                (r, 0.5),
                (r, 1.2),
                (r, shoulder - 1),
                (r, shoulder),
                (neck + 0.35, shoulder + rise),
                (neck, shoulder + rise + 1.5),
                (neck, h - 1.4),
                (neck, h - 1.2),
                (neck + 0.22, h - 1.1),
                (neck + 0.22, h - 0.7),
                (neck, h - 0.5),
                (neck + 0.04, h),
            ],
            3,
        ),
        180,
    )
    parts = [MeshPart(revolved(_walled(outer, 0.34, 0.6), 128), materials.glass(TINTS[tint]), opaque=False)]
    if rng.uniform() < 0.85:
        top = shoulder - rng.uniform(0.8, 1.6)
        parts.append(_label(outer, top - rng.uniform(5.5, 8.0), top, rng, float(rng.choice([1.0, 0.55]))))
        if rng.uniform() < 0.4:
            parts.append(_label(outer, shoulder + rise + 0.4, shoulder + rise + 2.8, rng))
    if rng.uniform() < 0.5:
        parts.append(_crown(h, neck + 0.2, rng) if shape != "wine" else screw_cap(h - 3.0, neck + 0.25, 3.1, rng))
    return placed_on_tray(laid_on_side(parts, rng), rng)


def green_bottle(rng: np.random.Generator) -> Parts:
    """A green beer or wine bottle."""
    return _bottle(rng, str(rng.choice(["green", "deep-green"])), str(rng.choice(["long", "wine", "squat"])))


def brown_bottle(rng: np.random.Generator) -> Parts:
    """A brown beer bottle."""
    return _bottle(rng, "brown", str(rng.choice(["long", "squat"])))


def clear_bottle(rng: np.random.Generator) -> Parts:
    """A clear bottle of juice or spirit."""
    return _bottle(rng, str(rng.choice(["clear", "clear", "aqua"])), str(rng.choice(["long", "wine", "squat"])))


def jar(rng: np.random.Generator) -> Parts:
    """A jar of jam or gherkins, with or without its lid, standing or lying."""
    r, h = float(rng.uniform(3.0, 4.2)), float(rng.uniform(8.0, 13.0))
    neck = r - rng.uniform(0.2, 0.6)
    outer = resampled(
        smooth_polyline(
            [
                (0.0, 0.3),
                (r - 0.9, 0.15),
                (r - 0.5, 0.0),
                (r, 0.6),
                (r, 1.2),
                (r, h - 3.2),
                (r, h - 2.6),
                (neck, h - 1.7),
                (neck, h - 1.3),
                (neck + 0.1, h - 1.1),
                (neck, h - 0.9),
                (neck + 0.1, h - 0.7),
                (neck, h - 0.5),
                (neck, h),
            ],
            3,
        ),
        160,
    )
    parts = [
        MeshPart(
            revolved(_walled(outer, 0.3, 0.55), 128),
            materials.glass(TINTS[str(rng.choice(["clear", "clear", "aqua"]))]),
            opaque=False,
        )
    ]
    if rng.uniform() < 0.8:
        parts.append(_label(outer, h * 0.18, h - 3.4, rng, float(rng.choice([1.0, 0.55, 0.55]))))
    lid = bool(rng.uniform() < 0.55)
    if lid:
        parts.append(screw_cap(h - 1.3, neck + 0.28, 1.5, rng))
    # From above, only the lid of a standing closed jar is visible.
    flat = rng.uniform() < 0.7 or lid
    parts = laid_on_side(parts, rng) if flat else rotated(parts, "x", float(rng.uniform(0, 10)))
    return placed_on_tray(parts, rng)


def tumbler(rng: np.random.Generator) -> Parts:
    """A drinking glass, plain, fluted or with a waist."""
    foot, mouth, h = float(rng.uniform(2.5, 3.2)), float(rng.uniform(3.2, 4.2)), float(rng.uniform(8.5, 14.0))
    waist = float(rng.uniform(-0.3, 0.3))
    outer = resampled(
        smooth_polyline(
            [
                (0.0, 0.15),
                (foot - 0.4, 0.0),
                (foot, 0.4),
                (foot, 1.0),
                ((foot + mouth) / 2 + waist, h * 0.55),
                (mouth, h - 0.8),
                (mouth, h),
            ],
            3,
        ),
        160,
    )
    mesh = revolved(_walled(outer, 0.26, float(rng.uniform(0.8, 1.5))), 180)
    if rng.uniform() < 0.5:
        count = int(rng.integers(8, 16))

        def flute(p: Floats) -> Floats:
            q = p.copy()
            share = np.clip((h * 0.6 - p[:, 2]) / 2, 0, 1)
            outside = np.hypot(p[:, 0], p[:, 1]) > np.interp(p[:, 2], outer[:, 1], outer[:, 0]) - 0.12
            q[:, :2] *= (1 - 0.045 * share * outside * np.abs(np.sin(count / 2 * np.arctan2(p[:, 1], p[:, 0]))))[
                :, None
            ]
            return q

        mesh = mesh.mapped(flute)
    parts = [MeshPart(mesh, materials.glass(TINTS[str(rng.choice(["clear", "clear", "aqua"]))]), opaque=False)]
    parts = laid_on_side(parts, rng) if rng.uniform() < 0.75 else rotated(parts, "x", float(rng.uniform(0, 10)))
    return placed_on_tray(parts, rng)


KINDS: dict[str, Maker] = {
    "green-bottle": green_bottle,
    "jar": jar,
    "brown-bottle": brown_bottle,
    "clear-bottle": clear_bottle,
    "tumbler": tumbler,
}
