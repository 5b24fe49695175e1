"""Which pictures may show a flap that stands open."""

import math

from edge.actuation.diverter import Diverter
from hardware.clock import Clock

SHOWN_AFTER_S = 0.3
"""Time after a flap should be home in which pictures may still show it, in seconds: some drives are slower than they are said to
be, and a picture is a little older than its stamp."""


class FlapView:
    """Follows the diverter, and tells for each picture whether an open flap may be seen in it.

    Args:
        diverter: knows which flap may stand open.
        clock: time.
        in_view: whether the camera sees flaps stand open, as a hole in the tray or a plate that tilts.

    Attributes:
        in_view: as given.
    """

    def __init__(self, diverter: Diverter, *, clock: Clock, in_view: bool) -> None:
        self.in_view = in_view
        self._diverter = diverter
        self._clock = clock
        self._open_until_s = -math.inf

    def advance(self) -> None:
        """Note whether a flap may stand open now. Call it at every step."""
        if self._diverter.may_stand_open:
            self._open_until_s = self._clock.now_s()

    def shows(self, frame_s: float) -> bool:
        """Whether a picture of a moment, in seconds on the clock, may show a flap that stands open."""
        return self.in_view and (self._diverter.may_stand_open or frame_s <= self._open_until_s + SHOWN_AFTER_S)
