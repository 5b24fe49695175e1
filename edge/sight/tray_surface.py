"""The tray itself as the camera sees it: its background model, the light on it, and the patches that are no items."""

import logging
from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.background import BackgroundModel
from edge.sight.cielab import Lab
from edge.sight.hidden_tray import BareTrayPicture
from edge.sight.light_change_log import LightChangeLog
from edge.sight.light_ratio import LightRatio, light_between, lightness_shift
from edge.sight.local_light import distance_in_any_light
from edge.sight.mask import FAR, MIN_AREA, NEAR, mask_from_distance, split
from edge.sight.surface_check import SurfaceEvidence
from edge.sight.thing_tracker import COVERED_EDGES
from edge.sight.tray_patches import TrayPatches
from edge.sight.work_image import mean_picture
from edge.values import Mask

log = logging.getLogger(__name__)

LARGE_SHARE = 0.3
"""Fraction of the tray that must differ from the background model for an illumination change to be considered; if it is none,
something covers the tray, even without a plausible mask."""

HALF = 0.5
"""Fraction of the tray that differs from which on a global shift of the light cannot be told from the whole picture."""

MOST_BY_RIM = 0.8
"""Largest part of the tray that something covers which counts as lying in its middle: a flap that leaves a rim of 5 % of the
tray's sides covers as much. What covers more may be a coat."""

EXPLAINED = 0.5
"""Fraction of what differs that may be left when light that differs from place to place explains the rest."""

LEAST_SHIFT = 2.0
"""Change of the tray's lightness from one picture to the next, in Lab units, from which it may be the light: far more than a lamp
drifts, and little beside an item's contrast."""

MAX_ADAPT_WEIGHT = 0.1
"""Largest weight of one frame when the background model adapts, however long ago the last adaptation was."""

LONG_LOOK_FRAMES = 8
"""Number of frames that are averaged to recognize the tray in the dark: a third of the noise of one."""


class TraySurface:
    """Compares pictures with the empty tray.

    Args:
        background: model of the empty tray.

    Attributes:
        background: the model, in the present light.
        far_share: fraction of the tray that certainly differed on the last picture, 0..1.
    """

    def __init__(self, background: BackgroundModel) -> None:
        self.background = background
        self.far_share = 0.0
        self._is_light_new = False
        # The newest picture in which the tray was recognized, and what lay there.
        self._known: Lab | None = None
        self._known_mask: Mask | None = None
        self._patches = TrayPatches()
        self._light_changes = LightChangeLog()
        self._covered: deque[Lab] = deque(maxlen=LONG_LOOK_FRAMES)
        self._bare: BareTrayPicture | None = None

    def distance(self, lab: Lab) -> NDArray[np.float32]:
        """Distance of each pixel from the tray and its patches, in multiples of the noise: float32 (height, width)."""
        distance = self.background.distance(lab)
        self._remove_patches(distance, lab)
        return distance

    def segment(self, lab: Lab, time_s: float) -> Mask | None:
        """Compare a picture with the tray.

        Args:
            lab: the picture, Lab float32 (height, width, 3).
            time_s: its capture time, in seconds.

        Returns:
            The mask of what is no part of the tray; None if there is nothing.
        """
        distance = self.background.distance(lab)
        near, far = _foreground_shares(distance)
        if near > MIN_AREA and (light := self._light_since_known(lab)) is not None:
            self._follow_light(self.background.in_light(light), near, time_s)
            distance = self.background.distance(lab)
            near, self.far_share = _foreground_shares(distance)
            self._known = lab
            return self._known_mask
        if near > LARGE_SHARE and (relit := self.background.matched_to_light(lab)) is not None:
            relit_distance = relit.distance(lab)
            shares = _foreground_shares(relit_distance)
            # A large item differs as much in any light: another light explains more of the tray than the smallest item covers.
            if near - shares[0] > MIN_AREA:
                self._follow_light(relit, near - shares[0], time_s)
                distance, (near, far) = relit_distance, shares
        is_by_rim = False
        if near > HALF:
            # What covers the middle shifts the median of the picture, but not that of its rim.
            distance_by_rim = self.background.distance(lab, by_rim=True)
            shares = _foreground_shares(distance_by_rim)
            is_by_rim = near - shares[0] > MIN_AREA
            if is_by_rim:
                distance, (near, far) = distance_by_rim, shares
        self.far_share = far
        is_even = True
        if near > LARGE_SHARE and (anyhow := distance_in_any_light(self.background, lab)) is not None:
            in_any_light = np.minimum(distance, anyhow)
            shares = _foreground_shares(in_any_light)
            # A large item loses its rim at most; another light explains most of what differs.
            if shares[0] < EXPLAINED * near:
                distance, (near, far) = in_any_light, shares
                is_even = False
        if len(self._patches):
            if self._patches.forget_gone(distance, self.background.noise, time_s):
                log.info("what was taken for a part of the tray is gone")
            self._remove_patches(distance, lab)
            near, far = _foreground_shares(distance)
        mask = mask_from_distance(distance)
        # There is no plausible mask, but too much has changed for an empty tray: something covers it.
        is_large = mask is None or (is_by_rim and mask.area > MOST_BY_RIM)
        is_covered = is_large and near > LARGE_SHARE and far > MIN_AREA
        if is_covered or self._is_hidden(lab, distance, by_rim=is_by_rim):
            mask = _everything(distance)
        if is_even and (mask is None or mask.edges < COVERED_EDGES):
            self._known, self._known_mask = lab, mask
        return mask

    def segment_around_flap(self, lab: Lab) -> Mask | None:
        """Compare a picture with the tray while a flap may stand open in it, with the light told from the rim and not followed.

        However large the flap is, a finger beside it is no speck.

        Args:
            lab: the picture, Lab float32 (height, width, 3).

        Returns:
            The mask of what is no part of the tray, the flap included; None if there is nothing.
        """
        distance = self.background.distance(lab, by_rim=True)
        if len(self._patches):
            self._patches.reduce(distance, self.background.difference(lab, by_rim=True), self.background.noise)
        near, self.far_share = _foreground_shares(distance)
        mask = mask_from_distance(distance, speck_area=0.0)
        is_covered = mask is None and near > LARGE_SHARE and self.far_share > MIN_AREA
        if is_covered or self._is_hidden(lab, distance, by_rim=True):
            return _everything(distance)
        return mask

    def _light_since_known(self, lab: Lab) -> LightRatio | None:
        """The light in which a picture shows what was known last; None if it is the same light, or the picture shows something
        else. An item that lies on the tray shows the light better than the grain of the tray does."""
        known = self._known
        if known is None or known.shape != lab.shape or lightness_shift(known, lab) < LEAST_SHIFT:
            return None
        return light_between(known, lab)

    def _follow_light(self, relit: BackgroundModel, share: float, time_s: float) -> None:
        self._light_changes.add(share, time_s)
        self._patches.relight(self.background.mean, relit.mean)
        self.background, self._is_light_new = relit, True

    def look_longer(self, mask: Mask, lab: Lab, time_s: float, *, moved: bool) -> bool:
        """While the whole tray looks different and nothing moves, average pictures: the texture of a dark tray shows through the
        noise, and the light is followed; the texture of what covers the tray does not.

        Args:
            mask: what differs.
            lab: the picture, Lab float32 (height, width, 3).
            time_s: its capture time, in seconds.
            moved: whether something has moved on it.

        Returns:
            Whether the tray was recognized in another light.
        """
        if moved or mask.edges < COVERED_EDGES:
            self._covered.clear()
            return False
        self._covered.append(lab)
        if len(self._covered) < LONG_LOOK_FRAMES:
            return False
        mean = mean_picture(self._covered)
        self._covered.clear()
        relit = self.background.matched_to_light(mean)
        if relit is None:
            return False
        self._follow_light(relit, 1.0, time_s)
        return True

    def adapt(self, lab: Lab, weight: float, time_s: float) -> None:
        """Adapt the background model to a picture of the empty tray, with a weight of 0..``MAX_ADAPT_WEIGHT``.

        Where a patch lies, the model keeps what is known of the bare tray. Patches that are due are seen from now on.
        """
        self._bare = BareTrayPicture(self.background, lab)
        mean = cv2.addWeighted(self.background.mean, 1 - weight, lab, weight, 0)
        if len(self._patches):
            self._patches.restore(mean, self.background.mean)
            self._patches.follow(self.background.difference(lab), self.background.noise)
            if self._is_light_new:
                self._patches.review(lambda mask: self.examine(mask, lab).is_surface)
            if self._patches.look_again(time_s):
                log.info("what was taken for a part of the tray is looked at again")
        self._is_light_new = False
        self.background = BackgroundModel(mean, self.background.noise)

    def examine(self, mask: Mask, lab: Lab) -> SurfaceEvidence:
        """What speaks for a mask being a part of the tray's surface, see ``edge.sight.surface_check``."""
        return SurfaceEvidence(mask, lab, self.background)

    def suppress(self, mask: Mask, lab: Lab, time_s: float) -> None:
        """Take what a mask covers for a part of the tray from now on, until it is gone or due to be looked at again."""
        self._patches.add(mask, self.background.difference(lab), time_s)

    def suppress_light(self, mask: Mask, lab: Lab, time_s: float) -> bool:
        """Take the parts of a mask that are only another light on the tray for a part of it. True when there was one."""
        found = False
        for part in split(mask):
            if self.examine(part, lab).is_light:
                self.suppress(part, lab, time_s)
                found = True
        return found

    def _is_hidden(self, lab: Lab, distance: NDArray[np.float32], *, by_rim: bool) -> bool:
        """Whether a picture that may pass for the tray in another light shows none of its texture."""
        if self._bare is None:
            return False
        if by_rim:
            return self._bare.is_rim_hidden(self.background, lab, distance > FAR)
        return self._bare.is_hidden(self.background, lab)

    def _remove_patches(self, distance: NDArray[np.float32], lab: Lab) -> None:
        if len(self._patches):
            self._patches.reduce(distance, self.background.difference(lab), self.background.noise)


def _everything(distance: NDArray[np.float32]) -> Mask:
    """The mask of what covers the whole tray."""
    return Mask(np.full(distance.shape, 255, np.uint8), (0.0, 0.0, 1.0, 1.0), 1.0, edges=4)


def _foreground_shares(distance: NDArray[np.float32]) -> tuple[float, float]:
    """Fractions of the pixels that are beyond NEAR, and beyond FAR."""
    near, far = (float(np.count_nonzero(distance > threshold)) / distance.size for threshold in (NEAR, FAR))
    return near, far
