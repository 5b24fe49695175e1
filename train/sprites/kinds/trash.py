"""Residual waste: wrappers, tissues, brushes, napkins, pens, foam cups, sachets."""

import cv2
import numpy as np

from train.sprites import colours, lettering, materials, packaging, textures
from train.sprites.items import Maker, MeshPart, Parts, laid_on_side, mapped, placed_on_tray
from train.sprites.kinds.pens import pen, toothbrush
from train.sprites.shapes import (
    Floats,
    box,
    crumpled,
    dented,
    folds,
    merged,
    resampled,
    revolved,
    sheet,
    sphere,
)


def _zigzag(p: Floats, depth: float, teeth: int, low: float, high: float) -> Floats:
    q = p.copy()
    end = np.clip(np.abs(p[:, 1]) / depth * 2 - 0.94, 0, 0.06) / 0.06
    q[:, 1] -= np.sign(p[:, 1]) * 0.28 * end * np.abs((p[:, 0] / (high - low) * teeth * 2) % 2 - 1)
    return q


def wrapper(rng: np.random.Generator) -> Parts:
    """An empty bag of crisps or a bar's wrapper: shiny, printed, crumpled, silver inside, zigzag ends."""
    width = float(rng.uniform(8, 14))
    depth = width * float(rng.choice([1.35, 1.35, 2.4]))
    if depth > 22:
        width, depth = width * 0.55, depth * 0.55
    picture = packaging.panel(
        rng, colours.palette(rng)[0], str(rng.choice(lettering.BRANDS)), 640, round(640 * width / depth)
    )
    rows = picture.shape[0]
    for edge in (slice(0, round(0.05 * rows)), slice(round(0.95 * rows), rows)):
        picture[edge] = (206, 208, 212)
        picture[edge][:, ::6] = (168, 170, 176)
    page = sheet(width, depth, 260, 260).mapped(lambda p: _zigzag(p, depth, 14, -width / 2, width / 2))
    state, puff = int(rng.integers(1 << 31)), float(rng.uniform(0.1, 0.3))

    def rumple(p: Floats) -> Floats:
        q = p.copy()
        r = np.random.default_rng(state)
        dome = np.clip(1 - (2 * p[:, 0] / width) ** 2, 0, 1) * np.clip(1 - (2 * p[:, 1] / depth) ** 4, 0, 1)
        q[:, 2] += puff * width * dome**0.6
        shift = np.stack([folds(p, r, 6, 2.0 / width) for _ in range(3)], 1)
        fine = np.stack([folds(p, r, 7, 6.0 / width) for _ in range(3)], 1)
        q += width * (0.13 * shift + 0.035 * fine) * np.array([0.8, 0.8, 1.0])
        return q

    top = page.mapped(rumple)
    under = page.mapped(lambda p: rumple(p) * np.array([1.0, 1.0, 0.15]) - np.array([0, 0, 0.05]))
    shine = materials.printed_metal(picture, float(rng.uniform(0.18, 0.3)), 0.6)
    return placed_on_tray([MeshPart(top, shine), MeshPart(under, materials.bare_metal("Al", 0.25))], rng)


def tissue(rng: np.random.Generator) -> Parts:
    """A used paper tissue: soft, thin, in loose folds."""
    page = sheet(16, 16, 300, 300)
    spots = textures.plain(256, 256, (243, 243, 241))
    if rng.uniform() < 0.4:
        spots = textures.stained(spots, rng, (206, 190, 150), 0.04)
    state, gather = int(rng.integers(1 << 31)), float(rng.uniform(0.42, 0.65))

    def gather_up(p: Floats) -> Floats:
        r = np.random.default_rng(state)
        reach = np.linalg.norm(p[:, :2], axis=1) / 8
        q = p.copy()
        angle = np.arctan2(p[:, 1], p[:, 0])
        waves = sum(np.sin(k * angle + r.uniform(0, 6)) * r.uniform(0.3, 1.0) / np.sqrt(k) for k in (3, 5, 7, 11))
        q[:, :2] *= (gather + 0.12 * np.sin(3 * angle + r.uniform(0, 6)))[:, None]
        q[:, 2] = 1.3 * np.clip(reach, 0, 1.1) * waves + 1.0
        move = np.stack([folds(p, r, 6, 0.13) for _ in range(3)], 1)
        fine = np.stack([folds(p, r, 6, 0.4) for _ in range(3)], 1)
        q += 2.6 * move + 0.6 * fine
        q[:, 2] = np.maximum(q[:, 2], 0.08 * q[:, 2])
        return q

    skin = materials.matte(spots, 0.9)
    return placed_on_tray([MeshPart(page.mapped(gather_up), skin)], rng)


def napkin(rng: np.random.Generator) -> Parts:
    """A crumpled napkin or kitchen towel, dirty with sauce or coffee."""
    base = [(186, 150, 112), (232, 228, 220), (206, 178, 140)][int(rng.integers(0, 3))]
    picture = textures.smudged(textures.plain(512, 512, base), rng, 0.04)
    picture = textures.stained(
        picture,
        rng,
        [(110, 62, 26), (150, 52, 28), (70, 44, 28)][int(rng.integers(0, 3))],
        float(rng.uniform(0.12, 0.3)),
    )
    ball = sphere(1.0, 280, 440).scaled(
        float(rng.uniform(4, 6)), float(rng.uniform(3.2, 4.5)), float(rng.uniform(1.6, 2.6))
    )
    ball = crumpled(ball, rng, 2.4, 5, 0.16)
    ball = crumpled(ball, rng, 0.8, 7, 0.45)
    return placed_on_tray([MeshPart(ball, materials.matte(picture, 0.9))], rng)


def foam_cup(rng: np.random.Generator) -> Parts:
    """A cup of white foam with a coffee stain, bitten or crushed at the rim."""
    foot, mouth, h = 2.5, float(rng.uniform(3.7, 4.4)), float(rng.uniform(8.5, 11.0))
    wall = 0.28
    outer = [
        (0.0, 0.2),
        (foot - 0.2, 0.2),
        (foot, 0.0),
        *zip(np.linspace(foot + 0.05, mouth, 40), np.linspace(0.3, h - 0.3, 40), strict=True),
        (mouth + 0.22, h - 0.25),
        (mouth + 0.22, h),
        (mouth - 0.05, h),
    ]
    inner = [(mouth - 0.05, h), (mouth - wall, h - 0.4), (foot - wall, 0.6), (0.0, 0.55)]
    grain = 1 + 0.035 * cv2.GaussianBlur(rng.normal(size=(512, 1024)).astype(np.float32), (0, 0), 3) * 6
    shell = textures.toned(textures.plain(512, 1024, (238, 238, 235)), grain)
    coffee = textures.stained(textures.plain(512, 1024, (236, 234, 228)), rng, (110, 66, 34), 0.25)
    coffee[380:] = (coffee[380:] * 0.3 + np.array((92, 54, 28)) * 0.7).astype(np.uint8)
    parts = [
        MeshPart(
            revolved(resampled(np.array(outer), 120)),
            materials.matte(textures.stained(shell, rng, (140, 92, 52), 0.05), 0.8),
        ),
        MeshPart(revolved(resampled(np.array(inner), 80)), materials.matte(coffee, 0.6)),
    ]
    if rng.uniform() < 0.7:
        a = rng.uniform(0, 2 * np.pi)
        way = np.array([np.cos(a), np.sin(a), 0.0])
        parts = [
            MeshPart(dented(p.mesh, way * mouth + [0, 0, h], -way * 1.6 - [0, 0, 1.0], 3.2), p.material) for p in parts
        ]
    parts = laid_on_side(parts, rng) if rng.uniform() < 0.7 else parts
    return placed_on_tray(parts, rng)


def cigarette_pack(rng: np.random.Generator) -> Parts:
    """A crushed cigarette packet, lid open, silver paper showing."""
    w, d, h = 5.6, 8.8, 2.2
    ground, second, _ = colours.palette(rng)
    if rng.uniform() < 0.5:
        ground = (236, 236, 232)
    face = textures.plain(512, 512, ground)
    cv2.fillPoly(face, [np.array([(0, 0), (512, 0), (512, 150), (256, 240), (0, 150)], np.int32)], second, cv2.LINE_AA)
    ink: colours.Rgb = (250, 250, 250) if sum(ground) < 450 else (40, 36, 40)
    lettering.write(face, str(rng.choice(lettering.BRANDS)), (0.5, 0.58), 0.11, ink, 1)
    cv2.rectangle(face, (20, 360), (492, 500), (245, 245, 245), -1)
    cv2.rectangle(face, (20, 360), (492, 500), (20, 20, 20), 8)
    lettering.lines(face, rng, (0.1, 0.73, 0.9, 0.95), 0.07, (20, 20, 20))
    side = textures.plain(512, 512, second)
    atlas = np.vstack([np.hstack([side, side, face]), np.hstack([side, side, face])])
    pack = box(w, d, h, 50)
    foil = (
        crumpled(sheet(w * 0.85, 3.4, 80, 80), rng, 0.6, 6, 0.5)
        .rotated("x", float(rng.uniform(10, 40)))
        .translated(y=d / 2 + 1.0, z=h * 0.75)
    )
    stubs = [
        revolved([(0.0, 0.0), (0.39, 0.0), (0.39, 2.4), (0.0, 2.4)], 40)
        .rotated("x", -90)
        .translated(x=at, y=d / 2 - 0.9, z=h * 0.5)
        for at in (-1.6, -0.7, 0.9)
    ]
    parts = [
        MeshPart(pack, materials.matte(atlas, 0.35)),
        MeshPart(foil, materials.bare_metal("Al", 0.22)),
        MeshPart(merged(stubs), materials.matte((0.86, 0.66, 0.4))),
    ]
    state, much = int(rng.integers(1 << 31)), float(rng.uniform(0.5, 1.3))
    parts = mapped(
        parts, lambda p: p + much * np.stack([folds(p, np.random.default_rng(state + k), 5, 0.14) for k in range(3)], 1)
    )
    return placed_on_tray(parts, rng)


def sachet(rng: np.random.Generator) -> Parts:
    """A torn foil sachet of sauce or sugar with its silver back and a smear."""
    width = float(rng.uniform(5.0, 7.0))
    depth = width * float(rng.uniform(1.2, 1.6))
    picture = packaging.panel(
        rng, colours.palette(rng)[0], str(rng.choice(["Ketchup", "Mayo", "Senf", "SUGAR", "Soy"])), 512, 384
    )
    picture[:30] = picture[-30:] = (212, 214, 218)
    picture[:, :16] = picture[:, -16:] = (212, 214, 218)
    page = sheet(width, depth, 200, 200).mapped(lambda p: _zigzag(p, depth, 12, -width / 2, width / 2))
    state = int(rng.integers(1 << 31))

    def rumple(p: Floats) -> Floats:
        r = np.random.default_rng(state)
        dome = np.clip(1 - (2 * p[:, 0] / width) ** 4, 0, 1) * np.clip(1 - (2 * p[:, 1] / depth) ** 4, 0, 1)
        q = p + np.array([0, 0, 0.5]) * dome[:, None]
        return q + width * (
            0.05 * np.stack([folds(p, r, 6, 0.3) for _ in range(3)], 1)
            + 0.02 * np.stack([folds(p, r, 6, 1.0) for _ in range(3)], 1)
        )

    blob = crumpled(sphere(1.0, 40, 60).scaled(1.1, 0.8, 0.22), rng, 0.4, 5, 0.6).translated(y=depth / 2 + 0.3, z=0.15)
    sauce = [(0.66, 0.1, 0.05), (0.94, 0.88, 0.7), (0.84, 0.62, 0.1)][int(rng.integers(0, 3))]
    parts = [
        MeshPart(page.mapped(rumple), materials.printed_metal(picture, 0.22, 0.6)),
        MeshPart(blob, materials.glossy(sauce, 0.12)),
    ]
    return placed_on_tray(parts, rng)


KINDS: dict[str, Maker] = {
    "wrapper": wrapper,
    "tissue": tissue,
    "toothbrush": toothbrush,
    "foam-cup": foam_cup,
    "napkin": napkin,
    "cigarette-pack": cigarette_pack,
    "pen": pen,
    "sachet": sachet,
}
