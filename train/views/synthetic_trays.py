"""Items laid on grounds they were not photographed on: a stand-in for the bin's tray, to validate with.

Held-out photographs on their own white table flatter; choosing a view by them alone would choose to look at the table.
"""

import numpy as np

from hardware.frame import Pixels
from train.data.cache import CachedPicture
from train.runs.settings import Settings
from train.views.augment import composite, random_affine, shadow
from train.views.backgrounds import plain_background

SEED = 20
"""Fixed: every candidate and every run is measured with the same trays."""
TRAY_SETTINGS = Settings(zoom=0.15, cut_share=0.0)
"""Items lie whole on the tray."""


def synthetic_tray(cached: CachedPicture, random: np.random.Generator) -> Pixels | None:
    """The item on a plain, unevenly lit tray with a shadow; None where its mask is not good enough.

    RGB uint8 (height, width, 3), about as large as the picture is kept.
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
