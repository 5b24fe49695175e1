"""Draw an item onto the tray's picture, with its shadow."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from hardware.frame import Pixels
from hardware.sim.items import Rgba

_SHADOW = 0.34
"""Share of the light that the deepest shadow takes, 0..1: a lamp above a bin leaves no hard shadows."""

_BLUR_SHARE, _LEAST_BLUR_PX = 0.035, 3.0
"""Width of the shadow's soft edge, as a share of the item's longest side, and its minimum, in pixels."""

_SHADOW_OFFSET = 0.6
"""How far the shadow lies below and to the right of the item, in widths of its soft edge: the lamp is at the upper left."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Where an item lies.

    Attributes:
        x, y: its centre, in pixels of the picture; may lie outside.
        angle_deg: rotation, counter-clockwise.
        scale: size relative to the item's at rest, above 0.
    """

    x: float
    y: float
    angle_deg: float
    scale: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """An item rotated and scaled, ready to be composited.

    Attributes:
        light: what the item adds, RGB uint8 (height, width, 3).
        keep: how much of the ground stays (255: all), uint8 (height, width, 3).
    """

    light: Pixels
    keep: Pixels


def premultiplied(rgba: Rgba, longest_px: float) -> Rgba:
    """The item scaled to a longest side, its colours multiplied by its alpha so that edges rotate without fringes."""
    height, width = rgba.shape[:2]
    factor = longest_px / max(height, width)
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    colour = cv2.multiply(rgba[..., :3], cv2.merge([rgba[..., 3]] * 3), scale=1 / 255)
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    out: Rgba = cv2.resize(cv2.merge([*cv2.split(colour), rgba[..., 3]]), size, interpolation=interpolation)
    return out


def rotated_size(rgba: Rgba, angle_deg: float) -> tuple[float, float]:
    """Width and height of the rotated item's bounding box, in pixels."""
    height, width = rgba.shape[:2]
    cos, sin = abs(math.cos(math.radians(angle_deg))), abs(math.sin(math.radians(angle_deg)))
    return width * cos + height * sin, width * sin + height * cos


def make_layer(item: Rgba, angle_deg: float, scale: float) -> Layer:
    """Rotate and scale an item that ``premultiplied`` has prepared, and add its shadow."""
    spread = max(_LEAST_BLUR_PX, _BLUR_SHARE * max(item.shape[:2]) * scale)
    width, height = rotated_size(item, angle_deg)
    margin = round(3 * spread)
    size = (math.ceil(width * scale) + 2 * margin, math.ceil(height * scale) + 2 * margin)
    matrix = cv2.getRotationMatrix2D((item.shape[1] / 2, item.shape[0] / 2), angle_deg, scale)
    matrix[:, 2] += (size[0] / 2 - item.shape[1] / 2, size[1] / 2 - item.shape[0] / 2)
    rotated = cv2.warpAffine(item, matrix, size, flags=cv2.INTER_LINEAR)
    alpha = cv2.extractChannel(rotated, 3)
    kernel = 2 * round(spread) + 1
    soft = cv2.blur(cv2.blur(alpha, (kernel, kernel)), (kernel, kernel))
    shift = round(spread * _SHADOW_OFFSET)
    shade = np.zeros_like(alpha)
    shade[shift:, shift:] = cv2.convertScaleAbs(soft[:-shift, :-shift], alpha=_SHADOW)
    keep = cv2.multiply(255 - alpha, 255 - shade, scale=1 / 255)
    # OpenCV takes three channels of four a hundred times as fast as NumPy copies the slice.
    return Layer(light=cv2.cvtColor(rotated, cv2.COLOR_RGBA2RGB), keep=cv2.merge([keep] * 3))


def composite(picture: Pixels, top: Layer, x: float, y: float) -> None:
    """Draw a layer on a picture, in place, its centre at ``x, y``; what lies outside is cut off."""
    height, width = top.keep.shape[:2]
    left, up = round(x - width / 2), round(y - height / 2)
    x0, y0, x1, y1 = max(left, 0), max(up, 0), min(left + width, picture.shape[1]), min(up + height, picture.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    ground = picture[y0:y1, x0:x1]
    part = (slice(y0 - up, y1 - up), slice(x0 - left, x1 - left))
    picture[y0:y1, x0:x1] = cv2.add(cv2.multiply(ground, top.keep[part], scale=1 / 255), top.light[part])
