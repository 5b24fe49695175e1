"""The recorder: puts decisions on record, and knows whether it can."""

from collections.abc import Callable

from edge.alarms import Alarm, Alarms
from edge.backoff import BackOff
from edge.errors import EventLogError
from edge.records.event_log import EventLog
from edge.records.image_ring import ImageRing
from edge.values import Decision, SortEvent
from hardware.clock import Clock

CHECK_S = 5.0
"""So often a disk that failed is tried again, in seconds."""


class Recorder:
    """Stands between the sorter and the event log, so that a full disk stops the sorting and not the program.

    Args:
        events: the event log, in a session.
        images: keeps the items' pictures.
        clock: time.
        alarms: where a disk that fails is reported.
        wall_synced: whether the wall clock is known to be right.

    Attributes:
        is_available: whether events can be written, as far as is known.
    """

    def __init__(
        self,
        events: EventLog,
        images: ImageRing,
        *,
        clock: Clock,
        alarms: Alarms,
        wall_synced: Callable[[], bool] = lambda: False,
    ) -> None:
        self._events = events
        self._images = images
        self._clock = clock
        self._wall_synced = wall_synced
        self._alarms = alarms
        self._again = BackOff(clock, first_s=CHECK_S, most_s=CHECK_S)
        self._owed: dict[int, str] = {}
        self.is_available = True

    def retry_pending(self) -> None:
        """Try a disk that failed again when it is time, with a real write, and make up for what could not be written."""
        if self.is_available or self._again.waiting:
            return
        try:
            self._events.probe()
            self._settle()
        except EventLogError as error:
            self._fail(error)
        else:
            self.is_available = True
            self._alarms.update(Alarm.EVENTS, None)

    def make_event(self, decision: Decision) -> SortEvent:
        """The event of a decision that is made now, with the item's picture kept."""
        item = decision.verdict.item
        x0, y0, x1, y1 = item.box_xyxy
        # Named by what only counts up: a wall clock may be set back.
        name = f"s{self._events.session:08d}-{item.number:06d}"
        image = self._images.add(name, item.frame.pixels[y0:y1, x0:x1])
        now_s = self._clock.now_s()
        return SortEvent.of(
            decision,
            time_s=now_s,
            wall_s=self._clock.wall_s(),
            wall_synced=self._wall_synced(),
            rest_to_decision_s=now_s - item.rest_since_s,
            image=image,
        )

    def record(self, event: SortEvent) -> bool:
        """Commit one event; True when it is on the disk, else nothing of it is."""
        try:
            self._events.record(event)
        except EventLogError as error:
            self._fail(error)
            return False
        return True

    def record_outcome(self, number: int, outcome: str) -> None:
        """Say how an event ended; what cannot be written now is written when the disk is back."""
        self._owed[number] = outcome
        if self.is_available:
            try:
                self._settle()
            except EventLogError as error:
                self._fail(error)

    def end_session(self, *, wall_s: float) -> None:
        """End the session cleanly.

        Raises:
            EventLogError: it cannot be written; the next start then takes this stop for an unclean one.
        """
        self._settle()
        self._events.end_session(wall_s=wall_s)

    def _settle(self) -> None:
        while self._owed:
            number, outcome = next(iter(self._owed.items()))
            self._events.record_outcome(number, outcome)
            del self._owed[number]

    def _fail(self, error: EventLogError) -> None:
        self.is_available = False
        self._again.fail()
        self._alarms.update(Alarm.EVENTS, f"events cannot be written, nothing is sorted: {error}")
