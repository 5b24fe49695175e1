"""Writes decisions to the event log, and retries after disk errors."""

from collections.abc import Callable

from edge.alarms import Alarm, Alarms
from edge.backoff import BackOff
from edge.errors import EventLogError
from edge.records.event_log import EventLog
from edge.records.image_ring import ImageRing
from edge.values import Decision, SortEvent
from hardware.clock import Clock

RETRY_S = 5.0
"""Interval between retries after a disk error, in seconds."""


class Recorder:
    """Wraps the event log, so that a full disk stops the sorting but not the program.

    Args:
        events: the event log, with a session started.
        images: stores the images of the items.
        clock: time source.
        alarms: receives the alarm of a disk error.
        wall_synced: returns whether the wall clock is synchronized.

    Attributes:
        is_available: whether events can be written, as far as known.
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
        self._back_off = BackOff(clock, first_s=RETRY_S, max_s=RETRY_S)
        self._pending: dict[int, str] = {}
        self.is_available = True

    def retry_pending(self) -> None:
        """After a disk error, try a write when a retry is due, and write the pending outcomes. Call it regularly."""
        if self.is_available or self._back_off.waiting:
            return
        try:
            self._events.probe()
            self._write_pending()
        except EventLogError as error:
            self._fail(error)
        else:
            self.is_available = True
            self._alarms.update(Alarm.EVENTS, None)

    def make_event(self, decision: Decision) -> SortEvent:
        """Make the event of a decision that is made now, and store the item's image."""
        item = decision.verdict.item
        x0, y0, x1, y1 = item.box_xyxy
        # Session and item number only increase, unlike the wall clock.
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
        """Commit one event. Returns True if it is on the disk; otherwise nothing of it was written."""
        try:
            self._events.record(event)
        except EventLogError as error:
            self._fail(error)
            return False
        return True

    def record_outcome(self, number: int, outcome: str) -> None:
        """Record how an event ended, see ``EventLog.record_outcome``. After a disk error it is written later."""
        self._pending[number] = outcome
        if self.is_available:
            try:
                self._write_pending()
            except EventLogError as error:
                self._fail(error)

    def end_session(self, *, wall_s: float) -> None:
        """End the session cleanly.

        Args:
            wall_s: wall-clock time, in seconds since 1970 UTC.

        Raises:
            EventLogError: it cannot be written. The next start will treat this stop as unclean.
        """
        self._write_pending()
        self._events.end_session(wall_s=wall_s)

    def _write_pending(self) -> None:
        """Write the outcomes that have not been written yet."""
        while self._pending:
            number, outcome = next(iter(self._pending.items()))
            self._events.record_outcome(number, outcome)
            del self._pending[number]

    def _fail(self, error: EventLogError) -> None:
        self.is_available = False
        self._back_off.fail()
        self._alarms.update(Alarm.EVENTS, f"events cannot be written, nothing is sorted: {error}")
