"""The camera of a render, for Mitsuba: it looks down on the item, with a margin for its shadow."""

from types import ModuleType
from typing import Any

import numpy as np

from train.sprites.shapes import Floats


def perspective_camera(mi: ModuleType, points: Floats, tilt_deg: float, size: int) -> tuple[dict[str, Any], float]:
    """A camera that looks down on all points, with a margin for shadows.

    Args:
        mi: Mitsuba.
        points: in cm, shape (n, 3).
        tilt_deg: angle between the optical axis and straight down, 0..30.
        size: longest side of the picture, in pixels.

    Returns:
        Mitsuba's sensor, and the length of the picture's longest side on the tray in millimetres.
    """
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
            # Wider filters share samples between pixels, and the denoiser takes correlated noise for detail.
            "rfilter": {"type": "box"},
            "pixel_format": "rgba",
            "component_format": "float32",
        },
        "sampler": {"type": "independent"},
    }
    return sensor, 20 * longest * distance
