"""Items composited on plain backgrounds: a substitute for the bin's tray, for validation.

Accuracy on held-out photographs with their own background is too optimistic; a view chosen by them alone would show much of
that background.
"""

import numpy as np

from hardware.frame import Pixels
from train.data.cache import CachedPicture
from train.runs.settings import Settings
from train.views.augment import composite, random_affine, shadow
from train.views.backgrounds import plain_background

SEED = 20
"""Seed of the trays; fixed, so that all candidates and runs are measured on the same trays."""
TRAY_SETTINGS = Settings(zoom=0.15, cut_share=0.0)
"""Augmentation settings for trays: items lie whole on the tray."""


def synthetic_tray(cached: CachedPicture, random: np.random.Generator) -> Pixels | None:
    """The item on a plain, unevenly lit tray with a shadow; None where its mask is not reliable.

    RGB uint8 (height, width, 3), about the size of the cached picture.
    """
    if not cached.mask_is_reliable:
        return None
    pixels, cover = random_affine(cached, cached.pixels, random, TRAY_SETTINGS)
    if cover is None:
        return None
    height, width = cover.shape
    plain = np.ascontiguousarray(
        plain_background(random, max(height, width), float(random.uniform(0, 5)))[:height, :width]
    )
    ground = shadow(plain, cover, random)
    return composite(pixels, cover, ground)
