"""Cardboard: boxes, flattened sheets, cartons, rolls and egg trays."""

import cv2
import numpy as np

from train.sprites import colours, lettering, materials, packaging, textures
from train.sprites.items import Maker, MeshPart, Parts, laid_on_side, mapped, placed_on_tray, rotated, translated
from train.sprites.materials import Material, Picture
from train.sprites.shapes import Floats, Mesh, box, crumpled, dented, folds, plate, revolved, sheet


def _rim() -> Material:
    """The cut edge of corrugated board: a wave between two liners; one texture repeat per cm."""
    height, width = 32, 128
    made = textures.plain(height, width, (96, 68, 42))
    x = np.arange(width)
    y = height / 2 + height * 0.3 * np.sin(x / width * 2 * np.pi * 2)
    for a, b, c, d in zip(x[:-1], y[:-1], x[1:], y[1:], strict=True):
        cv2.line(made, (int(a), round(b)), (int(c), round(d)), (196, 158, 112), 4)
    made[:6] = made[-6:] = (190, 150, 104)
    return materials.matte(made)


def _marks(picture: Picture, rng: np.random.Generator) -> None:
    """Shipping marks in one dark ink."""
    ink = (58, 44, 36) if rng.uniform() < 0.7 else (40, 60, 110)
    rows, columns = picture.shape[:2]
    what = int(rng.integers(0, 3))
    if what == 0:
        for k in (0.3, 0.45):
            x, y, s = round(k * columns), round(0.68 * rows), round(0.09 * rows)
            cv2.arrowedLine(picture, (x, y + s), (x, y - s), ink, max(2, s // 7), cv2.LINE_AA, tipLength=0.4)
        cv2.line(picture, (round(0.25 * columns), round(0.8 * rows)), (round(0.5 * columns), round(0.8 * rows)), ink, 4)
    lettering.write(picture, str(rng.choice(lettering.BRANDS)).upper(), (0.5, 0.3), 0.13, ink, 0)
    lettering.lines(picture, rng, (0.3, 0.42, 0.7, 0.52), 0.03, ink)
    if what == 1:
        lettering.barcode(picture, rng, (0.62, 0.62, 0.9, 0.85))
    if what == 2:
        cv2.rectangle(
            picture,
            (round(0.55 * columns), round(0.58 * rows)),
            (round(0.92 * columns), round(0.9 * rows)),
            (246, 246, 244),
            -1,
        )
        lettering.lines(picture, rng, (0.58, 0.6, 0.88, 0.74), 0.03, (40, 40, 40))
        lettering.barcode(picture, rng, (0.6, 0.75, 0.86, 0.88))


def _board(rng: np.random.Generator, marks: bool = True) -> Picture:
    made = textures.kraft(rng)
    if marks:
        _marks(made, rng)
    return made


def _taped(picture: Picture) -> None:
    """A strip of brown tape across the middle."""
    rows = picture.shape[0]
    strip = picture[round(0.41 * rows) : round(0.59 * rows)]
    strip[:] = (strip * 0.35 + np.array((150, 104, 56)) * 0.65).astype(np.uint8)


def closed_box(rng: np.random.Generator) -> Parts:
    """A taped shipping box, a little dented."""
    w, d, h = float(rng.uniform(12, 24)), float(rng.uniform(9, 16)), float(rng.uniform(4, 11))
    atlas = np.zeros((1024, 1536, 3), np.uint8)
    for row in range(2):
        for column in range(3):
            face = _board(rng, marks=bool(rng.uniform() < 0.5) or (row, column) == (0, 0))
            if (row, column) == (0, 2):
                face = _board(rng, marks=bool(rng.uniform() < 0.6))
                cv2.line(face, (0, 256), (512, 256), (90, 64, 40), 3)
                _taped(face)
            atlas[512 * row : 512 * row + 512, 512 * column : 512 * column + 512] = face
    atlas = textures.stained(atlas, rng, (120, 88, 58), 0.02) if rng.uniform() < 0.4 else atlas
    mesh = crumpled(box(w, d, h, 50), rng, float(rng.uniform(0.1, 0.5)), 5, 0.07)
    for _ in range(int(rng.integers(0, 3))):
        corner = (w / 2 * rng.choice([-1, 1]), d / 2 * rng.choice([-1, 1]), h)
        mesh = dented(mesh, corner, -0.12 * np.array(corner) * rng.uniform(0.5, 1.5), 3.5)
    return placed_on_tray([MeshPart(mesh, materials.matte(atlas))], rng)


def open_box(rng: np.random.Generator) -> Parts:
    """An open corrugated box with its four flaps folded out, seen from above."""
    w, d, h = float(rng.uniform(12, 20)), float(rng.uniform(9, 15)), float(rng.uniform(6, 11))
    thick, rim = 0.35, _rim()
    outside, inside = materials.matte(_board(rng)), materials.matte(_board(rng, marks=False))
    parts: Parts = []

    def add(width: float, length: float, place: "list[tuple[str, float]]", skin: Material) -> None:
        faces, edge = plate(width, length, thick, 30)
        for mesh, material in ((faces, skin), (edge, rim)):
            for step, amount in place:
                mesh = mesh.rotated(step[-1], amount) if step.startswith("turn") else mesh.translated(**{step: amount})
            parts.append(MeshPart(mesh, material))

    add(w, d, [], inside)
    for width, off, heading in ((w, d / 2, 0.0), (d, w / 2, 90.0), (w, d / 2, 180.0), (d, w / 2, 270.0)):
        skin = outside if heading % 180 == 0 else inside
        add(width, h, [("y", h / 2), ("turnx", 90), ("y", -off), ("turnz", heading)], skin)
        out, length = float(rng.uniform(-35, 65)), min(w, d) / 2
        add(
            width - 0.3,
            length,
            [("y", length / 2), ("turnx", 180 + out), ("z", h), ("y", -off), ("turnz", heading)],
            inside if rng.uniform() < 0.7 else outside,
        )
    state = int(rng.integers(1 << 31))
    parts = mapped(
        parts, lambda p: p + 0.9 * np.stack([folds(p, np.random.default_rng(state + k), 4, 0.05) for k in range(3)], 1)
    )
    return placed_on_tray(parts, rng)


def flat_sheet(rng: np.random.Generator) -> Parts:
    """A torn, creased piece of corrugated board; here and there the liner is off and the flutes show."""
    w, d = float(rng.uniform(14, 24)), float(rng.uniform(9, 17))
    picture = _board(rng, marks=bool(rng.uniform() < 0.6))
    rows, columns = picture.shape[:2]
    field = textures.clouds(rng, rows, columns, 4, 2)
    x, y = np.meshgrid(np.linspace(-1, 1, columns), np.linspace(-1, 1, rows))
    field = field + 1.6 * np.maximum(np.abs(x), np.abs(y)) ** 3
    level = np.quantile(field, 1 - float(rng.uniform(0.06, 0.2)))
    flutes = 0.68 + 0.26 * np.sin(np.arange(columns) * 2 * np.pi / 15)[None, :]
    bare = textures.toned(textures.kraft(rng), flutes * np.ones((rows, 1)))
    picture = np.where((field > level)[..., None], bare, picture)
    picture[np.abs(field - level) < 0.07] = (216, 184, 142)
    for at in (float(rng.uniform(0.2, 0.4)), float(rng.uniform(0.6, 0.8))):
        line = round(at * rows)
        picture[line : line + 5] = (picture[line : line + 5] * 0.72).astype(np.uint8)
    faces, edge = plate(w, d, 0.4, 120)
    state, phase = int(rng.integers(1 << 31)), rng.uniform(0, 6, 8)
    crease, angle = float(rng.uniform(-0.3, 0.3)) * d, float(rng.uniform(0.0, 0.45))

    def tear(p: Floats) -> Floats:
        q = p.copy()
        u, v = p[:, 0] / (w / 2), p[:, 1] / (d / 2)
        for axis, along, across, span in ((0, v, u, w), (1, u, v, d)):
            for side in (-1, 1):
                near = np.clip((side * across - 0.55) / 0.45, 0, 1)
                s = along * 4 + 3 * side + axis
                ragged = (
                    0.5 * np.sin(s + phase[0])
                    + 0.3 * np.sin(2.7 * s + phase[1])
                    + 0.16 * np.sin(7.1 * s + phase[2])
                    + 0.1 * np.sin(17 * s + phase[3])
                )
                q[:, axis] -= side * near * span * 0.085 * (0.7 + ragged)
        q[:, 2] += np.abs(q[:, 1] - crease) * np.tan(angle) * (q[:, 1] > crease)
        q[:, 2] += 0.9 * folds(np.stack([p[:, 0], p[:, 1], 0 * p[:, 0]], 1), np.random.default_rng(state), 4, 0.06)
        return q

    parts = mapped([MeshPart(faces, materials.matte(picture)), MeshPart(edge, _rim())], tear)
    return placed_on_tray(parts, rng)


def carton(rng: np.random.Generator) -> Parts:
    """A printed folding carton of cereal, tea or toothpaste, often with an open end or pressed flat."""
    sizes = [(13.0, 19.0, 5.0), (7.0, 12.0, 5.0), (19.0, 4.5, 4.0), (9.0, 15.0, 3.0)]
    w, d, h = (float(s * rng.uniform(0.9, 1.1)) for s in sizes[int(rng.integers(0, len(sizes)))])
    flat = float(rng.choice([1.0, 1.0, 0.3]))
    ground = colours.palette(rng)[0] if rng.uniform() < 0.75 else (240, 238, 232)
    brand, ink = str(rng.choice(lettering.BRANDS)), (250, 250, 250) if sum(ground) < 480 else (40, 40, 60)
    cells: list[Picture] = []
    tall = d > w
    for name in ("front", "back", "top", "left", "right", "bottom"):
        if name in ("top", "bottom"):
            face = (
                packaging.panel(rng, ground, brand, 640, 448)
                if tall
                else cv2.rotate(packaging.panel(rng, ground, brand, 640, 400), 0)
            )
            face = face if tall else packaging.panel(rng, ground, brand, 300, 640)
        else:
            face = (
                packaging.small_print(rng, ground, ink)
                if name in ("left", "right")
                else textures.plain(300, 400, ground)
            )
        cells.append(cv2.resize(face, (512, 512), interpolation=cv2.INTER_AREA))
    atlas = np.vstack([np.hstack(cells[:3]), np.hstack(cells[3:])])
    mesh = box(w, d, h * flat, 40)
    if rng.uniform() < 0.6:
        # One end open: the front's faces (the first sixth of the atlas order) are gone, its flap stands out.
        corner = mesh.uv[mesh.faces].mean(axis=1)
        front = (corner[:, 0] < 1 / 3) & (corner[:, 1] < 0.5)
        mesh = Mesh(mesh.vertices, mesh.faces[~front], mesh.uv)
        flap = (
            sheet(w * 0.98, h * flat * 0.95, 20, 20)
            .translated(y=-h * flat * 0.48)
            .rotated("x", float(rng.uniform(-30, 40)))
            .translated(y=-d / 2, z=h * flat)
        )
        inner = box(w * 0.985, d * 0.985, h * flat * 0.97, 20).translated(z=0.03)
        corner = inner.uv[inner.faces].mean(axis=1)
        inner = Mesh(inner.vertices, inner.faces[~((corner[:, 0] < 1 / 3) & (corner[:, 1] < 0.5))], inner.uv)
        parts = [
            MeshPart(mesh, materials.matte(atlas, 0.4)),
            MeshPart(inner, materials.matte((0.62, 0.55, 0.46))),
            MeshPart(flap, materials.matte((0.66, 0.6, 0.52))),
        ]
    else:
        parts = [MeshPart(mesh, materials.matte(atlas, 0.4))]
    state, much = int(rng.integers(1 << 31)), float(rng.uniform(0.1, 0.9))
    parts = mapped(
        parts, lambda p: p + much * np.stack([folds(p, np.random.default_rng(state + k), 4, 0.07) for k in range(3)], 1)
    )
    return placed_on_tray(parts, rng)


def roll(rng: np.random.Generator) -> Parts:
    """The core of a toilet or kitchen roll: grey-brown tube with its spiral seam; sometimes two, sometimes squashed."""
    parts: Parts = []
    for k in range(int(rng.choice([1, 1, 2]))):
        r, h = float(rng.uniform(1.9, 2.3)), float(rng.choice([10.0, 10.0, 22.0]))
        picture = textures.toned(
            textures.plain(512, 512, (188, 160, 126)),
            1 + 0.05 * textures.clouds(rng, 512, 512) + cv2.GaussianBlur(rng.normal(size=(512, 512)), (0, 0), 1) * 0.1,
        )
        for shift in (-512, 0, 512):
            cv2.line(picture, (shift, 0), (shift + 512, 512), (138, 112, 82), 4, cv2.LINE_AA)
        wall = np.array(
            [
                (r - 0.12, 0.0),
                (r, 0.0),
                *[(r, z) for z in np.linspace(0.05, h - 0.05, 40)],
                (r, h),
                (r - 0.12, h),
                *[(r - 0.12, z) for z in np.linspace(h - 0.05, 0.0, 40)],
            ]
        )
        mesh = crumpled(revolved(wall), rng, float(rng.uniform(0.1, 0.7)), 5, 0.14)
        tube = laid_on_side(
            [MeshPart(mesh.scaled(float(rng.uniform(0.5, 1.0)), 1.0, 1.0), materials.matte(picture))], rng
        )
        tube = rotated(tube, "z", float(rng.uniform(-30, 30)))
        low = min(p.mesh.vertices[:, 2].min() for p in tube)
        parts += translated(tube, y=k * 5.4, z=-low)
    if rng.uniform() < 0.2:
        parts = rotated(parts, "y", 78)
    return placed_on_tray(parts, rng)


def egg_tray(rng: np.random.Generator) -> Parts:
    """A moulded pulp egg tray, 2 by 3 to 3 by 4."""
    across, deep = int(rng.integers(2, 4)), int(rng.integers(3, 5))
    pitch = 4.6
    w, d = pitch * across + 1.2, pitch * deep + 1.2
    tone = [(168, 160, 150), (176, 150, 116), (150, 158, 166)][int(rng.integers(0, 3))]
    grain = cv2.GaussianBlur(rng.normal(size=(768, 768)).astype(np.float32), (0, 0), 1.2) * 0.16
    picture = textures.toned(textures.plain(768, 768, tone), 1 + grain + 0.04 * textures.clouds(rng, 768, 768, 5, 6))

    def mould(p: Floats) -> Floats:
        x, y = (p[:, 0] / pitch + across / 2) * np.pi, (p[:, 1] / pitch + deep / 2) * np.pi
        inside = np.clip((np.minimum(w / 2 - np.abs(p[:, 0]), d / 2 - np.abs(p[:, 1]))) / 0.5, 0, 1)
        bowl = 3.4 * (1 - np.clip(np.abs(np.sin(x)) * np.abs(np.sin(y)) * 1.25, 0, 1) ** 0.8)
        rim_height = 2.2
        z = inside * np.minimum(bowl, 3.2) + (1 - inside) * rim_height
        return np.stack([p[:, 0], p[:, 1], z], 1)

    tray = crumpled(sheet(w, d, 220, 220).mapped(mould), rng, float(rng.uniform(0.15, 0.6)), 6, 0.15)
    return placed_on_tray([MeshPart(tray, materials.matte(picture, 0.9))], rng)


KINDS: dict[str, Maker] = {
    "closed-box": closed_box,
    "flat-sheet": flat_sheet,
    "carton": carton,
    "roll": roll,
    "open-box": open_box,
    "egg-tray": egg_tray,
}
