"""Pictures that reach the program late, as over a network or through a driver with a long queue."""

import math
from collections import deque
from dataclasses import dataclass

from hardware.frame import Pixels
from hardware.world.fault import ActiveFault

_WANDER_PERIOD_S = 7.3
"""Period in which a wandering lag goes from its least to its most and back, in seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class TakenPicture:
    """A picture, and the truth about it.

    Attributes:
        pixels: RGB uint8 (height, width, 3).
        taken_s: when it was taken, in seconds of the world's clock.
        shown_s: the moment that it really shows, in seconds; -inf if the camera was blind.
        cover: share of the picture that people cover, 0..1.
    """

    pixels: Pixels
    taken_s: float
    shown_s: float
    cover: float


class LatePictures:
    """Keeps pictures until they are due.

    Nothing comes at first, for as long as the lag is: what was taken before is gone.
    """

    def __init__(self) -> None:
        self._waiting: deque[TakenPicture] = deque()

    def clear(self) -> None:
        """Forget those that wait: the lag is over."""
        self._waiting.clear()

    def put(self, picture: TakenPicture) -> None:
        """One has been taken."""
        self._waiting.append(picture)

    def take_due(self, lag: ActiveFault, now_s: float) -> TakenPicture | None:
        """The newest that is due, those before it are dropped; None when there is no further one.

        Args:
            lag: the fault; its options ``lag_s`` and ``wander_s``, in seconds, say how old pictures are.
            now_s: time on the world's clock, in seconds.
        """
        wave = math.sin(2 * math.pi * (now_s - lag.begin_s) / _WANDER_PERIOD_S)
        lag_s = max(lag.option("lag_s", 0.7) + lag.option("wander_s", 0.0) * wave, 0.0)
        due = None
        while self._waiting and self._waiting[0].taken_s <= now_s - lag_s:
            due = self._waiting.popleft()
        return due
