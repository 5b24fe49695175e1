"""The truth at the moment when a flap is commanded to move."""

from dataclasses import dataclass

HAND_SEEN = 0.02
"""Share of the picture from which on a hand counts as being in view: below, only the tips of the fingers reach in."""


@dataclass(frozen=True, slots=True)
class NewestFrame:
    """The newest picture that the camera has handed out.

    Attributes:
        time_s: its stamp, in seconds.
        shown_s: the moment that it really shows; that of the last good picture while the camera is blind. Seconds.
        hand: share of the picture that a hand covers, 0..1.
    """

    time_s: float
    shown_s: float
    hand: float


@dataclass(frozen=True, slots=True)
class FlapCommand:
    """A pin has commanded a flap to move.

    Attributes:
        time_s: when, on the world's clock, in seconds.
        bin: the bin of the pin.
        opens: whether towards open; else towards home.
        travel_s: how long the move should take by the configuration, in seconds.
        item: number of the item on the tray, or that the flap closes after; None: there is none.
        at_rest: whether everything in view on the tray lay still in the newest picture.
        seen: that picture; None: there was none yet.
        faults: kinds of the faults at that moment.
    """

    time_s: float
    bin: str
    opens: bool
    travel_s: float
    item: int | None
    at_rest: bool
    seen: NewestFrame | None
    faults: frozenset[str]

    @property
    def with_hand(self) -> bool:
        """Whether a hand was in the newest picture."""
        return self.seen is not None and self.seen.hand >= HAND_SEEN
