"""What a faulty camera makes of a good picture. RGB uint8 in and out; the input is left as it is."""

import math

import cv2
import numpy as np

from hardware.frame import Pixels

_READOUT_S = 0.025
"""Time from the first row read to the last, in seconds: a rolling shutter at up to 40 frames per second."""

_MAINS_LIGHT_HZ = 100.0
"""Lamps on 50 Hz mains pulse twice in each period."""

_UNWRITTEN, _UNWRITTEN_STRIPE = (0, 136, 0), (200, 60, 200)
"""RGB of a buffer that was only half filled: zeros read as YUV are green, and out-of-step chroma is purple."""


def torn(new: Pixels, old: Pixels, cut: float) -> Pixels:
    """The new picture above the cut, the previous one below it, out of step, with a band of garbage between.

    Args:
        new, old: pictures of the same size.
        cut: its place, as a share of the height from the top (0..1).
    """
    height, width = new.shape[:2]
    row = min(max(round(cut * height), 1), height - 2)
    out = new.copy()
    out[row:] = np.roll(old[row:], width // 5, axis=1)
    band = slice(row, min(row + max(height // 100, 2), height))
    out[band] = _UNWRITTEN
    out[band, :: max(width // 40, 2)] = _UNWRITTEN_STRIPE
    return out


def rolling_flicker(picture: Pixels, time_s: float, *, amplitude: float) -> Pixels:
    """Lamps on 50 Hz mains: bands that move, since a rolling shutter reads the rows one after the other.

    Args:
        picture: as seen in steady light.
        time_s: when its first row was read, in seconds.
        amplitude: of the light, as a share (0..1).
    """
    height = picture.shape[0]
    rows_s = time_s + np.arange(height) * (_READOUT_S / height)
    gain = (1 + amplitude * np.sin(2 * math.pi * _MAINS_LIGHT_HZ * rows_s)).astype(np.float32)
    out: Pixels = np.clip(picture * gain[:, None, None], 0, 255).astype(np.uint8)
    return out


def spotted(picture: Pixels, *, x: float, y: float, radius: float, density: float) -> Pixels:
    """A smear on the lens, out of focus: darker and without contrast.

    Args:
        picture: as seen through a clean lens.
        x, y: its middle, as shares of the picture.
        radius: as a share of the picture's shorter side.
        density: share of the light that it takes in its middle (0..1).
    """
    height, width = picture.shape[:2]
    size = radius * min(height, width)
    x0, x1 = (round(min(max(x * width + d * size, 0), width)) for d in (-1.5, 1.5))
    y0, y1 = (round(min(max(y * height + d * size, 0), height)) for d in (-1.5, 1.5))
    out = picture.copy()
    if x0 >= x1 or y0 >= y1:
        return out
    rows, columns = np.mgrid[y0:y1, x0:x1]
    far = np.hypot(columns - x * width, rows - y * height) / size
    weight = (density / (1 + np.exp(7 * (far - 0.9))))[..., None].astype(np.float32)
    part = picture[y0:y1, x0:x1].astype(np.float32)
    blurred = cv2.blur(part, (max(round(size / 2), 1),) * 2)
    out[y0:y1, x0:x1] = (part * (1 - weight) + 0.72 * blurred * weight * 0.6).astype(np.uint8)
    return out


def resize_to(picture: Pixels, width: int, height: int) -> Pixels:
    """The picture in another size, in pixels."""
    out: Pixels = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return out
