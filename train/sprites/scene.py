"""Scenes of items under the camera of the bin, rendered with Mitsuba 3."""

from types import ModuleType
from typing import Any

import cv2
import numpy as np

from train.sprites.camera import perspective_camera
from train.sprites.denoise import denoise_render
from train.sprites.illumination import SceneSetup, environment_map
from train.sprites.items import MeshPart, Parts
from train.sprites.matting import Image, compress_highlights, encode_srgb, matte_from_two_grounds, matte_opaque_item
from train.sprites.mitsuba_loader import load_mitsuba
from train.sprites.shapes import Mesh

# Reflectance of the ground under an opaque item, and of the two under a clear one, from which its opacity is
# computed: about 0.48, 0.3 and 0.64 when sRGB-encoded, greys like those of trays.
GROUND_REFLECTANCE = 0.25
GROUND_REFLECTANCES = (0.10, 0.46)

PASSES = 2


def render_sprite(
    parts: Parts, view: SceneSetup, *, size: int, spp: int, seed: int, variant: str = "auto"
) -> tuple[Image, float]:
    """Render an item over one ground, or over two if it lets light through, and compute its sprite.

    Args:
        parts: the item, resting on z = 0.
        view: camera and light.
        size: longest side of the picture, in pixels.
        spp: light paths per pixel and ground.
        seed: of the random light paths.
        variant: see `train.sprites.mitsuba_loader.load_mitsuba`.

    Returns:
        Straight RGBA, 0..1, shape (height, width, 4), and the length of its longest side on the tray in millimetres.

    Raises:
        RendererMissingError: Mitsuba isn't installed.
    """
    mi = load_mitsuba(variant)
    rng = np.random.default_rng(seed)
    sensor, longest_mm = perspective_camera(mi, np.concatenate([p.mesh.vertices for p in parts]), view.tilt_deg, size)
    surroundings = environment_map(view, rng)
    light = {
        "type": "envmap",
        "bitmap": mi.Bitmap(surroundings),
        "to_world": mi.ScalarTransform4f().rotate([1, 0, 0], 90),
    }
    bodies = {f"part{k}": _body(mi, part) for k, part in enumerate(parts)}
    clear = not all(part.opaque for part in parts)
    reflectances = GROUND_REFLECTANCES if clear else (GROUND_REFLECTANCE,)
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
        picture = compress_highlights(_without_fireflies(passes[..., :3]))
        over.append(denoise_render(picture, guides[..., :3], guides[..., 3:]))
    # Irradiance of a flat, empty, diffuse ground, from the environment picture.
    elevation = np.radians(90 - (np.arange(surroundings.shape[0]) + 0.5) / surroundings.shape[0] * 180)[:, None, None]
    weight = np.clip(np.sin(elevation), 0, 1) * np.cos(elevation) * (np.pi / surroundings.shape[0])
    irradiance = (surroundings * weight).sum(axis=(0, 1)) * (2 * np.pi / surroundings.shape[1]) / np.pi
    # The picture's border shows that ground too, with the renderer's own rounding: a better reference.
    empty = [
        _ground_colour(linear, reflectance * irradiance) for linear, reflectance in zip(over, reflectances, strict=True)
    ]
    solid = _opaque_coverage(mi, parts, sensor)
    if clear:
        sprite = matte_from_two_grounds(
            encode_srgb(over[0]), encode_srgb(over[1]), encode_srgb(empty[0]), encode_srgb(empty[1]), solid
        )
    else:
        sprite = matte_opaque_item(encode_srgb(over[0]), encode_srgb(empty[0]), solid)
    return sprite, longest_mm


def _ground_colour(linear: Image, expected: Image) -> Image:
    """The empty ground's colour: the 70th percentile along the picture's border, within 10 % of the expected colour."""
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
    """The mean over passes, after outliers of high brightness are limited to their neighbours' values in the darker pass."""
    median = cv2.medianBlur(passes.min(axis=0), 3)
    return np.asarray(np.minimum(passes, 2.0 * median + 0.5).mean(axis=0), dtype=np.float32)


def _opaque_coverage(mi: ModuleType, parts: Parts, sensor: dict[str, Any]) -> Image:
    """Coverage by opaque parts, also behind clear ones, 0..1, shape (height, width)."""
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
    """The material with its pictures as Mitsuba bitmaps."""
    made: dict[str, Any] = {}
    for key, value in material.items():
        if isinstance(value, dict):
            made[key] = _with_bitmaps(mi, value)
        elif key == "picture":
            made["bitmap"] = mi.Bitmap(np.ascontiguousarray(value))
        else:
            made[key] = value
    return made
