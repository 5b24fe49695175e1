"""Tells what belongs to the tray's surface (a stain, a crumb, a reflection, a shadow) from a thing that lies on it."""

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.background import TEXTURE_KERNEL, BackgroundModel
from edge.sight.cielab import Lab
from edge.sight.quantile import median, quantile
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


class SurfaceEvidence:
    """What speaks for the tray's surface. Each figure is measured when it is first asked for: one that speaks against it often
    settles the matter.

    Args:
        mask: of what differs from the tray.
        lab: the picture, Lab float32 (height, width, 3).
        background: the empty tray, of the same shape.
    """

    def __init__(self, mask: Mask, lab: Lab, background: BackgroundModel) -> None:
        self._mask = mask
        self._lab = lab
        self._background = background
        self._cover = mask.cover > 0

    @property
    def area(self) -> float:
        """Fraction of the tray, 0..1."""
        return self._mask.area

    @cached_property
    def texture(self) -> float | None:
        """Correlation with the tray's texture, as a fraction of what the bare tray has; None: cannot be measured."""
        cover, steps = self._mask.cover, self._steps
        outside = cv2.dilate(cover, np.ones((9, 9), np.uint8)) == 0
        inside = (cv2.erode(cover, np.ones((3, 3), np.uint8)) > 0) & (
            cv2.dilate(steps, np.ones((3, 3), np.uint8)) < FLAT * _high(steps[outside])
        )
        if np.count_nonzero(inside) < LEAST_PIXELS or np.count_nonzero(outside) < LEAST_PIXELS:
            return None
        tray, seen = _texture(self._background.mean), _texture(self._lab)
        bare = _correlation(tray[outside], seen[outside])
        return None if bare < LEAST_TEXTURE else _correlation(tray[inside], seen[inside]) / bare

    @cached_property
    def softness(self) -> float:
        """Steepest change of its outline, as a fraction of its contrast."""
        around = cv2.dilate(self._mask.cover, np.ones((7, 7), np.uint8)) > 0
        contrast = quantile(np.abs(self._difference[around]), 0.9)
        return _high(self._steps[around]) / max(contrast, 1e-6)

    @cached_property
    def clipped(self) -> float:
        """Fraction of saturated pixels, 0..1."""
        return float((self._lab[..., 0][self._cover] > CLIPPED_L).mean())

    @cached_property
    def hue(self) -> float:
        """Deviation of the hue from the tray's in another light, in multiples of the noise."""
        return _hue(self._lab[self._cover], self._background.mean[self._cover]) / self._background.noise

    @property
    def is_surface(self) -> bool:
        """Whether something under which a flap has opened, and which has not fallen, belongs to the tray."""
        return (
            self.area < CRUMB_AREA
            or self._shows_texture(SAME_SURFACE)
            or self.softness < SOFT_EDGE
            or self.clipped > CLIPPED_SHARE
        )

    @property
    def is_light(self) -> bool:
        """Whether it is another light on the tray, so surely that no flap need open to find out."""
        if self.area < GLINT_AREA and self.clipped > CLIPPED_SHARE:
            return True
        return self._shows_texture(SURELY_SAME_SURFACE) and self.hue < NEUTRAL and self.softness < LIGHT_EDGE

    def _shows_texture(self, least: float) -> bool:
        return self.texture is not None and self.texture > least

    @cached_property
    def _difference(self) -> NDArray[np.float32]:
        difference: NDArray[np.float32] = cv2.blur(self._lab[..., 0] - self._background.mean[..., 0], (3, 3))
        return difference

    @cached_property
    def _steps(self) -> NDArray[np.float32]:
        """Change of the difference from pixel to pixel, in Lab units."""
        across, down = (cv2.Sobel(self._difference, cv2.CV_32F, x, 1 - x, scale=1 / 8) for x in (1, 0))
        steps: NDArray[np.float32] = cv2.magnitude(across, down)
        return steps


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
    return quantile(values, 0.95) if values.size else 0.0


def _hue(seen: Lab, tray: Lab) -> float:
    """Median deviation of a and b from the tray's, whose chroma changes in proportion to ``L + 16`` with the light."""
    ratio = (seen[:, :1] + 16.0) / (tray[:, :1] + 16.0)
    deviation = np.linalg.norm(seen[:, 1:] - ratio * tray[:, 1:], axis=1)
    return median(deviation)
