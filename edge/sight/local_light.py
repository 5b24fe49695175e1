"""Sees the tray under light that differs from place to place: stripes of sun, the shadow of somebody who stands there."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.background import BLOCK, LIGHTNESS_WEIGHT, BackgroundModel
from edge.sight.cielab import Lab

BLACK_L = 16.0
"""Lightness below zero at which all light is gone: ``L + 16`` goes with the cube root of the light, at any brightness."""

SMOOTH = 3
"""Side of the box filter, in pixels of the working image, that leaves the light: less than half of the edge of sunlight."""

MIN_RATIO, MAX_RATIO = 0.45, 1.7
"""Range of the ratios of ``L + 16`` that light explains: a tenth to five times the light."""

VISIBLE = 0.25
"""Minimum correlation between the texture of a block and that of the empty tray for the tray to be visible there, whatever the
light. Over the 256 pixels of a block, unrelated textures correlate with a standard deviation of 0.06 about 0."""

REACH = 7
"""Side of the square, in pixels, around the middle of a block in which the tray is visible: less than half of the block. An item
that begins at its border hides a quarter of it, and the rest is not mistaken for it."""

MIN_VISIBLE = 0.5
"""Fraction of the picture in which the tray must be visible. What covers most of it may be a person."""

CLIP = 1.0
"""Texture beyond this many Lab units is cut off: scratches, outlines and the edges of sunlight would outweigh the grain."""


def distance_in_any_light(background: BackgroundModel, lab: Lab) -> NDArray[np.float32] | None:
    """Distance from the empty tray where its texture is visible, in whatever light.

    Args:
        background: the empty tray.
        lab: Lab float32 (height, width, 3), of the same shape.

    Returns:
        float32 (height, width) in multiples of the noise, infinite where the tray is not visible; None if it is visible in less
        than ``MIN_VISIBLE`` of the picture.
    """
    seen, tray = lab[..., 0] + BLACK_L, background.mean[..., 0] + BLACK_L
    kernel = (SMOOTH, SMOOTH)
    ratio = cv2.blur(seen, kernel) / cv2.blur(tray, kernel)
    expected = ratio * tray
    lightness = seen - expected
    bare = tray - cv2.blur(tray, kernel)
    texture = np.clip(seen - cv2.blur(seen, kernel), -CLIP, CLIP)
    bare = np.clip(bare, -CLIP, CLIP)
    covariance, bare_variance, variance = (
        cv2.blur(product, (BLOCK, BLOCK)) for product in (bare * texture, bare * bare, texture * texture)
    )
    visible = (
        (covariance > VISIBLE * np.sqrt(bare_variance * variance) + 1e-6) & (ratio > MIN_RATIO) & (ratio < MAX_RATIO)
    )
    if visible.mean() < MIN_VISIBLE:
        return None
    everywhere = cv2.dilate(visible.astype(np.uint8), np.ones((REACH, REACH), np.uint8))
    hue = lab[..., 1:] - ratio[..., None] * background.mean[..., 1:]
    distance = np.sqrt((LIGHTNESS_WEIGHT * lightness) ** 2 + (hue * hue).sum(axis=2)) / background.noise
    return np.where(everywhere > 0, distance, np.inf).astype(np.float32)
