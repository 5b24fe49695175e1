"""Makes what looks like a part of the tray wait before a flap opens for it, the longer the more of it did not fall."""

import math
from collections.abc import Callable

from edge.sight.blob import Cover, overlap
from edge.values import Item

FIRST_WAIT_S, MOST_WAIT_S = 4.0, 60.0
"""Time that it must lie still after the first that did not fall, and the longest, in seconds; it doubles with each. An insect
that sits down here and there, or a spill that spreads, is another thing for the camera every time, and costs two openings."""

SAME_PLACE = 0.5
"""Overlap with what waited on the picture before from which it is the same thing that still lies there. A glint that shimmers
beside it, or an item that rocks, sets the motion going again and again, and the item would wait for ever."""

FORGOTTEN_S = 3600.0
"""Time without one that did not fall after which nothing waits any more, in seconds."""


class OpeningCaution:
    """Remembers what became of the openings for things that looked like a part of the tray (``Presence.is_surface``).

    One that falls ends the caution: small things are thrown in again. Nothing is given up, it only waits.

    Attributes:
        wait: why what lies there now waits, in words; None: it does not.
    """

    def __init__(self) -> None:
        self._wait_s = 0.0
        self._empty_s = 0.0
        self._is_surface = False
        # Number and place of what waited last, and since when it has lain there. Not the item: its frame would stay in memory.
        self._seen: tuple[int, Cover] | None = None
        self._seen_since_s = 0.0
        self.wait: str | None = None

    def note_opening(self, *, is_surface: bool) -> None:
        """A flap opens for an item; ``is_surface``: it looks like a part of the tray."""
        self._is_surface = is_surface

    def note_fallen(self) -> None:
        """The item has left the tray."""
        if self._is_surface:
            self._wait_s = 0.0

    def note_empty(self, time_s: float) -> None:
        """Nothing fell: it was a part of the tray. ``time_s``: now, on the clock of the frames, in seconds."""
        self._wait_s = min(max(2 * self._wait_s, FIRST_WAIT_S), MOST_WAIT_S)
        self._empty_s = time_s

    def hinders(self, item: Item | None, *, is_surface: Callable[[], bool]) -> bool:
        """Whether an item must lie still for longer; ``wait`` says so.

        Args:
            item: the item at rest; None: there is none.
            is_surface: asked whether it looks like a part of the tray, if that matters.
        """
        wait_s = 0.0 if item is None else self.wait_s(item)
        hinders = wait_s > 0 and is_surface()
        self.wait = (
            f"wait: what lies there looks like a stain or a crumb, it is decided in {math.ceil(wait_s)} s"
            if hinders
            else None
        )
        return hinders

    def wait_s(self, item: Item) -> float:
        """How much longer an item must lie where it is if it looks like a part of the tray, in seconds; 0: no longer."""
        if item.frame.time_s - self._empty_s > FORGOTTEN_S:
            self._wait_s = 0.0
        if not self._wait_s:
            return 0.0
        if not self._lies_there_still(item):
            self._seen_since_s = item.rest_since_s
        self._seen = item.number, item.mask.cover
        return max(self._wait_s - (item.frame.time_s - self._seen_since_s), 0.0)

    def _lies_there_still(self, item: Item) -> bool:
        """Whether it is what waited on the picture before, in the same place."""
        if self._seen is None:
            return False
        number, cover = self._seen
        return number == item.number and overlap(cover, item.mask.cover) >= SAME_PLACE
