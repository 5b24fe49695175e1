"""Plastic: bottles, cups, trays and bags."""

import cv2
import numpy as np

from train.sprites import colours, lettering, materials, motifs, packaging, textures
from train.sprites.items import Maker, MeshPart, Parts, laid_on_side, mapped, placed_on_tray, rotated
from train.sprites.kinds.bottle_parts import band, screw_cap
from train.sprites.shapes import (
    Floats,
    crumpled,
    dented,
    folds,
    resampled,
    revolved,
    sheet,
    smooth_polyline,
    sphere,
    tube,
)

PET: tuple[tuple[float, float, float], ...] = (
    (0.95, 0.97, 0.97),
    (0.95, 0.97, 0.97),
    (0.70, 0.86, 0.96),
    (0.68, 0.92, 0.76),
)


def pet_bottle(rng: np.random.Generator) -> Parts:
    """A thin clear drinks bottle: ribs, petaloid foot, bright cap, label band; often squeezed."""
    r, h = float(rng.uniform(3.0, 3.6)), float(rng.uniform(19.0, 24.0))
    z = np.linspace(2.0, h * 0.62, 140)
    label_low, label_high = h * 0.36, h * 0.6
    ribs = 0.12 * np.abs(np.sin(z * np.pi / 1.25)) * ((z < label_low) | (z > label_high))
    lower = smooth_polyline([(0.0, 0.9), (r * 0.4, 0.3), (r * 0.7, 0.0), (r - 0.1, 0.8), (r, 2.0)], 2)
    upper = smooth_polyline(
        [
            (r, h * 0.62),
            (r, h * 0.66),
            (r * 0.9, h * 0.75),
            (1.7, h * 0.88),
            (1.3, h * 0.92),
            (1.3, h * 0.925),
            (1.65, h * 0.928),
            (1.65, h * 0.935),
            (1.25, h * 0.94),
            (1.25, h - 0.3),
        ],
        2,
    )
    outer = np.concatenate([lower, np.stack([r - ribs, z], 1)[1:-1], upper])

    def petals(p: Floats) -> Floats:
        q = p.copy()
        low = np.clip((2.0 - p[:, 2]) / 2.0, 0, 1)
        q[:, 2] += low * 0.5 * np.abs(np.sin(2.5 * np.arctan2(p[:, 1], p[:, 0])))
        return q

    tint = PET[int(rng.integers(0, len(PET)))]
    body = revolved(resampled(outer, 320), 150).mapped(petals)
    parts = [MeshPart(body, materials.clear_film(tint, float(rng.uniform(0.05, 0.12))), opaque=False)]
    if rng.uniform() < 0.85:
        picture = packaging.wrap(rng)
        parts.append(MeshPart(revolved(band(outer, label_low, label_high, 0.04), 150), materials.glossy(picture, 0.35)))
    if rng.uniform() < 0.8:
        cap = screw_cap(h - 1.6, 1.55, 1.7, rng, metal=False)
        parts.append(
            MeshPart(
                cap.mesh,
                materials.glossy(colours.unit(colours.vivid(rng)) if rng.uniform() < 0.8 else (0.95, 0.95, 0.95), 0.3),
            )
        )
    state, squash = int(rng.integers(1 << 31)), float(rng.choice([0.0, 0.35, 0.6]))

    def squeeze(p: Floats) -> Floats:
        t = p[:, 2] / h
        inside = np.exp(-(((t - 0.45) / 0.25) ** 2))
        crease = folds(p, np.random.default_rng(state), 6, 0.14)
        q = p.copy()
        q[:, 0] *= 1 - squash * inside
        q[:, 1] *= 1 + 0.3 * squash * inside
        radial = p[:, :2] / np.maximum(np.linalg.norm(p[:, :2], axis=1, keepdims=True), 1e-6)
        q[:, :2] += radial * (crease * inside * (0.25 + 1.6 * squash))[:, None]
        q[:, 0] += squash * 2.2 * (t - 0.5) ** 2
        return q

    parts = mapped(parts, squeeze)
    parts = rotated(rotated(parts, "z", float(rng.uniform(-40, 40))), "y", 90)
    return placed_on_tray(parts, rng)


def detergent(rng: np.random.Generator) -> Parts:
    """An opaque bottle of shampoo or detergent, oval, with a flip or screw cap and a printed front."""
    r, h = float(rng.uniform(3.0, 4.2)), float(rng.uniform(15.0, 22.0))
    neck = float(rng.uniform(1.1, 1.8))
    tall = float(rng.uniform(1.8, 3.5))
    outer = resampled(
        smooth_polyline(
            [
                (0.0, 0.2),
                (r - 0.6, 0.0),
                (r, 0.6),
                (r, 1.2),
                (r * rng.uniform(0.88, 1.0), h * 0.5),
                (r, h - 6),
                (r * 0.9, h - tall - 2),
                (neck, h - tall - 0.6),
                (neck, h - tall),
            ],
            3,
        ),
        140,
    )
    ground = colours.vivid(rng) if rng.uniform() < 0.6 else (240, 240, 238)
    body = MeshPart(revolved(outer, 120), materials.glossy(colours.unit(ground), float(rng.uniform(0.2, 0.35))))
    label = MeshPart(revolved(band(outer, h * 0.12, h - 6.6, 0.03), 120), materials.glossy(_front(rng, ground), 0.25))
    cap_profile = smooth_polyline(
        [(neck + 0.25, h - tall), (neck + 0.3, h - tall + 0.2), (neck + 0.2, h - 0.3), (neck - 0.1, h), (0.0, h)], 2
    )
    cap = MeshPart(
        revolved(cap_profile),
        materials.glossy(colours.unit(colours.vivid(rng)) if rng.uniform() < 0.6 else (0.93, 0.93, 0.93), 0.25),
    )
    oval = float(rng.uniform(0.5, 0.75))
    parts = [
        MeshPart(body.mesh.scaled(oval, 1, 1), body.material),
        MeshPart(label.mesh.scaled(oval, 1, 1), label.material),
        MeshPart(cap.mesh.scaled(min(1.0, oval + 0.25), 1, 1), cap.material),
    ]
    if rng.uniform() < 0.5:
        parts = [MeshPart(dented(p.mesh, (r * oval, 0, h * 0.4), (-0.7, 0, 0), 4.5), p.material) for p in parts]
    parts = rotated(rotated(parts, "z", float(rng.uniform(-12, 12)) + 180 * int(rng.integers(0, 2))), "y", -90)
    return placed_on_tray(parts, rng)


def _front(rng: np.random.Generator, ground: colours.Rgb) -> materials.Picture:
    """A print with a front at u = 0 (split over both ends) and a back in the middle, on the bottle's own colour."""
    height, width = 640, 1024
    front, back = textures.plain(height, 420, ground), textures.plain(height, 420, ground)
    tones = colours.palette(rng)
    cv2.ellipse(front, (210, 200), (190, 150), 0, 0, 360, tones[0], -1, cv2.LINE_AA)
    motifs.swoosh(front, rng, tones[1])
    ink: colours.Rgb = (255, 255, 255) if sum(tones[0]) < 500 else (30, 40, 90)
    lettering.write(front, str(rng.choice(lettering.BRANDS)), (0.5, 0.3), 0.14, ink, int(rng.integers(0, 4)))
    dark: colours.Rgb = (40, 40, 60) if sum(ground) > 450 else (245, 245, 245)
    lettering.write(
        front,
        str(rng.choice(["SHAMPOO", "COLOR", "CARE", "ULTRA", "Dusche", "fresh", "SPRING"])),
        (0.5, 0.62),
        0.07,
        dark,
        0,
    )
    lettering.lines(front, rng, (0.25, 0.7, 0.75, 0.86), 0.03, dark)
    lettering.lines(back, rng, (0.1, 0.1, 0.9, 0.6), 0.025, dark)
    lettering.barcode(back, rng, (0.25, 0.68, 0.75, 0.9))
    made = textures.plain(height, width, ground)
    made[:, 302:722] = back
    made[:, :210], made[:, -210:] = front[:, 210:], front[:, :210]
    return made


def cup(rng: np.random.Generator) -> Parts:
    """A yoghurt or drinks cup, tapered, printed, open, with remains inside; sometimes its foil lid hangs on."""
    foot, mouth, h = float(rng.uniform(2.2, 2.9)), float(rng.uniform(3.2, 4.4)), float(rng.uniform(6.0, 11.0))
    outer = resampled(
        smooth_polyline(
            [
                (0.0, 0.3),
                (foot - 0.3, 0.3),
                (foot - 0.15, 0.0),
                (foot, 0.3),
                (mouth - 0.2, h - 0.6),
                (mouth - 0.1, h - 0.4),
                (mouth - 0.1, h - 0.12),
                (mouth + 0.3, h - 0.1),
                (mouth + 0.3, h),
                (mouth - 0.15, h),
            ],
            2,
        ),
        140,
    )
    inner = np.array([(mouth - 0.15, h), (mouth - 0.26, h - 0.5), (foot - 0.06, 0.5), (0.0, 0.45)])
    white = (0.93, 0.92, 0.9)
    remains = textures.stained(
        textures.plain(256, 512, (236, 234, 228)),
        rng,
        colours.rgb(float(rng.choice([0.95, 0.08, 0.1, 0.0])), 0.35, 0.8),
        0.35,
    )
    parts = [
        MeshPart(revolved(outer), materials.glossy(white, 0.3)),
        MeshPart(revolved(resampled(inner, 60)), materials.glossy(remains, 0.3)),
        MeshPart(
            revolved(band(outer, 0.5, h - 0.7, 0.02)),
            materials.glossy(packaging.wrap(rng, pale=bool(rng.uniform() < 0.6)), 0.3),
        ),
    ]
    if rng.uniform() < 0.5:
        lid = crumpled(sheet(2 * mouth, 2 * mouth, 70, 70), rng, 0.5, 6, 0.3)

        def round_off(p: Floats) -> Floats:
            q = np.clip(p / mouth, -1, 1)
            x, y = q[:, 0] * np.sqrt(1 - q[:, 1] ** 2 / 2), q[:, 1] * np.sqrt(1 - q[:, 0] ** 2 / 2)
            return np.stack([x * mouth, y * mouth, p[:, 2] - 0.12 * (x * mouth) ** 2], 1)

        hung = (
            lid.mapped(round_off)
            .translated(x=mouth)
            .rotated("y", float(-rng.uniform(60, 130)))
            .translated(x=-mouth - 0.2, z=h)
        )
        parts.append(MeshPart(hung, materials.bare_metal("Al", 0.2)))
    state, press = int(rng.integers(1 << 31)), float(rng.choice([0.0, 0.5, 1.0]))
    parts = mapped(
        parts,
        lambda p: p + press * 0.9 * folds(p, np.random.default_rng(state), 4, 0.1)[:, None] * np.array([1, 0.6, 0]),
    )
    parts = laid_on_side(parts, rng) if rng.uniform() < 0.7 else rotated(parts, "x", float(rng.uniform(0, 12)))
    return placed_on_tray(parts, rng)


def food_tray(rng: np.random.Generator) -> Parts:
    """A thermoformed food container, clear or black or white, with ribs and a flat rim."""
    half_w, half_d, deep = float(rng.uniform(6, 9)), float(rng.uniform(4.5, 6.5)), float(rng.uniform(2.5, 5.0))
    count = int(rng.integers(10, 20))

    def form(p: Floats) -> Floats:
        reach = np.maximum(np.abs(p[:, 0]), np.abs(p[:, 1]))
        norm = (np.abs(p[:, 0]) ** 7 + np.abs(p[:, 1]) ** 7) ** (1 / 7)
        q = p[:, :2] * (reach / np.maximum(norm, 1e-6))[:, None]
        wall = np.clip((reach - 0.74) / 0.13, 0, 1)
        wall = wall * wall * (3 - 2 * wall)
        z = deep * wall
        z += np.where(reach < 0.68, 0.18 * (np.sin(q[:, 0] * count) > 0.3) * (np.abs(q[:, 1]) < 0.5), 0.0)
        ribs = 1 + 0.012 * np.sign(np.sin(np.arctan2(q[:, 1], q[:, 0]) * 40)) * np.clip(wall * (1 - wall) * 4, 0, 1)
        z -= np.where(reach > 0.975, 0.25 * (reach - 0.975) / 0.025, 0.0)
        return np.stack([q[:, 0] * half_w * ribs, q[:, 1] * half_d * ribs, z], 1)

    tray = crumpled(sheet(2, 2, 260, 260).mapped(form), rng, float(rng.uniform(0.0, 0.35)), 5, 0.12)
    if rng.uniform() < 0.65:
        return placed_on_tray(
            [MeshPart(tray, materials.clear_film((0.95, 0.965, 0.965), float(rng.uniform(0.06, 0.14))), opaque=False)],
            rng,
        )
    colour = colours.unit([(24, 24, 26), (236, 236, 232), (60, 110, 70)][int(rng.integers(0, 3))])
    return placed_on_tray([MeshPart(tray, materials.glossy(colour, 0.3))], rng)


def bag(rng: np.random.Generator) -> Parts:
    """A crumpled carrier bag: a thin translucent skin in many folds, with a faint print."""
    colour = colours.rgb(float(rng.uniform()), float(rng.choice([0.0, 0.05, 0.6])), 0.97)
    picture = textures.plain(512, 1024, colour)
    if rng.uniform() < 0.7:
        for side in (0, 512):
            lettering.write(
                picture[:, side : side + 512],
                str(rng.choice(lettering.BRANDS)),
                (0.5, 0.5),
                0.22,
                colours.vivid(rng),
                0,
                0.14,
            )
    body = sphere(1.0, 240, 380).scaled(
        float(rng.uniform(7, 10)), float(rng.uniform(4.5, 6.5)), float(rng.uniform(1.6, 2.6))
    )
    body = crumpled(body, rng, 4.2, 4, 0.09)
    body = crumpled(body, rng, 1.5, 6, 0.3)
    body = crumpled(body, rng, 0.45, 6, 0.8)
    skin = materials.clear_film((0.97, 0.97, 0.97), float(rng.uniform(0.22, 0.4)), picture)
    ears = []
    for off in (-2.6, 2.6):
        # The two handles: loops of the same film, standing off one end.
        a = np.linspace(-0.3, np.pi + 0.3, 40)
        loop = tube(np.stack([6.5 + 4.2 * np.sin(a), off + 1.5 * np.cos(a), 0.6 + 0.5 * np.sin(a)], 1), 0.7, 16)
        ears.append(MeshPart(crumpled(loop.scaled(1, 1, 0.3), rng, 1.2, 6, 0.4), skin, opaque=False))
    return placed_on_tray([MeshPart(body, skin, opaque=False), *ears], rng)


KINDS: dict[str, Maker] = {
    "pet-bottle": pet_bottle,
    "detergent": detergent,
    "cup": cup,
    "food-tray": food_tray,
    "bag": bag,
}
