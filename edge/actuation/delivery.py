"""The delivery of one item: decided, its flap commanded to open, not yet seen off the tray."""

import logging
from enum import StrEnum
from typing import Protocol

import cv2

from edge.sight.snapshot import TraySnapshot
from edge.sight.thing_tracker import ThingTally
from edge.values import Item, SortEvent

log = logging.getLogger(__name__)


LEFT_OF_IT = 0.5
"""Fraction of an item's area below which it has fallen, and left crumbs."""


MOST_HOMINGS = 2
"""Number of times that a flap in view is sent home again, and nothing changes, before what lies there counts as a thing: it may
be the flap, which a jam or a servo without power has left open."""


CLOSED_A_LITTLE = 0.95
"""Fraction of its area below which what is seen after its flap went home again is that flap, a little further closed."""


HIDING_AREA, HIDDEN = 1.5, 0.9
"""What is at least so many times as large as an item, and covers this fraction of its place, hides it: nobody knows what lies
there until it is gone."""


DIFFERS_S = 2.0
"""Time for which what lies there must differ from an item that is stuck to be another one, in seconds: a lamp that is switched
takes up to 1.5 s, and on the way a saturated picture looks like neither."""


MAX_ATTENDED_OPENINGS = 2
"""Number of openings that a stuck item gets because a hand was in the tray. After that a person has to take it away: somebody's
shadow looks like a hand, and an opening after which nothing fell is evidence that the next one is in vain too."""


class DeliveryState(StrEnum):
    """What becomes of an item after its flap was commanded to open."""

    UNDER_WAY = "under way"
    """Its flap moves, or what lies on the tray is not known yet."""
    UNCLEAR = "unclear"
    """What lies there is not it, and came over no edge: it may be its flap, still open. Send that home again."""
    REMAINS = "remains"
    """It lies there although its flap has opened: open again."""
    STUCK = "stuck"
    """It still lies there after the last retry; a person has to see to it."""
    GONE = "gone"
    """It has left the tray."""
    REPLACED = "replaced"
    """It has left the tray, and the next item was put down before the tray was seen empty."""
    INTERRUPTED = "interrupted"
    """Its opening was cut short, and it may not be alone on the tray any more: what lies there counts as another item."""
    ABANDONED = "abandoned"
    """The service began before it was seen off."""
    STAIN = "stain"
    """Nothing fell at any opening, and what is seen looks like a part of the tray: a stain, a crumb, a reflection, a shadow."""

    @property
    def is_end(self) -> bool:
        """Whether the delivery is over."""
        return self not in (
            DeliveryState.UNDER_WAY,
            DeliveryState.UNCLEAR,
            DeliveryState.REMAINS,
            DeliveryState.STUCK,
        )


class TrayView(Protocol):
    """What a delivery asks of the tray (``edge.sight.presence.Presence``)."""

    @property
    def is_empty(self) -> bool: ...

    @property
    def is_edge_crossed(self) -> bool: ...

    @property
    def is_surface(self) -> bool: ...

    @property
    def things(self) -> ThingTally: ...

    def is_unchanged_since(self, before: TraySnapshot) -> bool: ...

    def resembles(self, before: TraySnapshot) -> bool: ...


class Delivery:
    """Follows one item off the tray. It commands nothing: it says what it sees, and ``FlapControl`` acts.

    Args:
        event: its decision, on record.
        before: the tray at the decision.
        things: the things that had come and gone by then.
        retries: how often its flap is opened again, >= 0.
        in_view: whether the camera sees its flap stand open.

    Attributes:
        event: its decision.
        is_stuck: all retries are used.
    """

    def __init__(
        self, event: SortEvent, before: TraySnapshot, things: ThingTally, *, retries: int, in_view: bool = False
    ) -> None:
        self.event = event
        self.is_stuck = False
        self._before = before
        self._things = things
        self._retries = retries
        self._in_view = in_view
        self._openings = 1
        self._homings = 0
        self._area_before_homing = 0.0
        self._differs_since_s: float | None = None
        self._cycle_ended = False
        self._hand_was_in = False
        self._attended_openings = 0
        self._may_have_company = False

    @property
    def is_flap_suspected(self) -> bool:
        """Whether its flap was sent home again as often as that may help."""
        return self._homings > MOST_HOMINGS and not self.is_stuck

    def note_company(self) -> None:
        """Something may have been put beside it since its flap opened last, unseen."""
        self._may_have_company = True

    def note_flap_home(self) -> None:
        """Its flap has come home. An opening that was cut short counts as one."""
        self._cycle_ended = True

    def note_homed_again(self, item: Item) -> None:
        """Its flap was sent home again, because what lies there, ``item``, may be the flap."""
        self._homings += 1
        self._area_before_homing = item.mask.area
        self._cycle_ended = False

    def note_reopened(self) -> None:
        """Its flap was commanded to open again."""
        log.warning("item %d did not fall: opening %s again", self.event.number, self.event.bin)
        self._openings += 1
        self._cycle_ended = self._may_have_company = False

    def advance(
        self,
        item: Item | None,
        tray: TrayView,
        *,
        is_flap_home: bool,
        opening_interrupted: bool,
        hand_in: bool,
        inhibited: bool,
    ) -> DeliveryState:
        """Take what a frame shows.

        Args:
            item: what is at rest on the tray; None: nothing is.
            tray: the tray on this frame.
            is_flap_home: whether no flap is out.
            opening_interrupted: whether the last opening ended before its flap was open.
            hand_in: whether a hand is in the tray, or was until a moment ago.
            inhibited: whether motion is forbidden now.
        """
        self._hand_was_in |= self.is_stuck and hand_in
        self._may_have_company |= tray.is_edge_crossed
        if not self._cycle_ended or not is_flap_home:
            return DeliveryState.UNDER_WAY
        if tray.is_empty:
            return DeliveryState.GONE
        if item is None:
            return DeliveryState.UNDER_WAY
        if item.number != self.event.number:
            # It fell, the tray was seen empty, and the next one lies there.
            return DeliveryState.GONE
        is_same = self._is_same(tray, item)
        if self.is_stuck and not is_same and not self._differs_for_long(item.frame.time_s):
            return DeliveryState.STUCK
        self._differs_since_s = None
        if not is_same:
            if self._may_be_flap(item):
                return DeliveryState.UNCLEAR
            return DeliveryState.INTERRUPTED if opening_interrupted else DeliveryState.REPLACED
        if self._hand_was_in and not inhibited:
            # Somebody may have seen to it: it stays the same item.
            self._hand_was_in = False
            if self._attended_openings < MAX_ATTENDED_OPENINGS:
                self._attended_openings += 1
                self._openings = self._retries
        if self._openings <= self._retries:
            return DeliveryState.REMAINS
        if not self.is_stuck and tray.is_surface:
            log.warning(
                "item %d: nothing fell at %d openings, it is taken for a part of the tray until it changes: wipe the tray",
                self.event.number,
                self._openings,
            )
            return DeliveryState.STAIN
        self.is_stuck = True
        return DeliveryState.STUCK

    def joined(self, now: ThingTally) -> int | None:
        """Number of things that have joined it since the decision; None: not known.

        Args:
            now: the things that have come and gone by now.
        """
        return None if now.unseen != self._things.unseen else now.came - self._things.came

    def fell(self, now: ThingTally) -> int | None:
        """Number of things that were seen to fall since the decision, it or what joined it; None: not known.

        Args:
            now: the things that have come and gone by now.
        """
        return None if now.unseen != self._things.unseen else now.vanished - self._things.vanished

    def _is_same(self, tray: TrayView, item: Item) -> bool:
        """Whether the item still lies there. It may have slid a little, unless something may have been put beside it. One that
        is stuck is the same in any light and wherever it was pushed, as long as nothing came and most of it is there."""
        shrunk = self._before.mask is not None and item.mask.area < LEFT_OF_IT * self._before.mask.area
        if self.is_stuck and not shrunk and self.joined(tray.things) == 0 and self.fell(tray.things) == 0:
            return True
        return tray.is_unchanged_since(self._before) or (not self._may_have_company and tray.resembles(self._before))

    def _differs_for_long(self, time_s: float) -> bool:
        """Whether what lies there has differed from the item for ``DIFFERS_S``; ``time_s``: now."""
        if self._differs_since_s is None:
            self._differs_since_s = time_s
        return time_s - self._differs_since_s >= DIFFERS_S

    def _may_be_flap(self, item: Item) -> bool:
        """Whether what is seen may be its flap, still open, so that nobody knows yet what lies there."""
        before = self._before.mask
        if not self._in_view or (self._may_have_company and not self.is_flap_suspected):
            return False
        if item.mask.area < CLOSED_A_LITTLE * self._area_before_homing:
            self._homings = 0
        if self._homings < MOST_HOMINGS:
            return True
        if before is None or item.mask.area < HIDING_AREA * before.area or item.mask.cover.shape != before.cover.shape:
            return False
        common = cv2.countNonZero(cv2.bitwise_and(item.mask.cover, before.cover))
        return common >= HIDDEN * cv2.countNonZero(before.cover)
