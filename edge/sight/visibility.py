"""The smallest and the faintest thing that is seen on a tray, by the noise of its pictures."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.background import BackgroundModel
from edge.sight.cielab import Lab
from edge.sight.mask import mask_from_distance

CLEAR_LAB = 20.0
"""Contrast of the smallest thing, as a difference in lightness, in Lab units: steel on grey paint has that, or more."""

SIZEABLE = 0.2
"""Diameter of the faintest thing, as a fraction of the tray's shorter side: a crumpled wrapper."""

SIZES = tuple(round(0.02 + 0.005 * step, 3) for step in range(37))
"""Diameters that are tried, as fractions of the tray's shorter side: 2 to 20 %."""

CONTRASTS = tuple(float(lightness) for lightness in range(1, 41))
"""Contrasts that are tried, in Lab units of lightness."""

PLACES = ((0.5, 0.5), (0.3, 0.4), (0.72, 0.34), (0.4, 0.71), (0.63, 0.66), (0.21, 0.23))
"""Where a thing is laid, as fractions of the picture's width and height. It counts as seen when it is in each place: between the
pixels of the working image as well as on them."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """What is seen on a tray.

    Attributes:
        least_size: diameter of the smallest disc with a contrast of ``CLEAR_LAB`` that is seen, as a fraction of the tray's
            shorter side, 0.02..0.2; None: not one of 0.2.
        least_contrast: least contrast of a disc of ``SIZEABLE`` that is seen, in Lab units of lightness, 1..40; None: not one
            of 40.
    """

    least_size: float | None
    least_contrast: float | None


def measure_visibility(background: BackgroundModel) -> Visibility:
    """Lay discs on a picture of the empty tray, with the noise of its model, and see which are found.

    Args:
        background: the empty tray.
    """
    # One sequence of noise for every tray: the answer is the same each time.
    rng = np.random.default_rng(0)

    def is_seen(size: float, contrast: float) -> bool:
        return all(
            mask_from_distance(background.distance(_with_disc(background, place, size, contrast, rng))) is not None
            for place in PLACES
        )

    return Visibility(
        _first(SIZES, lambda size: is_seen(size, CLEAR_LAB)),
        _first(CONTRASTS, lambda contrast: is_seen(SIZEABLE, contrast)),
    )


def _first(values: tuple[float, ...], is_seen: Callable[[float], bool]) -> float | None:
    return next((value for value in values if is_seen(value)), None)


def _with_disc(
    background: BackgroundModel, place: tuple[float, float], size: float, contrast: float, rng: np.random.Generator
) -> Lab:
    height, width = background.mean.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    from_rim: NDArray[np.float32] = size * min(width, height) / 2 - cv2.magnitude(
        x - place[0] * width, y - place[1] * height
    )
    # A pixel on the rim shows as much of the disc as lies in it.
    covered = np.clip(from_rim + 0.5, 0.0, 1.0)
    lab = background.mean + rng.normal(0.0, background.noise / np.sqrt(3), background.mean.shape)
    # Towards the middle of the scale, so that a white tray has a darker disc and a black one a lighter.
    lab[..., 0] += np.where(background.mean[..., 0] > 50.0, -contrast, contrast) * covered
    return np.asarray(lab, np.float32)
