"""CIELAB, as CIE defines it, from pictures in sRGB under daylight (D65).

OpenCV's conversion makes tables at its first call, which take 6 MB for good and a tenth of the start, and is half as fast.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels

Lab = NDArray[np.float32]
"""L 0..100, a and b about -127..127; shape (height, width, 3)."""

CubeRoots = NDArray[np.float32]
"""Cube roots of X, Y and Z relative to white, float32 (height, width, 3). Light multiplies them."""

LinearRGB = NDArray[np.float32]
"""Light in each channel, as a fraction of white, float32 (height, width, 3)."""


def to_lab(pixels: Pixels) -> Lab:
    """Convert sRGB uint8 (height, width, 3) to Lab of the same shape."""
    xyz = cv2.transform(cv2.LUT(pixels, _LINEAR), _TO_XYZ)
    roots = cv2.log(np.maximum(xyz, _TOE))
    roots = cv2.exp(np.multiply(roots, np.float32(1 / 3), out=roots))
    # Near black CIE's curve goes on as its tangent.
    return roots_to_lab(cv2.addWeighted(roots, 1.0, np.minimum(xyz, _TOE), _SLOPE, -_SLOPE * float(_TOE)))


def to_linear_rgb(lab: Lab) -> LinearRGB:
    """Light in each channel: the inverse of ``to_lab`` but for sRGB's curve."""
    roots = to_cube_roots(lab)
    root = np.float32(_TOE_ROOT)
    xyz = np.maximum(roots, root) ** 3 + (np.minimum(roots, root) - root) / np.float32(_SLOPE)
    return np.asarray(cv2.transform(xyz, _FROM_XYZ), np.float32)


def to_cube_roots(lab: Lab) -> CubeRoots:
    """Cube roots of X, Y and Z relative to white: float32, of the same shape."""
    return np.asarray(cv2.transform(lab, _LAB_TO_ROOTS), np.float32)


def roots_to_lab(roots: CubeRoots) -> Lab:
    """The inverse of ``to_cube_roots``."""
    return np.asarray(cv2.transform(roots, _ROOTS_TO_LAB), np.float32)


def linear(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light of a level of sRGB, both as fractions of white, 0..1: IEC 61966-2-1."""
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)


_LINEAR = linear(np.arange(256) / 255.0).astype(np.float32)
"""Grey level -> light."""

_TO_XYZ = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]], np.float64
)
_TO_XYZ /= _TO_XYZ.sum(axis=1, keepdims=True)
"""Linear RGB -> X, Y and Z, relative to white."""

_FROM_XYZ = np.linalg.inv(_TO_XYZ)

_TOE_ROOT = 6 / 29
_TOE = np.float32(_TOE_ROOT**3)
"""Where CIE's curve turns from its tangent to the cube root."""

_SLOPE = 1 / (3 * _TOE_ROOT**2)

_ROOTS_TO_LAB = np.array([[0, 116, 0, -16], [500, -500, 0, 0], [0, 200, -200, 0]], np.float64)
"""The last column is added."""

_INVERSE = np.linalg.inv(_ROOTS_TO_LAB[:, :3])

_LAB_TO_ROOTS = np.column_stack([_INVERSE, -_INVERSE @ _ROOTS_TO_LAB[:, 3]])
