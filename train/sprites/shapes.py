"""Triangle meshes of simple bodies, and functions that bend, dent and crumple them. Lengths are in centimetres."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A triangle mesh.

    Attributes:
        vertices: positions in cm, shape (n, 3); z points up, the tray is z = 0.
        faces: indices into vertices, shape (m, 3), counter-clockwise seen from outside.
        uv: texture coordinates, shape (n, 2); v = 0 is the top row of the texture.
    """

    vertices: Floats
    faces: Ints
    uv: Floats

    def __post_init__(self) -> None:
        if self.vertices.ndim != 2 or self.vertices.shape[1] != 3:
            raise ValueError(f"mesh vertices: expected shape (n, 3), got {self.vertices.shape}")
        if self.uv.shape != (len(self.vertices), 2):
            raise ValueError(f"mesh uv: expected shape ({len(self.vertices)}, 2), got {self.uv.shape}")

    def mapped(self, function: Callable[[Floats], Floats]) -> "Mesh":
        """The same mesh with `function` applied to its vertices."""
        return Mesh(function(self.vertices), self.faces, self.uv)

    def translated(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> "Mesh":
        """The mesh translated, in cm."""
        return Mesh(self.vertices + np.array([x, y, z]), self.faces, self.uv)

    def scaled(self, x: float, y: float, z: float) -> "Mesh":
        """The mesh scaled along the axes."""
        return Mesh(self.vertices * np.array([x, y, z]), self.faces, self.uv)

    def rotated(self, axis: str, angle_deg: float) -> "Mesh":
        """The mesh rotated about an axis ("x", "y", "z") through the origin."""
        return Mesh(self.vertices @ rotation(axis, angle_deg).T, self.faces, self.uv)

    def normals(self) -> Floats:
        """Smooth unit normals, shape (n, 3): the area-weighted mean over the faces around each vertex."""
        corner = self.vertices[self.faces]
        across = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        total = np.zeros_like(self.vertices)
        for k in range(3):
            np.add.at(total, self.faces[:, k], across)
        # Vertices that are doubled at a texture seam must share a normal, otherwise the seam is visible.
        length = np.linalg.norm(total, axis=1, keepdims=True)
        return np.where(length > 1e-12, total / np.maximum(length, 1e-12), np.array([0.0, 0.0, 1.0]))


def rotation(axis: str, angle_deg: float) -> Floats:
    """Rotation matrix about "x", "y" or "z"."""
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = c
    matrix[i, j], matrix[j, i] = -s, s
    return matrix


def _grid_faces(rows: int, columns: int) -> Ints:
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    return np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]).astype(
        np.int64
    )


def smooth_polyline(points: ArrayLike, passes: int = 3) -> Floats:
    """Cuts the corners of an open polyline (Chaikin); a point given twice stays sharp."""
    line = np.asarray(points, dtype=np.float64)
    for _ in range(passes):
        first, second = line[:-1], line[1:]
        cut = np.stack([0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second], 1).reshape(-1, 2)
        line = np.concatenate([line[:1], cut, line[-1:]])
    return line


def resampled(line: Floats, count: int) -> Floats:
    """`count` points evenly along a polyline."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, line[:, k]) for k in range(line.shape[1])], 1)


def revolved(profile: ArrayLike, segments: int = 96) -> Mesh:
    """A surface of revolution about z.

    Args:
        profile: (radius, z) pairs in cm; going up in z gives normals that point outwards.
        segments: steps around the axis. u runs once around, v from the end of the profile (0) to its start (1).
    """
    line = np.asarray(profile, dtype=np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    angle = np.linspace(0.0, 2 * np.pi, segments + 1)
    radius, height = line[:, :1], np.repeat(line[:, 1:2], segments + 1, 1)
    vertices = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], -1).reshape(-1, 3)
    u, v = np.meshgrid(angle / (2 * np.pi), 1.0 - along / max(along[-1], 1e-9))
    return Mesh(vertices, _grid_faces(len(line), segments + 1), np.stack([u, v], -1).reshape(-1, 2))


def sheet(width: float, depth: float, columns: int = 160, rows: int = 160) -> Mesh:
    """A flat rectangle in the xy plane around the origin, facing up; u along x, v = 0 at the far edge (+y)."""
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(1, 0, rows))
    vertices = np.stack([(u - 0.5) * width, (0.5 - v) * depth, np.zeros_like(u)], -1).reshape(-1, 3)
    return Mesh(vertices, _grid_faces(rows, columns), np.stack([u, v], -1).reshape(-1, 2))


def sphere(radius: float = 1.0, rings: int = 140, segments: int = 240) -> Mesh:
    """A sphere around the origin."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, rings)
    return revolved(np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1), segments)


def merged(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes as one."""
    offsets = np.cumsum([0] + [len(m.vertices) for m in meshes[:-1]])
    return Mesh(
        np.concatenate([m.vertices for m in meshes]),
        np.concatenate([m.faces + o for m, o in zip(meshes, offsets, strict=True)]),
        np.concatenate([m.uv for m in meshes]),
    )


def box(width: float, depth: float, height: float, steps: int = 24) -> Mesh:
    """A closed box standing on z = 0 around the z axis, sharp edged, its sides fine enough to be dented.

    The texture is an atlas of 3 columns and 2 rows: front (-y), back, top / left (-x), right, bottom.
    """
    half_w, half_d, half_h = width / 2, depth / 2, height / 2
    flat = {
        "front": (sheet(width, height, steps, steps).rotated("x", 90).translated(y=-half_d, z=half_h), 0, 0),
        "back": (
            sheet(width, height, steps, steps).rotated("x", 90).rotated("z", 180).translated(y=half_d, z=half_h),
            1,
            0,
        ),
        "top": (sheet(width, depth, steps, steps).translated(z=height), 2, 0),
        "left": (
            sheet(depth, height, steps, steps).rotated("x", 90).rotated("z", -90).translated(x=-half_w, z=half_h),
            0,
            1,
        ),
        "right": (
            sheet(depth, height, steps, steps).rotated("x", 90).rotated("z", 90).translated(x=half_w, z=half_h),
            1,
            1,
        ),
        "bottom": (sheet(width, depth, steps, steps).rotated("x", 180), 2, 1),
    }
    cells = []
    for mesh, column, row in flat.values():
        uv = (mesh.uv * 0.996 + 0.002 + np.array([column, row])) / np.array([3.0, 2.0])
        cells.append(Mesh(mesh.vertices, mesh.faces, uv))
    return merged(cells)


def plate(width: float, depth: float, thickness: float, steps: int = 100) -> tuple[Mesh, Mesh]:
    """A board lying on z = 0: (its two faces, its rim). u of the rim counts centimetres along the edge."""
    top = sheet(width, depth, steps, steps).translated(z=thickness)
    bottom = sheet(width, depth, steps, steps)
    bottom = Mesh(bottom.vertices, bottom.faces[:, ::-1], np.array([1.0, 0.0]) + np.array([-1.0, 1.0]) * bottom.uv)
    index = np.arange(steps * steps).reshape(steps, steps)
    ring = np.concatenate([index[0], index[1:, -1], index[-1, -2::-1], index[-2::-1, 0]])
    lower = bottom.vertices[ring]
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(lower, axis=0), axis=1))])
    uv = np.concatenate([np.stack([along, np.full_like(along, v)], 1) for v in (1.0, 0.0)])
    vertices = np.concatenate([lower, lower + np.array([0, 0, thickness])])
    return merged([top, bottom]), Mesh(vertices, _grid_faces(2, len(ring)), uv)


def tube(path: ArrayLike, radius: float, segments: int = 20) -> Mesh:
    """A round bar along a polyline, open at the ends."""
    line = np.asarray(path, dtype=np.float64)
    tangent = np.gradient(line, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    side = np.cross(tangent, np.array([0.0, 0.0, 1.0]))
    side = np.where(np.linalg.norm(side, axis=1, keepdims=True) < 1e-6, np.array([1.0, 0.0, 0.0]), side)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(side, tangent)
    angle = np.linspace(0, 2 * np.pi, segments + 1)
    ring = side[:, None] * np.cos(angle)[None, :, None] + up[:, None] * np.sin(angle)[None, :, None]
    u, v = np.meshgrid(angle / (2 * np.pi), np.linspace(1, 0, len(line)))
    vertices = (line[:, None] + radius * ring).reshape(-1, 3)
    return Mesh(vertices, _grid_faces(len(line), segments + 1)[:, ::-1], np.stack([u, v], -1).reshape(-1, 2))


def folds(points: Floats, rng: np.random.Generator, count: int = 8, frequency: float = 1.0) -> Floats:
    """A field of sharp creases: like those of a crumpled sheet.

    Args:
        points: positions, shape (n, 3), in cm.
        rng: source of the draws.
        count: number of families of creases that are added up.
        frequency: creases per cm of the coarsest family.

    Returns:
        Values around 0, shape (n,), of about -0.5 to 0.5.
    """
    total = np.zeros(len(points))
    weight_sum = 0.0
    q = points.copy()
    for _ in range(count):
        direction = rng.normal(size=3)
        direction /= np.linalg.norm(direction)
        f = frequency * 2.0 ** rng.uniform(0.0, 1.8)
        wave = np.abs((q @ direction * f + rng.uniform(0, 2)) % 2.0 - 1.0) - 0.5
        weight = frequency / f
        total += weight * wave
        weight_sum += weight
        other = rng.normal(size=3)
        q = q + other / np.linalg.norm(other) * (wave * 0.35 / f)[:, None]
    return total / weight_sum * 2.0


def crumpled(
    mesh: Mesh, rng: np.random.Generator, depth: float, count: int = 8, frequency: float = 0.5, flat: float = 1.0
) -> Mesh:
    """Moves every vertex by crease fields; `depth` in cm, `flat` scales the share of x and y."""
    move = np.stack([folds(mesh.vertices, rng, count, frequency) for _ in range(3)], 1)
    return Mesh(mesh.vertices + depth * move * np.array([flat, flat, 1.0]), mesh.faces, mesh.uv)


def dented(mesh: Mesh, centre: ArrayLike, push: ArrayLike, radius: float) -> Mesh:
    """Pushes a round dent: the vertices within about `radius` cm of `centre` move by `push` (cm)."""
    distance = np.linalg.norm(mesh.vertices - np.asarray(centre, dtype=np.float64), axis=1)
    share = np.clip(1.0 - (distance / radius) ** 2, 0.0, 1.0) ** 2
    return Mesh(mesh.vertices + share[:, None] * np.asarray(push, dtype=np.float64), mesh.faces, mesh.uv)
