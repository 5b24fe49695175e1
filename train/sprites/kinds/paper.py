"""Paper: crumpled balls, newspapers, letters, envelopes, magazine pages and bags."""

import cv2
import numpy as np

from train.sprites import colours, lettering, materials, motifs, pages, textures
from train.sprites.items import Maker, MeshPart, Parts, mapped, placed_on_tray, rotated
from train.sprites.materials import Picture
from train.sprites.shapes import Floats, Mesh, crumpled, folds, sheet, sphere


def _balled(picture: Picture, radius: float, rng: np.random.Generator) -> Mesh:
    """A sheet crumpled to a ball: few deep creases, then finer ones, and a rumpled outline."""
    ball = sphere(radius, 300, 460).scaled(1.0, float(rng.uniform(0.75, 1.0)), float(rng.uniform(0.6, 0.9)))
    ball = crumpled(ball, rng, radius * 0.75, 5, 0.65 / radius)
    ball = crumpled(ball, rng, radius * 0.26, 7, 2.0 / radius)
    ball = crumpled(ball, rng, radius * 0.06, 5, 5.0 / radius)
    # The print is laid on from above, at its true size, and each fold shows another piece of the page.
    jump = np.stack([folds(ball.vertices, rng, 4, 0.7 / radius) for _ in range(2)], 1)
    return Mesh(ball.vertices, ball.faces, 0.5 + ball.vertices[:, :2] * np.array([1.0, -0.72]) / 19.0 + 0.12 * jump)


def ball(rng: np.random.Generator) -> Parts:
    """A crumpled ball of white, ruled, printed or coloured paper."""
    what = int(rng.integers(0, 5))
    if what == 0:
        picture = pages.newspaper(rng)
    elif what == 1:
        picture = textures.plain(64, 64, colours.rgb(float(rng.uniform()), float(rng.uniform(0.15, 0.5)), 0.92))
    elif what == 2:
        picture = pages.letter(rng)
    else:
        picture = textures.plain(64, 64, (238, 238, 235))
    return placed_on_tray(
        [MeshPart(_balled(picture, float(rng.uniform(3.0, 4.5)), rng), materials.matte(picture, 0.8))], rng
    )


def _page(picture: Picture, width: float, rng: np.random.Generator, wear: float, curl: float) -> Parts:
    """A sheet with folds, wear and a curled corner."""
    depth = width * picture.shape[0] / picture.shape[1]
    page = sheet(width, depth, 220, 220)
    state = int(rng.integers(1 << 31))
    corner, reach = (
        np.array([rng.choice([-1, 1]) * width / 2, rng.choice([-1, 1]) * depth / 2]),
        float(rng.uniform(0.3, 0.6)) * width,
    )
    thirds = bool(rng.uniform() < 0.5)

    def bend(p: Floats) -> Floats:
        q = p.copy()
        r = np.random.default_rng(state)
        q[:, 2] += wear * folds(p, r, 6, 1.6 / width) * width * 0.16
        q[:, 2] += wear * folds(p, r, 6, 5.0 / width) * width * 0.035
        if thirds:
            q[:, 2] += 0.05 * width * np.abs((p[:, 1] / depth * 3 + 0.5) % 2 - 1)
        near = np.clip(1 - np.linalg.norm(p[:, :2] - corner, axis=1) / reach, 0, 1)
        q[:, 2] += curl * width * near**2
        q[:, :2] -= 0.5 * curl * corner * near[:, None] ** 2
        return q

    return [MeshPart(page.mapped(bend), materials.matte(picture, 0.7))]


def newspaper(rng: np.random.Generator) -> Parts:
    """A page or folded half of a newspaper."""
    return placed_on_tray(
        _page(
            pages.newspaper(rng),
            float(rng.uniform(18, 24)),
            rng,
            float(rng.uniform(0.25, 0.9)),
            float(rng.uniform(0, 0.25)),
        ),
        rng,
    )


def letter(rng: np.random.Generator) -> Parts:
    """A letter or notebook page, folded or creased."""
    return placed_on_tray(
        _page(
            textures.smudged(pages.letter(rng), rng, 0.015),
            float(rng.uniform(13, 20)),
            rng,
            float(rng.uniform(0.2, 1.2)),
            float(rng.uniform(0, 0.3)),
        ),
        rng,
    )


def magazine(rng: np.random.Generator) -> Parts:
    """A glossy page torn out of a magazine."""
    parts = _page(
        pages.magazine(rng),
        float(rng.uniform(16, 21)),
        rng,
        float(rng.uniform(0.2, 0.8)),
        float(rng.uniform(0.05, 0.35)),
    )
    return placed_on_tray([MeshPart(p.mesh, materials.matte(pages.magazine(rng), 0.32)) for p in parts], rng)


def envelope(rng: np.random.Generator) -> Parts:
    """An envelope: front with stamp, address and window, or back with its flap."""
    height, width = 448, 880
    brown = bool(rng.uniform() < 0.3)
    colour = (196, 160, 116) if brown else (238, 238, 236)
    picture = textures.smudged(textures.plain(height, width, colour), rng, 0.02)
    shade = tuple(round(0.72 * c) for c in colour)
    if rng.uniform() < 0.6:
        if rng.uniform() < 0.55:
            cv2.rectangle(picture, (90, 200), (430, 340), (206, 214, 218), -1)
            cv2.rectangle(picture, (90, 200), (430, 340), shade, 2)
            lettering.lines(picture, rng, (0.13, 0.5, 0.4, 0.72), 0.055, (60, 60, 64))
        else:
            lettering.lines(picture, rng, (0.42, 0.52, 0.78, 0.85), 0.08, (40, 44, 90))
        x, y = width - 130, 36
        picture[y : y + 110, x : x + 92] = 250
        picture[y + 8 : y + 102, x + 8 : x + 84] = motifs.photo(rng, 94, 76)
        for k in range(5):
            wave = np.stack([np.arange(x - 130, x + 40), y + 25 + 14 * k + 5 * np.sin(np.arange(170) / 9)], 1).astype(
                np.int32
            )
            cv2.polylines(picture, [wave], False, (70, 70, 80), 2, cv2.LINE_AA)
        lettering.lines(picture, rng, (0.04, 0.08, 0.28, 0.24), 0.05, (90, 90, 96))
    else:
        for line in (
            [(0, 0), (width // 2, round(height * 0.58)), (width, 0)],
            [(0, height), (width // 2, round(height * 0.4)), (width, height)],
        ):
            cv2.polylines(picture, [np.array(line, np.int32)], False, shade, 4, cv2.LINE_AA)
        flap = np.array([(0, 0), (width // 2, round(height * 0.58)), (width, 0)], np.int32)
        lighter = picture.copy()
        cv2.fillPoly(lighter, [flap], tuple(min(255, round(1.03 * c)) for c in colour))
        picture = lighter
        cv2.polylines(picture, [flap], False, shade, 3, cv2.LINE_AA)
        if rng.uniform() < 0.6:
            # Torn open: a ragged dark mouth along the top.
            along = np.linspace(0, width, 60)
            ragged = np.concatenate(
                [
                    np.stack([along, 18 + 10 * rng.normal(size=60).cumsum() * 0.15], 1),
                    np.stack([along, 40 + 8 * rng.normal(size=60)], 1)[::-1],
                ]
            )
            cv2.fillPoly(picture, [ragged.astype(np.int32)], tuple(round(0.4 * c) for c in colour))
    parts = _page(picture, float(rng.uniform(16, 22)), rng, float(rng.uniform(0.1, 0.5)), float(rng.uniform(0, 0.1)))
    return placed_on_tray(parts, rng)


def paper_bag(rng: np.random.Generator) -> Parts:
    """A bakery bag of brown or white paper, crumpled flat, with a zigzag mouth."""
    width = float(rng.uniform(12, 17))
    height = float(rng.uniform(1.2, 1.6)) * width
    brown = bool(rng.uniform() < 0.65)
    picture = textures.smudged(textures.plain(768, 560, (190, 150, 106) if brown else (236, 234, 228)), rng, 0.03)
    ink = (92, 58, 36) if brown else colours.vivid(rng)
    lettering.write(
        picture, str(rng.choice(["Bakery", "Brot & Co", "Baker", "Pane", "fresh daily"])), (0.5, 0.42), 0.085, ink, 1
    )
    lettering.lines(picture, rng, (0.3, 0.5, 0.7, 0.58), 0.025, ink)
    cv2.ellipse(picture, (280, 200), (90, 50), 0, 0, 360, ink, 5, cv2.LINE_AA)
    if rng.uniform() < 0.4:
        picture = textures.stained(picture, rng, (150, 110, 66), 0.06)
    body = sphere(1.0, 280, 420)

    def pillow(p: Floats) -> Floats:
        # A sphere pressed to a flat rectangle; its texture is then taken from above.
        x, y = np.clip(p[:, 0] * 1.9, -1, 1), np.clip(p[:, 1] * 1.9, -1, 1)
        y = y + 0.02 * np.abs((x * 14) % 2 - 1) * (p[:, 1] > 0.45)
        return np.stack([x * width / 2, y * height / 2, p[:, 2] * 1.3], 1)

    body = body.mapped(pillow)
    uv = np.stack([body.vertices[:, 0] / width + 0.5, 0.5 - body.vertices[:, 1] / height], 1)
    body = Mesh(body.vertices, body.faces, np.clip(uv, 0.01, 0.99))
    body = crumpled(body, rng, float(rng.uniform(1.2, 3.0)), 6, 0.09)
    body = crumpled(body, rng, 0.5, 7, 0.35)
    return placed_on_tray([MeshPart(body, materials.matte(picture, 0.75))], rng)


def folded_news(rng: np.random.Generator) -> Parts:
    """A newspaper folded over: two layers, the upper a little askew."""
    picture, other = pages.newspaper(rng, 768, 768), pages.newspaper(rng, 768, 768)
    low = _page(other, 17.0, rng, 0.15, 0.0)
    high = _page(picture, 16.6, rng, float(rng.uniform(0.15, 0.4)), float(rng.uniform(0.0, 0.2)))
    high = mapped(rotated(high, "z", float(rng.uniform(-4, 4))), lambda p: p + np.array([0, 0, 0.9]))
    return placed_on_tray(low + high, rng)


KINDS: dict[str, Maker] = {
    "ball": ball,
    "newspaper": newspaper,
    "letter": letter,
    "envelope": envelope,
    "magazine": magazine,
    "paper-bag": paper_bag,
    "folded-news": folded_news,
}
