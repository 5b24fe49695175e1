"""A trace of the tray at a moment: is what lies there later the same item?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.sight.background import Lab
from edge.values import Mask

SAME_ITEM_LAB = 8.0
"""Mean Lab difference below which what lies on the tray is still the same item."""

SAME_COLOURS = 0.9
"""Cosine between what two items add to the tray's Lab colours from which on they are of the same colours."""

SAME_PLACE = 0.5
"""Shared part of two items' boxes, of all that they cover together, from which on they lie in the same place."""


@dataclass(frozen=True, slots=True, eq=False)
class TraySnapshot:
    """The tray at a moment, small.

    Attributes:
        added: what lay there added to the tray's colours, Lab float32 (height, width, 3).
        covered: where that is certain, bool (height, width).
        mask: where the item lay; None: nowhere.
    """

    difference: Lab
    foreground: NDArray[np.bool_]
    mask: Mask | None

    def matches(self, now: "TraySnapshot") -> bool:
        """Does the tray look as it did, whatever the light?"""
        if now.difference.shape != self.difference.shape:
            return False
        # Where it lay, where something lies now, and both: all the picture may be covered, in the dark, and hide a change.
        both = self.foreground | now.foreground
        places = [place for place in (self.foreground, now.foreground, both) if place.any()]
        change, added = (
            np.abs(now.difference - self.difference),
            np.maximum(np.abs(now.difference), np.abs(self.difference)),
        )
        # Of a nearly invisible item little can change: less than half of it must have.
        return bool(places) and all(
            change[place].mean() < min(SAME_ITEM_LAB, added[place].mean() / 2) for place in places
        )

    def resembles(self, now: "TraySnapshot") -> bool:
        """Does something of the same colours lie in about the same place?"""
        if now.mask is None or self.mask is None or now.difference.shape != self.difference.shape:
            return False
        # By their boxes: the mask of a clear thing is patchy, and other patches are seen when it has slid.
        if _overlap(now.mask.box, self.mask.box) <= SAME_PLACE:
            return False
        here, there = now.difference[now.mask.cover > 0].mean(axis=0), self.difference[self.mask.cover > 0].mean(axis=0)
        if np.abs(here - there).max() < SAME_ITEM_LAB:
            return True
        # In another light all that it adds is more or less in proportion: the direction in Lab stays.
        lengths = float(np.linalg.norm(here)), float(np.linalg.norm(there))
        return bool(max(lengths) < 2 * min(lengths) and here @ there > SAME_COLOURS * lengths[0] * lengths[1])


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """Intersection over union of two boxes (x0, y0, x1, y1)."""
    width, height = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return shared / (sum(areas) - shared)
