"""Tells whether something that hides the whole tray passes for the tray in another light."""

from dataclasses import dataclass

import cv2
import numpy as np

from edge.sight.background import LIGHTNESS_WEIGHT, SAME_TEXTURE, BackgroundModel, Lab
from edge.sight.mask import NEAR

HIDDEN_SHARE = 0.05
"""Fraction of the blocks in which the texture of the bare tray is visible, below which it is hidden. A plain coat leaves none;
narrow stripes of sunlight, whose rims lie in most blocks, leave 0.08 and more."""

TEXTURED_SHARE = 0.5
"""Fraction of the blocks in which the texture of the bare tray must be visible for its absence to say anything: a smooth tray or
a noisy camera shows none."""


HIDDEN_RIM = 0.1
"""Correlation of the rim's texture with that of the bare tray below which the rim is hidden. Its 5,000 pixels correlate with a
standard deviation of 0.02 about 0 with what has nothing to do with them."""


@dataclass(frozen=True, slots=True, eq=False)
class BareTrayPicture:
    """A picture of the bare tray, and the background model as it was before that picture became a part of it."""

    background: BackgroundModel
    lab: Lab

    def is_hidden(self, background: BackgroundModel, lab: Lab) -> bool:
        """Whether a picture differs from the tray as a whole, as in another light, but shows none of its texture.

        ``BackgroundModel.distance`` compensates a global shift, which may as well be the colour of a cloth.

        Args:
            background: the empty tray, in the present light.
            lab: the picture, Lab float32 of the same shape.
        """
        # The mean costs a tenth of the median, and mostly nothing has shifted.
        if not _is_large(np.subtract(cv2.mean(lab)[:3], cv2.mean(background.mean)[:3]), background.noise):
            return False
        if not _is_large(background.shift(lab), background.noise):
            return False
        visible = background.visible_share(lab)
        if visible >= HIDDEN_SHARE:
            return False
        textured = self.background.visible_share(self.lab)
        return textured >= TEXTURED_SHARE and visible < HIDDEN_SHARE * textured

    def is_rim_hidden(self, background: BackgroundModel, lab: Lab) -> bool:
        """Whether the rim shows none of the tray's texture, where an open flap fills the rest, even where it has the tray's
        colour. Arguments as of ``is_hidden``."""
        return background.rim_correlation(lab) < HIDDEN_RIM <= SAME_TEXTURE <= self.background.rim_correlation(self.lab)


def _is_large(shift: Lab, noise: float) -> bool:
    """Whether a shift alone would make every pixel differ."""
    return float(np.linalg.norm(np.array([LIGHTNESS_WEIGHT, 1.0, 1.0]) * shift)) > NEAR * noise
