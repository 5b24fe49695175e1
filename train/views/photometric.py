"""Photometric augmentation: exposure, colour cast, blur, noise, JPEG."""

import cv2
import numpy as np

from hardware.frame import Pixels
from train.data.images import uint8
from train.runs.settings import Settings

_NOISE = np.random.default_rng(7).standard_normal((640, 640, 3), np.float32)
"""Drawn once and cropped at random: new normal noise would take longer than the rest of the augmentation."""


def relight(pixels: Pixels, random: np.random.Generator, settings: Settings) -> Pixels:
    """Exposure, gamma, contrast, saturation and colour cast, all moderate. uint8 (h, w, 3) -> the same shape."""
    strength = settings.light
    levels = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    gamma = np.exp(random.normal(0, strength))
    contrast = np.exp(random.normal(0, strength * 0.6))
    exposure = np.exp(random.normal(0, strength * 0.6))
    cast = np.exp(random.normal(0, settings.cast, 3)).astype(np.float32)
    curve = ((levels**gamma - 0.5) * contrast + 0.5) * exposure * cast
    table = np.clip(curve * 255, 0, 255).astype(np.uint8)[None]
    out = cv2.LUT(pixels, table)
    saturation = float(np.clip(np.exp(random.normal(0, strength)), 0.4, 1.8))
    # Saturation as one colour matrix: towards or away from the grey of each pixel.
    grey = np.full((3, 3), (1 - saturation) / 3, np.float32) + np.eye(3, dtype=np.float32) * saturation
    return uint8(cv2.transform(out, grey))


def degrade(pixels: Pixels, random: np.random.Generator, settings: Settings) -> Pixels:
    """Blur (out of focus, moving, or a low resolution), sensor noise and JPEG, each with its own probability. Same shape."""
    height, width = pixels.shape[:2]
    if random.random() < settings.blur_share:
        kind = random.random()
        if kind < 0.4:
            pixels = uint8(cv2.GaussianBlur(pixels, (0, 0), float(random.uniform(0.5, 1.8))))
        elif kind < 0.7:
            length = int(random.integers(3, 8))
            size = (length, 1) if random.random() < 0.5 else (1, length)
            pixels = uint8(cv2.blur(pixels, size))
        else:
            factor = float(random.uniform(0.35, 0.75))
            small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            pixels = uint8(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))
    if random.random() < settings.noise_share and height <= 512 and width <= 512:
        x, y = random.integers(0, (640 - width, 640 - height))
        noise = _NOISE[y : y + height, x : x + width] * np.float32(random.uniform(1, 8))
        pixels = uint8(cv2.add(pixels, noise, dtype=cv2.CV_8U))
    if random.random() < settings.jpeg_share:
        _, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(35, 92))])
        pixels = uint8(cv2.imdecode(coded, cv2.IMREAD_COLOR))
    return pixels
