"""Tells whether something that hides the whole tray passes for the tray in another light."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.background import LIGHTNESS_WEIGHT, SAME_TEXTURE, BackgroundModel
from edge.sight.cielab import Lab
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

RIM_REACH_PX = 3
"""How far the tray may be pushed for its rim to be known again, in pixels of the working image: 8 mm of a tray of 40 cm."""


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

    def is_rim_hidden(self, background: BackgroundModel, lab: Lab, differs: NDArray[np.bool_]) -> bool:
        """Whether the rim shows none of the tray's texture where it has the tray's colour. An open flap fills the rest.

        Args:
            background, lab: as of ``is_hidden``.
            differs: the pixels that have another colour than the tray, bool (height, width): the outline of a flap close to the
                rim is no texture.
        """
        if any(seen >= HIDDEN_RIM for seen in background.rim_correlations(lab, differs=differs)):
            return False
        if self.background.rim_correlations(self.lab)[0] < SAME_TEXTURE:
            return False
        # The tray, or the camera, may have been pushed a little.
        shifted = background.rim_correlations(lab, differs=differs, reach_px=RIM_REACH_PX)
        return bool(shifted) and max(shifted) < HIDDEN_RIM


def _is_large(shift: Lab, noise: float) -> bool:
    """Whether a shift alone would make every pixel differ."""
    return float(np.linalg.norm(np.array([LIGHTNESS_WEIGHT, 1.0, 1.0]) * shift)) > NEAR * noise
