"""Sees the tray under light that differs from place to place: stripes of sun, the shadow of somebody who stands there."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.background import BLOCK, LIGHTNESS_WEIGHT, BackgroundModel, Lab

BLACK_L = 16.0
"""Lightness below zero at which all light is gone: ``L + 16`` goes with the cube root of the light, at any brightness."""

SMOOTH = 3
"""Side of the box filter, in pixels of the working image, that leaves the light: half the width of the edge of sunlight."""

MIN_RATIO, MAX_RATIO = 0.45, 1.7
"""Range of the ratios of ``L + 16`` that light explains: a tenth to five times the light."""

VISIBLE = 0.25
"""Minimum correlation between the texture of a block and that of the empty tray for the tray to be visible there, whatever the
light. Over the 256 pixels of a block, unrelated textures correlate with a standard deviation of 0.06 about 0."""

CLIP = 1.0
"""Texture beyond this many Lab units is cut off: scratches and outlines would outweigh the grain."""


def distance_in_any_light(background: BackgroundModel, lab: Lab) -> NDArray[np.float32] | None:
    """Distance from the empty tray where its texture is visible, in whatever light.

    Args:
        background: the empty tray.
        lab: Lab float32 (height, width, 3), of the same shape.

    Returns:
        float32 (height, width) in multiples of the noise, infinite where the tray is not visible; None if it is visible in less
        than half of the picture.
    """
    seen, tray = lab[..., 0] + BLACK_L, background.mean[..., 0] + BLACK_L
    kernel = (SMOOTH, SMOOTH)
    ratio = cv2.blur(seen, kernel) / cv2.blur(tray, kernel)
    expected = ratio * tray
    lightness = seen - expected
    bare = tray - cv2.blur(tray, kernel)
    texture = np.clip(seen - cv2.blur(seen, kernel), -CLIP, CLIP)
    bare = np.clip(bare, -CLIP, CLIP)
    size = max(lab.shape[1] // BLOCK, 1), max(lab.shape[0] // BLOCK, 1)
    covariance, bare_variance, variance = (
        cv2.resize(product, size, interpolation=cv2.INTER_AREA)
        for product in (bare * texture, bare * bare, texture * texture)
    )
    middle = cv2.resize(ratio, size, interpolation=cv2.INTER_AREA)
    visible = (
        (covariance > VISIBLE * np.sqrt(bare_variance * variance) + 1e-6) & (middle > MIN_RATIO) & (middle < MAX_RATIO)
    )
    if visible.mean() < 0.5:
        return None
    hue = lab[..., 1:] - ratio[..., None] * background.mean[..., 1:]
    distance = np.sqrt((LIGHTNESS_WEIGHT * lightness) ** 2 + (hue * hue).sum(axis=2)) / background.noise
    everywhere = cv2.resize(visible.astype(np.uint8), (lab.shape[1], lab.shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.where(everywhere > 0, distance, np.inf).astype(np.float32)
