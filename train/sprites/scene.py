"""Items under the camera of the bin, rendered with Mitsuba 3.

The only module that needs Mitsuba. The light is an environment picture: grey walls, LED strips, a dark camera. It is
infinitely far, so that every part of an empty ground is equally bright and one colour describes it.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import cv2
import numpy as np

from train.sprites.denoise import denoised
from train.sprites.items import MeshPart, Parts
from train.sprites.matting import Image, encoded, matted, rolled_off, shadowed
from train.sprites.shapes import Floats, Mesh

# Reflectance of the ground under an opaque item, and of the two under a clear one, where what shows through has to be
# told from the item: about 0.48, 0.3 and 0.64 when sRGB-encoded, as grey as a tray.
GROUND = 0.25
GROUNDS = (0.10, 0.46)
# A white sheet that lies flat comes out at this linear value; the rest is room for highlights.
WHITE = 0.80
PASSES = 2


class RendererMissingError(ImportError):
    """Mitsuba isn't installed."""


@dataclass(frozen=True, slots=True)
class SceneSetup:
    """Where the camera stands and how much light there is.

    Attributes:
        tilt_deg: how far the camera leans away from straight down, 0..30.
        strips: LED strips as (azimuth_deg, elevation_deg, width_deg, share of all light).
        warmth: colour cast, -0.1 (cool) to 0.1 (warm).
        exposure: factor on all light, about 0.8..1.1.
    """

    tilt_deg: float
    strips: tuple[tuple[float, float, float, float], ...]
    warmth: float
    exposure: float

    @classmethod
    def drawn(cls, rng: np.random.Generator, clear: bool = False) -> "SceneSetup":
        """A random view as found in a bin: nearly overhead, one or two strips, soft ambient light.

        `clear`: the item lets light through. Strips then give less of the light: their mirror images stay, while the
        light they send through glass, which takes very many paths to render without noise, fades.
        """
        count = int(rng.integers(1, 3))
        first = rng.uniform(0, 360)
        strips = tuple(
            (
                float(first + k * rng.uniform(120, 240)),
                float(rng.uniform(40, 70)),
                float(rng.uniform(30, 80)),
                float(rng.uniform(0.28, 0.5) / count * (0.3 if clear else 1.0)),
            )
            for k in range(count)
        )
        return cls(float(rng.uniform(2, 18)), strips, float(rng.normal(0, 0.025)), float(rng.uniform(0.85, 1.05)))


def mitsuba(variant: str = "auto") -> ModuleType:
    """Mitsuba with a variant set.

    Args:
        variant: "scalar_rgb", "llvm_ad_rgb", "cuda_ad_rgb"; "auto" takes llvm_ad_rgb where it works, else scalar_rgb.

    Raises:
        RendererMissingError: it isn't installed.
    """
    try:
        import mitsuba as mi
    except ImportError as error:
        raise RendererMissingError(
            "mitsuba is missing; install it with: pip install 'smart-bin-sorter[render]'"
        ) from error
    if mi.variant() is None or variant not in ("auto", mi.variant()):
        mi.set_variant(("llvm_ad_rgb" if _llvm_works() else "scalar_rgb") if variant == "auto" else variant)
    module: ModuleType = mi
    return module


def _llvm_works() -> bool:
    """Tries LLVM in a process of its own: an LLVM too old for the Dr.Jit in use aborts the process that calls it."""
    code = (
        "import mitsuba as mi; mi.set_variant('llvm_ad_rgb'); mi.render(mi.load_dict(mi.cornell_box()), spp=1).numpy()"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, env=os.environ, check=False)
    return child.returncode == 0


def environment_map(view: SceneSetup, rng: np.random.Generator) -> Image:
    """The surroundings as a latitude-longitude picture (row 0 is the zenith), scaled so that white paper gives WHITE."""
    height, width = 96, 192
    elevation = (90 - (np.arange(height) + 0.5) / height * 180)[:, None]
    azimuth = ((np.arange(width) + 0.5) / width * 360)[None, :]
    solid_cos = np.clip(np.sin(np.radians(elevation)), 0, 1) * np.cos(np.radians(elevation))

    def flux(picture: Floats) -> float:
        return float((picture * solid_cos).sum()) * (np.pi / height) * (2 * np.pi / width) / np.pi

    walls = 0.45 + 0.55 * np.clip((elevation - 15) / 45, 0, 1) + 0.0 * azimuth
    for _ in range(4):
        side = np.cos(np.radians(azimuth - rng.uniform(0, 360)) * int(rng.integers(1, 4)))
        walls = walls * (1 + rng.uniform(0, 0.3) * side * np.cos(np.radians(elevation)))
    camera = 90 - elevation < 9
    walls = np.where(camera, 0.12, np.clip(walls, 0.05, None))
    total = walls / flux(walls) * (1 - sum(s[3] for s in view.strips))
    for at, up, wide, share in view.strips:
        off = np.abs((azimuth - at + 180) % 360 - 180) / (wide / 2)
        strip = np.exp(-(np.maximum(off - 1, 0) ** 2) * 30) * np.exp(-(((elevation - up) / 4.5) ** 4))
        total = total + strip / flux(strip) * share
    colour = np.array([1 + view.warmth, 1.0, 1 - view.warmth])
    return np.asarray(WHITE * view.exposure * total[..., None] * colour, dtype=np.float32)


def render_sprite(
    parts: Parts, view: SceneSetup, *, size: int, spp: int, seed: int, variant: str = "auto"
) -> tuple[Image, float]:
    """Renders an item over one ground, or over two if it lets light through, and cuts it out.

    Args:
        parts: the item, resting on z = 0.
        view: camera and light.
        size: longest side of the picture, in pixels.
        spp: light paths per pixel and ground.
        seed: of the random light paths.
        variant: see `mitsuba`.

    Returns:
        Straight RGBA, 0..1, shape (height, width, 4), and what its longest side spans on the tray in millimetres.

    Raises:
        RendererMissingError: Mitsuba isn't installed.
    """
    mi = mitsuba(variant)
    rng = np.random.default_rng(seed)
    sensor, longest_mm = _sensor(mi, np.concatenate([p.mesh.vertices for p in parts]), view.tilt_deg, size)
    surroundings = environment_map(view, rng)
    light = {
        "type": "envmap",
        "bitmap": mi.Bitmap(surroundings),
        "to_world": mi.ScalarTransform4f().rotate([1, 0, 0], 90),
    }
    bodies = {f"part{k}": _body(mi, part) for k, part in enumerate(parts)}
    clear = not all(part.opaque for part in parts)
    reflectances = GROUNDS if clear else (GROUND,)
    depth = 11 if clear else 6
    over = []
    for reflectance in reflectances:
        ground = {
            "type": "rectangle",
            "to_world": mi.ScalarTransform4f().scale(1000.0),
            "bsdf": {"type": "diffuse", "reflectance": {"type": "rgb", "value": [reflectance] * 3}},
        }
        scene = mi.load_dict(
            {
                "type": "scene",
                "integrator": {
                    "type": "aov",
                    "aovs": "albedo:albedo,normal:sh_normal",
                    "light": {"type": "path", "max_depth": depth, "rr_depth": 4},
                },
                "sensor": sensor,
                "light": light,
                "ground": ground,
                **bodies,
            }
        )
        passes = np.stack(
            [
                np.array(mi.render(scene, spp=max(1, spp // PASSES), seed=seed * PASSES + k), dtype=np.float32)
                for k in range(PASSES)
            ]
        )
        guides = passes[..., -6:].mean(axis=0)
        picture = rolled_off(_without_fireflies(passes[..., :3]))
        over.append(denoised(picture, guides[..., :3], guides[..., 3:]))
    # Straight from the light picture: the share of it that a flat, empty, diffuse ground gives back.
    elevation = np.radians(90 - (np.arange(surroundings.shape[0]) + 0.5) / surroundings.shape[0] * 180)[:, None, None]
    weight = np.clip(np.sin(elevation), 0, 1) * np.cos(elevation) * (np.pi / surroundings.shape[0])
    irradiance = (surroundings * weight).sum(axis=(0, 1)) * (2 * np.pi / surroundings.shape[1]) / np.pi
    # What the picture's rim shows is that ground too, with the renderer's own rounding: the better reference.
    empty = [_rim(linear, reflectance * irradiance) for linear, reflectance in zip(over, reflectances, strict=True)]
    solid = _solid(mi, parts, sensor)
    if clear:
        sprite = matted(encoded(over[0]), encoded(over[1]), encoded(empty[0]), encoded(empty[1]), solid)
    else:
        sprite = shadowed(encoded(over[0]), encoded(empty[0]), solid)
    return sprite, longest_mm


def _rim(linear: Image, expected: Image) -> Image:
    """The empty ground's colour: the median along the picture's rim where that is near the expected colour."""
    rim = np.concatenate(
        [
            linear[:2].reshape(-1, 3),
            linear[-2:].reshape(-1, 3),
            linear[:, :2].reshape(-1, 3),
            linear[:, -2:].reshape(-1, 3),
        ]
    )
    seen = np.percentile(rim, 70, axis=0)
    return np.asarray(np.clip(seen, 0.9 * expected, 1.1 * expected), dtype=np.float32)


def _without_fireflies(passes: Image) -> Image:
    """The mean over passes, after wildly bright pixels are pulled down to what their neighbours show in any pass."""
    median = cv2.medianBlur(passes.min(axis=0), 3)
    return np.asarray(np.minimum(passes, 2.0 * median + 0.5).mean(axis=0), dtype=np.float32)


def _sensor(mi: ModuleType, points: Floats, tilt_deg: float, size: int) -> tuple[dict[str, Any], float]:
    """A camera that looks down on all points, with room for shadows; and the millimetres its longest side spans."""
    tilt = np.radians(tilt_deg)
    back = np.array([0.0, -np.sin(tilt), np.cos(tilt)])
    right, up = np.array([1.0, 0.0, 0.0]), np.array([0.0, np.cos(tilt), np.sin(tilt)])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    distance = 3.4 * float(np.linalg.norm(points - middle, axis=1).max())
    for _ in range(3):
        seen = points - middle
        depth = distance - seen @ back
        x, y = seen @ right / depth, seen @ up / depth
        middle = middle + distance * ((x.max() + x.min()) / 2 * right + (y.max() + y.min()) / 2 * up)
    seen = points - middle
    depth = distance - seen @ back
    half_x, half_y = float(np.abs(seen @ right / depth).max()), float(np.abs(seen @ up / depth).max())
    room = 0.18 * max(half_x, half_y)
    half_x, half_y = half_x + room, half_y + room
    longest = max(half_x, half_y)
    width, height = (max(32, round(size * half / longest)) for half in (half_x, half_y))
    sensor = {
        "type": "perspective",
        "fov_axis": "larger",
        "fov": float(2 * np.degrees(np.arctan(longest))),
        "near_clip": 0.1,
        "far_clip": 10_000.0,
        "to_world": mi.ScalarTransform4f().look_at(
            origin=[float(v) for v in middle + distance * back],
            target=[float(v) for v in middle],
            up=[float(v) for v in up],
        ),
        "film": {
            "type": "hdrfilm",
            "width": width,
            "height": height,
            # Wider filters share samples between pixels, and the denoiser takes grain that hangs together for detail.
            "rfilter": {"type": "box"},
            "pixel_format": "rgba",
            "component_format": "float32",
        },
        "sampler": {"type": "independent"},
    }
    return sensor, 20 * longest * distance


def _solid(mi: ModuleType, parts: Parts, sensor: dict[str, Any]) -> Image:
    """Where an opaque part is seen, be it through a clear one, 0..1."""
    plain = {"type": "twosided", "bsdf": {"type": "diffuse"}}
    bodies = {f"part{k}": _body(mi, MeshPart(p.mesh, plain)) for k, p in enumerate(parts) if p.opaque}
    if not bodies:
        return np.zeros((sensor["film"]["height"], sensor["film"]["width"]), np.float32)
    scene = mi.load_dict({"type": "scene", "integrator": {"type": "path", "max_depth": 2}, "sensor": sensor, **bodies})
    return np.clip(np.array(mi.render(scene, spp=16, seed=1), dtype=np.float32)[..., 3], 0.0, 1.0)


def _body(mi: ModuleType, part: MeshPart) -> Any:
    mesh: Mesh = part.mesh
    holder = mi.Properties()
    holder["mesh_bsdf"] = mi.load_dict(_with_bitmaps(mi, part.material))
    body = mi.Mesh(
        "part",
        vertex_count=len(mesh.vertices),
        face_count=len(mesh.faces),
        has_vertex_normals=True,
        has_vertex_texcoords=True,
        props=holder,
    )
    params = mi.traverse(body)
    params["vertex_positions"] = mesh.vertices.astype(np.float32).ravel()
    params["vertex_normals"] = mesh.normals().astype(np.float32).ravel()
    params["vertex_texcoords"] = mesh.uv.astype(np.float32).ravel()
    params["faces"] = mesh.faces.astype(np.uint32).ravel()
    params.update()
    return body


def _with_bitmaps(mi: ModuleType, material: dict[str, Any]) -> dict[str, Any]:
    """The material with its pictures turned into Mitsuba bitmaps."""
    made: dict[str, Any] = {}
    for key, value in material.items():
        if isinstance(value, dict):
            made[key] = _with_bitmaps(mi, value)
        elif key == "picture":
            made["bitmap"] = mi.Bitmap(np.ascontiguousarray(value))
        else:
            made[key] = value
    return made
