"""Draws the decisions that a person is asked to review: all that were unsure, and at random some of those that were sure."""

import hashlib
from dataclasses import dataclass

from edge.values import Reason, SortEvent

DRAWN_SHARE = 0.02
"""Share of the sure decisions that is drawn unless configured otherwise: a confident error is found by nothing else, and of two
hundred items a day it is four pictures to look at."""

_UNSURE = (Reason.UNSURE, Reason.UNKNOWN)


@dataclass(frozen=True, slots=True)
class ReviewDraw:
    """Which decisions are offered for review. One event is always drawn, or always not: nothing has to be remembered.

    Attributes:
        share: share of the sure decisions that is drawn, 0..1.
    """

    share: float = DRAWN_SHARE

    def draw(self, session: int, event: SortEvent) -> tuple[float, bool]:
        """Whether an event is offered.

        Args:
            session: number of its session.
            event: the event.

        Returns:
            The probability with which such an event is offered, and whether this one is. Several things at once have no label
            that a person could name, and are never offered.
        """
        if event.reason == Reason.SEVERAL:
            return 0.0, False
        if event.reason in _UNSURE:
            return 1.0, True
        digest = hashlib.blake2b(f"{session}-{event.number}".encode(), digest_size=8).digest()
        return self.share, int.from_bytes(digest, "big") < self.share * 2**64
