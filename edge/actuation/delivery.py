"""The item in hand: decided, its flap told to open, not yet seen off the tray."""

import logging

from edge.actuation.diverter import Diverter, DiverterState
from edge.actuation.interlock import Interlock
from edge.alarms import Alarm, Alarms
from edge.records.recorder import Recorder
from edge.sight.presence import Presence
from edge.sight.snapshot import TraySnapshot
from edge.values import Item, SortEvent

log = logging.getLogger(__name__)


class Delivery:
    """Sees one item off: opens its flap again when it does not fall, and tells when that does not help.

    Args:
        event: of its decision, on record.
        before: the tray as it was then.
        presence: what is on the tray now.
        diverter: its flap has been told to open.
        hold: whether a hand is in.
        recorder: where its end is written down.
        alarms: where a jam is told.
        retries: how often its flap is opened again.

    Attributes:
        is_stuck: all tries are over, and it is recorded as such.
        joined: something may have come since the flap opened last.
    """

    def __init__(
        self,
        event: SortEvent,
        before: TraySnapshot,
        *,
        presence: Presence,
        diverter: Diverter,
        hold: Interlock,
        recorder: Recorder,
        alarms: Alarms,
        retries: int,
    ) -> None:
        self._event = event
        self._before = before
        self._presence = presence
        self._diverter = diverter
        self._hold = hold
        self._recorder = recorder
        self._alarms = alarms
        self._retries = retries
        self._openings = 1
        self._fell = True
        self._cycle_ended = False
        self._reached = False
        self.is_stuck = False
        self.may_have_company = False

    def note_flap_home(self) -> None:
        """Its flap has come home. An opening that a hand or the stop button cut short was one all the same."""
        self._cycle_ended = True

    def advance(self, item: Item | None) -> bool:
        """Take what is at rest on the tray by now; True when that is not this item any more."""
        self._reached |= self.is_stuck and self._hold.is_hand
        self.may_have_company |= self._presence.is_edge_crossed
        if not self._cycle_ended or self._diverter.state is not DiverterState.HOME:
            return False
        if self._presence.is_empty:
            return True
        if item is None:
            return False
        if item.number != self._event.number:
            # It fell, the tray was seen empty, and the next one lies there.
            return True
        if not self._is_same():
            # It fell, and somebody has put the next one down meanwhile; or it never had the chance to fall, and is not alone
            # any more.
            self._fell = not self._diverter.opening_interrupted
            self._presence.start_new_item()
            return True
        if self.is_stuck and self._reached and not self._hold.active:
            # Somebody has reached in and left it: it is no item but a stain.
            log.warning("item %d is taken for a part of the tray from now on", self._event.number)
            self._presence.absorb_into_background()
            return True
        if self._openings > self._retries:
            self._get_stuck()
        elif self._diverter.ready:
            log.warning("item %d did not fall: opening %s again", self._event.number, self._event.bin)
            self._openings += 1
            self._cycle_ended = self.may_have_company = False
            self._diverter.open(self._event.bin)
        return False

    def finish(self, *, interrupted: bool = False) -> None:
        """Write down how it ended, unless it got stuck before: ``interrupted``, or ``done``; the jam is over."""
        if not self.is_stuck:
            self._recorder.record_outcome(
                self._event.number, "interrupted" if interrupted or not self._fell else "done"
            )
        self._alarms.update(Alarm.JAM, None)

    def _get_stuck(self) -> None:
        if self.is_stuck:
            return
        self.is_stuck = True
        sentence = (
            f"item {self._event.number} does not fall into {self._event.bin}, nothing is sorted: "
            f"empty the bin if it is full, then clear the tray"
        )
        self._alarms.update(Alarm.JAM, sentence)
        self._recorder.record_outcome(self._event.number, "stuck")

    def _is_same(self) -> bool:
        """Does it still lie there? Slid a little, it may; but not when something may have come since."""
        if self._presence.is_unchanged_since(self._before):
            return True
        return not self.may_have_company and self._presence.resembles(self._before)
