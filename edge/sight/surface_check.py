"""Tells what belongs to the tray's surface (a stain, a crumb, a reflection, a shadow) from a thing that lies on it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.background import TEXTURE_KERNEL, BackgroundModel, Lab
from edge.values import Mask

CRUMB_AREA = 0.02
"""Area up to which what does not fall is a crumb, as a fraction of the tray: a seventh of its side. An item that small and
jammed hides nothing behind it, and falls with the next."""

SAME_SURFACE = 0.5
"""Fraction of the correlation of the bare tray's texture with the background model that must be left in what covers it. Seen
through a stain or a shadow, it is nearly all left; on an item, none."""

SURELY_SAME_SURFACE = 0.6
"""The same, to be sure without an opening."""

GLINT_AREA = 0.01
"""Area up to which a reflection of the lamp is told from a white item, as a fraction of the tray."""

FLAT = 1.5
"""Multiple of the steps from pixel to pixel on the bare tray up to which a place is flat. On the edge of a shadow or in the rim
of a stain the tray's texture cannot be compared."""

LIGHT_EDGE = 0.18
"""As ``SOFT_EDGE``, for the edge of sunlight and shadow, which a metre away is 1 cm wide. Clear film has a sharp outline."""

LEAST_TEXTURE = 0.2
"""Correlation of the bare tray's texture with the background model below which texture says nothing: a smooth tray, or a noisy
camera."""

LEAST_PIXELS = 60
"""Fewest pixels, of the working image, in which a correlation is measured. Unrelated textures correlate there with a standard
deviation of about 0.15."""

SOFT_EDGE = 0.16
"""Steepest change from pixel to pixel of the working image, as a fraction of the whole contrast, of something out of focus or
cast: a smear on the lens, a shadow, the halo of a reflection. The outline of an item changes by a third or more."""

CLIPPED_L = 98.0
"""Lightness (0..100) of a pixel that is saturated: a reflection of the lamp."""

CLIPPED_SHARE = 0.3
"""Fraction of a reflection that is saturated."""

NEUTRAL = 3.0
"""Largest deviation of the hue from that of the tray in another light, in multiples of the noise."""


@dataclass(frozen=True, slots=True)
class SurfaceEvidence:
    """What speaks for the tray's surface.

    Attributes:
        area: fraction of the tray, 0..1.
        texture: correlation with the tray's texture, as a fraction of what the bare tray has; None: cannot be measured.
        softness: steepest change of its outline, as a fraction of its contrast.
        clipped: fraction of saturated pixels, 0..1.
        hue: deviation of the hue from the tray's in another light, in multiples of the noise.
    """

    area: float
    texture: float | None
    softness: float
    clipped: float
    hue: float

    @property
    def is_surface(self) -> bool:
        """Whether something under which a flap has opened, and which has not fallen, belongs to the tray."""
        shows_through = self.texture is not None and self.texture > SAME_SURFACE
        is_soft = self.softness < SOFT_EDGE
        return self.area < CRUMB_AREA or shows_through or is_soft or self.clipped > CLIPPED_SHARE

    @property
    def is_light(self) -> bool:
        """Whether it is another light on the tray, so surely that no flap need open to find out."""
        shows_through = self.texture is not None and self.texture > SURELY_SAME_SURFACE
        glint = self.clipped > CLIPPED_SHARE and self.area < GLINT_AREA
        return (shows_through and self.hue < NEUTRAL and self.softness < LIGHT_EDGE) or glint


def examine(mask: Mask, lab: Lab, background: BackgroundModel) -> SurfaceEvidence:
    """Examine what a mask covers.

    Args:
        mask: of what differs from the tray.
        lab: the picture, Lab float32 (height, width, 3).
        background: the empty tray, of the same shape.
    """
    difference = cv2.blur(lab[..., 0] - background.mean[..., 0], (3, 3))
    steps = _steps(difference)
    outside = cv2.dilate(mask.cover, np.ones((9, 9), np.uint8)) == 0
    inside = (cv2.erode(mask.cover, np.ones((3, 3), np.uint8)) > 0) & (
        cv2.dilate(steps, np.ones((3, 3), np.uint8)) < FLAT * _high(steps[outside])
    )
    tray, seen = _texture(background.mean), _texture(lab)
    texture = None
    if np.count_nonzero(inside) >= LEAST_PIXELS and np.count_nonzero(outside) >= LEAST_PIXELS:
        bare = _correlation(tray[outside], seen[outside])
        texture = None if bare < LEAST_TEXTURE else _correlation(tray[inside], seen[inside]) / bare
    cover = mask.cover > 0
    return SurfaceEvidence(
        mask.area,
        texture,
        _softness(difference, steps, mask.cover),
        float((lab[..., 0][cover] > CLIPPED_L).mean()),
        _hue(lab[cover], background.mean[cover]) / background.noise,
    )


def _texture(lab: Lab) -> NDArray[np.float32]:
    light = lab[..., 0]
    texture: NDArray[np.float32] = cv2.subtract(light, cv2.blur(light, (TEXTURE_KERNEL, TEXTURE_KERNEL)))
    # Scratches and outlines would outweigh the grain.
    return np.clip(texture, -4.0, 4.0)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / max(float(np.sqrt((one * one).sum() * (other * other).sum())), 1e-6))


def _high(values: NDArray[np.float32]) -> float:
    """The 95th percentile; 0 without values."""
    return float(np.percentile(values, 95)) if values.size else 0.0


def _steps(difference: NDArray[np.float32]) -> NDArray[np.float32]:
    """Change from pixel to pixel, in Lab units."""
    across, down = (cv2.Sobel(difference, cv2.CV_32F, x, 1 - x, scale=1 / 8) for x in (1, 0))
    steps: NDArray[np.float32] = cv2.magnitude(across, down)
    return steps


def _softness(difference: NDArray[np.float32], steps: NDArray[np.float32], cover: NDArray[np.uint8]) -> float:
    around = cv2.dilate(cover, np.ones((7, 7), np.uint8)) > 0
    contrast = float(np.percentile(np.abs(difference[around]), 90))
    return _high(steps[around]) / max(contrast, 1e-6)


def _hue(seen: Lab, tray: Lab) -> float:
    """Median deviation of a and b from the tray's, whose chroma changes in proportion to ``L + 16`` with the light."""
    ratio = (seen[:, :1] + 16.0) / (tray[:, :1] + 16.0)
    deviation = np.linalg.norm(seen[:, 1:] - ratio * tray[:, 1:], axis=1)
    return float(np.median(deviation))
