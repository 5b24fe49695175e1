"""The handover of one item: decided, its event on its way to the disk, its flap not yet opened."""

from enum import StrEnum

from edge.actuation.delivery import TrayView
from edge.records.recorder import EventWrite
from edge.sight.snapshot import TraySnapshot
from edge.values import Item


class HandoverState(StrEnum):
    """What a fresh picture says of a decided item."""

    UNSEEN = "unseen"
    """It cannot be told what lies there: something moves, or reaches over the edge."""
    SAME = "same"
    """It lies there as it did."""
    CHANGED = "changed"
    """Something else lies there."""
    GONE = "gone"
    """It does not lie there any more, and was seen gone: what lies there has a number of its own."""


class Handover:
    """Holds a decided item until its event is on the disk and a fresh picture confirms it. It commands nothing.

    Args:
        item: the item, in the last view.
        write: its event, on the way to the disk.
        before: the tray at the decision.

    Attributes:
        item, write, before: as given.
    """

    def __init__(self, item: Item, write: EventWrite, before: TraySnapshot) -> None:
        self.item = item
        self.write = write
        self.before = before
        self._may_have_company = False

    def note_company(self) -> None:
        """Something may have been put beside it since the decision, unseen."""
        self._may_have_company = True

    def look(self, item: Item | None, tray: TrayView) -> HandoverState:
        """Take what a fresh frame shows.

        Args:
            item: what is at rest on the tray; None: nothing is.
            tray: the tray on this frame.
        """
        if item is self.item:
            # Still the frame that it was decided on.
            return HandoverState.SAME
        self._may_have_company |= tray.is_edge_crossed
        if item is None:
            return HandoverState.GONE if tray.is_empty else HandoverState.UNSEEN
        if item.number != self.item.number:
            return HandoverState.GONE
        same = tray.is_unchanged_since(self.before) or (
            not self._may_have_company and item.object_count == self.item.object_count and tray.resembles(self.before)
        )
        return HandoverState.SAME if same else HandoverState.CHANGED
