"""Metal: cans, tins, lids and foil."""

import numpy as np

from train.sprites import colours, lettering, materials, packaging, textures
from train.sprites.items import Maker, MeshPart, Parts, laid_on_side, mapped, placed_on_tray, rotated
from train.sprites.shapes import (
    Floats,
    crumpled,
    dented,
    folds,
    merged,
    resampled,
    revolved,
    sheet,
    smooth_polyline,
    sphere,
    tube,
)


def _can(rng: np.random.Generator) -> tuple[Parts, float, float]:
    """A drinks can standing upright; also its radius and height in cm."""
    radius, height = [(3.3, 11.5), (2.65, 13.4), (3.3, 16.0)][int(rng.choice(3, p=[0.6, 0.2, 0.2]))]
    neck = radius - 0.55
    body = resampled(
        smooth_polyline(
            [
                (radius - 0.5, 0.5),
                (radius, 1.1),
                (radius, 2.0),
                (radius, height - 2),
                (radius, height - 1.5),
                (neck, height - 0.35),
            ],
            2,
        ),
        120,
    )
    foot = smooth_polyline([(0.0, 1.1), (radius - 1.4, 0.7), (radius - 0.8, 0.0), (radius - 0.5, 0.5)], 3)
    rim = smooth_polyline(
        [
            (neck, height - 0.35),
            (neck + 0.16, height - 0.2),
            (neck + 0.16, height),
            (neck - 0.1, height),
            (neck - 0.15, height - 0.55),
            (neck - 0.3, height - 0.6),
            (neck - 0.4, height - 0.4),
            (0.0, height - 0.4),
        ],
        2,
    )
    print_ = packaging.wrap(rng)
    lid = materials.bare_metal("Al", float(rng.uniform(0.12, 0.22)))
    tab = tube([(0.9 * np.cos(a) + 0.1, 0.55 * np.sin(a), height - 0.28) for a in np.linspace(0, 2 * np.pi, 40)], 0.13)
    rivet = sphere(0.28, 20, 30).scaled(1, 1, 0.5).translated(-0.35, 0, height - 0.3)
    mouth = sphere(0.75, 20, 40).scaled(1.0, 0.75, 0.03).translated(-neck * 0.52, 0, height - 0.385)
    parts = [
        MeshPart(
            revolved(body),
            materials.printed_metal(print_, float(rng.uniform(0.2, 0.32)), float(rng.uniform(0.45, 0.8))),
        ),
        MeshPart(revolved(foot), lid),
        MeshPart(revolved(rim), lid),
        MeshPart(merged([tab, rivet]), lid),
    ]
    if rng.uniform() < 0.7:
        parts.append(MeshPart(mouth, materials.matte((0.03, 0.03, 0.03))))
    return parts, radius, height


def can(rng: np.random.Generator) -> Parts:
    """A drinks can, whole or with a small dent, lying or standing."""
    parts, radius, height = _can(rng)
    if rng.uniform() < 0.5:
        a = rng.uniform(0, 2 * np.pi)
        way = np.array([np.cos(a), np.sin(a), 0])
        parts = [
            MeshPart(dented(p.mesh, way * radius + [0, 0, height * rng.uniform(0.4, 0.6)], -way * 0.8, 2.2), p.material)
            for p in parts
        ]
    if rng.uniform() < 0.8:
        parts = rotated(laid_on_side(parts, rng), "y", float(rng.uniform(-6, 0)))
    return placed_on_tray(parts, rng)


def crushed_can(rng: np.random.Generator) -> Parts:
    """A drinks can squeezed in the middle and creased."""
    parts, _, height = _can(rng)
    squeeze, twist, lean = rng.uniform(0.5, 0.75), rng.uniform(-0.5, 0.5), rng.uniform(-0.6, 0.6)
    shorter = rng.uniform(0.62, 0.85)
    state = int(rng.integers(1 << 31))

    def crush(p: Floats) -> Floats:
        t = np.clip(p[:, 2] / height, 0, 1)
        inside = np.exp(-(((t - 0.5) / 0.27) ** 2))
        q = p.copy()
        crease = folds(p, np.random.default_rng(state), 6, 0.22)
        radial = p[:, :2] / np.maximum(np.linalg.norm(p[:, :2], axis=1, keepdims=True), 1e-6)
        q[:, 0] *= 1 - squeeze * inside
        q[:, 1] *= 1 + 0.28 * inside
        q[:, :2] += radial * (crease * inside * 0.8)[:, None]
        turn = twist * (t - 0.5)
        q[:, 0], q[:, 1] = (
            q[:, 0] * np.cos(turn) - q[:, 1] * np.sin(turn),
            q[:, 0] * np.sin(turn) + q[:, 1] * np.cos(turn),
        )
        q[:, 2] = q[:, 2] * shorter + 0.25 * crease * inside
        q[:, 0] += lean * height * 0.5 * np.abs(t - 0.5) ** 1.3
        return q

    parts = mapped(parts, crush)
    parts = rotated(parts, "z", float(rng.choice([rng.uniform(-30, 30), rng.uniform(40, 110)])))
    return placed_on_tray(rotated(parts, "y", 90), rng)


def tin(rng: np.random.Generator) -> Parts:
    """A ridged food tin, opened, with or without its paper label, its lid bent up."""
    radius, height = float(rng.uniform(3.4, 4.3)), float(rng.uniform(7.0, 11.5))
    z = np.linspace(0.5, height - 0.5, 160)
    labelled = bool(rng.uniform() < 0.55)
    ridge = np.where((z > height * 0.2) & (z < height * 0.8), 0.09 * np.sin(z * 2 * np.pi / 0.75), 0.0)
    steel = materials.bare_metal("Cr", float(rng.uniform(0.16, 0.26)))
    outer = [
        (0.0, 0.15),
        (radius - 0.3, 0.15),
        (radius - 0.2, 0.0),
        (radius + 0.1, 0.0),
        (radius + 0.1, 0.3),
        *zip(radius + ridge, z, strict=True),
        (radius + 0.12, height - 0.3),
        (radius + 0.12, height),
        (radius - 0.12, height),
        *zip((radius - 0.1 + ridge)[::-1], z[::-1], strict=True),
        (0.0, 0.3),
    ]
    parts = [MeshPart(revolved(np.array(outer)), steel)]
    if labelled:
        band = [(radius + 0.13, t) for t in np.linspace(0.6, height - 0.6, 20)]
        parts.append(MeshPart(revolved(np.array(band)), materials.matte(packaging.wrap(rng), 0.45)))
    ring = [(r, 0.06 * np.sin(r * 5)) for r in np.linspace(radius - 0.15, 0.0, 40)]
    lid = MeshPart(revolved(np.array(ring)), steel)
    if rng.uniform() < 0.75:
        up = float(rng.uniform(50, 100))
        hinge = lid.mesh.translated(x=radius).rotated("y", -up).translated(x=-radius, z=height)
        parts.append(MeshPart(hinge, steel))
    if rng.uniform() < 0.35:
        a = rng.uniform(0, 2 * np.pi)
        way = np.array([np.cos(a), np.sin(a), 0])
        parts = [MeshPart(dented(p.mesh, way * radius + [0, 0, height / 2], -way, 3.0), p.material) for p in parts]
    parts = laid_on_side(parts, rng) if rng.uniform() < 0.5 else rotated(parts, "x", float(rng.uniform(0, 12)))
    return placed_on_tray(parts, rng)


def jar_lid(rng: np.random.Generator) -> Parts:
    """A screw lid of a jar, top up or inside up."""
    radius = float(rng.uniform(2.8, 4.3))
    profile = smooth_polyline(
        [
            (radius, 0.0),
            (radius + 0.08, 0.1),
            (radius, 0.2),
            (radius, 1.0),
            (radius - 0.1, 1.2),
            (radius - 0.4, 1.25),
            (radius - 0.5, 1.1),
            (radius - 1.0, 1.12),
            (0.0, 1.16),
        ],
        2,
    )
    picture = textures.plain(512, 1024, colours.vivid(rng) if rng.uniform() < 0.6 else (205, 170, 90))
    face = textures.plain(512, 512, colours.vivid(rng))
    lettering.write(face, str(rng.choice(lettering.BRANDS)), (0.5, 0.5), 0.2, (250, 245, 230), int(rng.integers(0, 4)))
    lettering.lines(face, rng, (0.3, 0.66, 0.7, 0.74), 0.03, (250, 245, 230))
    body = revolved(profile)
    inside = (
        materials.glossy((0.92, 0.9, 0.84))
        if rng.uniform() < 0.5
        else materials.printed_metal((0.85, 0.72, 0.42), 0.25, 0.9)
    )
    parts = [
        MeshPart(body, materials.printed_metal(picture, 0.25, 0.55)),
        MeshPart(revolved(smooth_polyline([(0.0, 1.05), (radius - 0.2, 1.02), (radius - 0.1, 0.05)], 1)), inside),
    ]
    if rng.uniform() < 0.6:
        disc = sheet(2 * radius - 1.6, 2 * radius - 1.6, 40, 40)

        def round_off(p: Floats) -> Floats:
            q = p / (radius - 0.8)
            x, y = q[:, 0] * np.sqrt(1 - q[:, 1] ** 2 / 2), q[:, 1] * np.sqrt(1 - q[:, 0] ** 2 / 2)
            return np.stack([x * (radius - 0.8), y * (radius - 0.8), p[:, 2] + 1.19], 1)

        parts.append(MeshPart(disc.mapped(round_off), materials.printed_metal(face, 0.3, 0.4)))
    if rng.uniform() < 0.35:
        parts = rotated(parts, "x", 180)
    return placed_on_tray(rotated(parts, "x", float(rng.uniform(-4, 4))), rng)


def foil(rng: np.random.Generator) -> Parts:
    """A crumpled ball or flattened lump of aluminium foil."""
    ball = sphere(float(rng.uniform(2.2, 3.6)), 260, 420).scaled(
        1.0, float(rng.uniform(0.7, 1.0)), float(rng.uniform(0.45, 0.85))
    )
    ball = crumpled(ball, rng, 0.9, 6, 0.3)
    ball = crumpled(ball, rng, 0.34, 9, 0.9)
    return placed_on_tray([MeshPart(ball, materials.bare_metal("Al", float(rng.uniform(0.14, 0.24))))], rng)


def foil_tray(rng: np.random.Generator) -> Parts:
    """A shallow aluminium tray with pleated sides."""
    half_w, half_d, deep = float(rng.uniform(5, 7)), float(rng.uniform(3.5, 5)), float(rng.uniform(2.0, 3.2))
    flat = sheet(2.0, 2.0, 220, 220)

    def press(p: Floats) -> Floats:
        reach = np.maximum(np.abs(p[:, 0]), np.abs(p[:, 1]))
        norm = (np.abs(p[:, 0]) ** 5 + np.abs(p[:, 1]) ** 5) ** 0.2
        q = p[:, :2] * (reach / np.maximum(norm, 1e-6))[:, None]
        angle = np.arctan2(q[:, 1], q[:, 0])
        wall = np.clip((reach - 0.72) / 0.2, 0, 1)
        z = deep * wall + np.where(reach > 0.95, 0.12, 0.0)
        z += 0.05 * np.sin(12 * q[:, 0]) * (reach < 0.65)
        pleat = 1 + 0.018 * np.sin(angle * 60) * wall
        return np.stack([q[:, 0] * half_w * pleat, q[:, 1] * half_d * pleat, z], 1)

    tray = crumpled(flat.mapped(press), rng, float(rng.uniform(0.15, 0.5)), 7, 0.35)
    if rng.uniform() < 0.5:
        tray = dented(tray, (half_w * rng.choice([-1, 1]), 0, deep), (-half_w * 0.3 * 1, 0, -deep * 0.3), 4)
    return placed_on_tray([MeshPart(tray, materials.bare_metal("Al", float(rng.uniform(0.15, 0.25))))], rng)


KINDS: dict[str, Maker] = {
    "can": can,
    "crushed-can": crushed_can,
    "tin": tin,
    "foil": foil,
    "jar-lid": jar_lid,
    "foil-tray": foil_tray,
}
