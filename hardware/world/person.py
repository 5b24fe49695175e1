"""A person over the tray, as is true: a hand, an arm, a torso."""

import math
from dataclasses import dataclass

PERSON_FROM = 0.02
"""Share of the tray from which on people over it count: below, only the tips of the fingers reach in, at its very edge."""


@dataclass(frozen=True, slots=True)
class PersonOverTray:
    """People cover the tray.

    Attributes:
        cover: share of the tray that they cover now, ``PERSON_FROM`` .. 1.
        since_s: since when they have covered as much without a break, in seconds of the world's clock.
        shown_s: when the camera handed out the first picture that shows it; infinite while it has not. Seconds.
    """

    cover: float
    since_s: float
    shown_s: float = math.inf
