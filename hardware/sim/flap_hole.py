"""The hole that an open flap shows in the tray."""

from collections.abc import Mapping

import numpy as np

from hardware.frame import Pixels
from hardware.sim.mechanics import FlapMechanics

COLOUR = (22, 22, 24)
"""RGB of a chute's inside, in the light of the tray."""


class FlapHole:
    """A door within the tray's rim, which opens towards one side whichever flap it is.

    Args:
        flaps: bin -> flap.
        side: side of the open door, as a share of the tray's sides, 0..1; 0: the camera sees none.
    """

    def __init__(self, flaps: Mapping[str, FlapMechanics], *, side: float) -> None:
        self._flaps = flaps
        self._side = side
        self._drawn_opening = 0.0

    @property
    def has_changed(self) -> bool:
        """Whether it stands open wider or less wide than it was drawn."""
        return self._opening != self._drawn_opening

    def draw(self, picture: Pixels) -> Pixels:
        """The picture with the hole as it is now, RGB uint8 (height, width, 3); the same one where there is no hole."""
        opening = self._drawn_opening = self._opening
        height, width = picture.shape[:2]
        left, right = round(width * (1 - self._side) / 2), round(width * (1 + self._side) / 2)
        top, bottom = round(height * (1 - self._side) / 2), round(height * (1 + self._side) / 2)
        begin = round(right - (right - left) * opening)
        if begin >= right or top >= bottom:
            return picture
        picture = picture.copy()
        picture[top:bottom, begin:right] = np.array(COLOUR, np.uint8)
        return picture

    @property
    def _opening(self) -> float:
        return max((flap.opening for flap in self._flaps.values()), default=0.0) if self._side else 0.0
