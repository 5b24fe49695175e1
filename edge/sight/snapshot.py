"""Snapshot of the tray, to compare later whether the same item is still there."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edge.sight.background import BackgroundModel
from edge.sight.cielab import Lab
from edge.sight.quantile import median
from edge.values import Mask

SAME_ITEM_LAB = 8.0
"""Mean Lab difference below which two snapshots show the same item."""

SAME_COLOURS = 0.9
"""Minimum cosine similarity between the Lab differences of two items for them to have the same colours."""

SAME_PLACE = 0.5
"""Minimum intersection over union of two items' boxes for them to be in the same place."""

OTHER_LIGHT_LAB = 10.0
"""Difference of the whole picture's lightness from which on two snapshots are in another light, in Lab units."""

SAME_OUTLINE = 0.9
"""Minimum intersection over union of two items' masks for them to be one item in another light: it may saturate the camera, and
no colour is what it was. Another item hardly ever lies in just the same place with just the same outline."""

MAX_LENGTH_RATIO = 2.0
"""Largest ratio between the Lab differences of one item under two illuminations. Lab is a cube root of the light, so a factor
of 2 covers eight times the light."""


@dataclass(frozen=True, slots=True, eq=False)
class TraySnapshot:
    """State of the tray at one moment, at the working resolution.

    Attributes:
        difference: difference from the background model, Lab float32 (height, width, 3).
        foreground: pixels that certainly differ, bool (height, width).
        mask: mask of the item; None if there was none.
        lightness: median lightness of the whole picture, in Lab units.
    """

    difference: Lab
    foreground: NDArray[np.bool_]
    mask: Mask | None
    lightness: float

    @classmethod
    def of(cls, lab: Lab, background: BackgroundModel, mask: Mask | None, foreground: NDArray[np.bool_]) -> Self:
        """Snapshot of a picture of the tray; the other arguments as the attributes."""
        # Every fourth pixel in each direction is enough for a median, and sixteen times cheaper.
        return cls(background.difference(lab), foreground, mask, median(lab[::4, ::4, 0]))

    def matches(self, now: "TraySnapshot") -> bool:
        """Whether a later snapshot shows the same item in the same place, under any illumination."""
        if now.difference.shape != self.difference.shape:
            return False
        # The old, the new and the combined foreground must all match: in a dark frame everything may be foreground, and
        # the mean over it would hide a change.
        both = self.foreground | now.foreground
        regions = [region for region in (self.foreground, now.foreground, both) if region.any()]
        change = np.abs(now.difference - self.difference)
        contrast = np.maximum(np.abs(now.difference), np.abs(self.difference))
        # A nearly invisible item changes little when it disappears: the change must be less than half of its contrast.
        return bool(regions) and all(
            change[region].mean() < min(SAME_ITEM_LAB, contrast[region].mean() / 2) for region in regions
        )

    def resembles(self, now: "TraySnapshot") -> bool:
        """Whether a later snapshot shows an item of the same colours in about the same place; in another light, also one of the
        same outline in just the same place."""
        if now.mask is None or self.mask is None or now.difference.shape != self.difference.shape:
            return False
        # By box, not by mask: the mask of a transparent item is patchy, and the patches change when it slides.
        if _overlap(now.mask.box, self.mask.box) <= SAME_PLACE:
            return False
        now_covered, covered = now.mask.cover > 0, self.mask.cover > 0
        if abs(now.lightness - self.lightness) > OTHER_LIGHT_LAB:
            shared = np.count_nonzero(now_covered & covered)
            if shared >= SAME_OUTLINE * np.count_nonzero(now_covered | covered):
                return True
        here, there = now.difference[now_covered].mean(axis=0), self.difference[covered].mean(axis=0)
        if np.abs(here - there).max() < SAME_ITEM_LAB:
            return True
        # Under another illumination the difference scales roughly in proportion: its direction in Lab stays.
        lengths = float(np.linalg.norm(here)), float(np.linalg.norm(there))
        return bool(
            max(lengths) < MAX_LENGTH_RATIO * min(lengths) and here @ there > SAME_COLOURS * lengths[0] * lengths[1]
        )


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """Intersection over union of two boxes (x0, y0, x1, y1)."""
    width, height = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return shared / (sum(areas) - shared)
