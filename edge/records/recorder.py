"""Writes decisions to the event log, outside of the control loop, and retries after disk errors."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from edge.alarms import Alarm, Alarms
from edge.backoff import BackOff
from edge.errors import EventLogError
from edge.records.commit_times import CommitTimes
from edge.records.event_features import EventFeatures
from edge.records.event_log import EventLog
from edge.records.event_row import image_name
from edge.records.housekeeping import Housekeeping
from edge.records.image_ring import ImageRing
from edge.records.review_draw import ReviewDraw
from edge.records.writer import InlineWriter, WriteJob, Writer
from edge.values import Decision, SortEvent
from hardware.clock import Clock

log = logging.getLogger(__name__)

RETRY_S = 5.0
"""Interval between retries after a disk error, in seconds."""

SILENT_S = 10.0
"""Time without an answer of the disk after which it counts as failed, in seconds: twice what a worn card may take."""

SILENCE = f"events cannot be written, nothing is sorted: the disk has not answered for {SILENT_S:g} s, replace the card"

MAX_QUEUED = 4
"""Most writes under way while another item may be decided: each event holds a picture until it is written."""


class EventWrite:
    """An event on its way to the disk.

    Attributes:
        event: the event; with its picture's name once it ``is_done``.
    """

    def __init__(self, event: SortEvent) -> None:
        self.event = event
        self.job: WriteJob | None = None

    @property
    def is_done(self) -> bool:
        """Whether the write was tried."""
        return self.job is not None and self.job.is_done

    @property
    def is_on_disk(self) -> bool:
        """Whether the event is committed."""
        return self.job is not None and self.job.is_done and self.job.error is None


@dataclass(frozen=True, slots=True)
class Ending:
    """How an event ended, see ``EventLog.record_outcome``.

    Attributes:
        number: of the event.
        outcome: one word.
        fell: number of things that were seen to fall; None: not known.
        joined: number of things that joined it after the decision; None: not known.
    """

    number: int
    outcome: str
    fell: int | None = None
    joined: int | None = None


class Recorder:
    """Asks for the writing of events and outcomes, in order, so that neither a slow nor a full disk stops the program.

    Args:
        events: the event log, with a session started.
        images: stores the images of the items.
        clock: time source.
        alarms: receives the alarms of a disk that fails or is slow.
        wall_synced: returns whether the wall clock is synchronized.
        writer: runs the writes; None: at once, in the caller's thread.
        housekeeping: what is done on the log while nothing is to be written; None: nothing.
        review: which decisions are offered for review; None: the usual share.

    Attributes:
        head: SHA-256 of the taught head that decides; None: the model alone.
        newest_outcome: the one that was asked for last; None: none was.
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
        writer: Writer | None = None,
        housekeeping: Housekeeping | None = None,
        review: ReviewDraw | None = None,
    ) -> None:
        self._events = events
        self._images = images
        self._clock = clock
        self._wall_synced = wall_synced
        self._alarms = alarms
        self._writer = writer or InlineWriter(clock)
        self._back_off = BackOff(clock, first_s=RETRY_S, max_s=RETRY_S)
        self._commit_times = CommitTimes(alarms)
        self._outcomes: dict[int, Ending] = {}
        self._under_way: deque[_UnderWay] = deque()
        self._housekeeping = housekeeping
        self._step: WriteJob | None = None
        self._review = review or ReviewDraw()
        self.head: str | None = None
        self.newest_outcome: Ending | None = None
        self.is_available = True

    @property
    def may_write(self) -> bool:
        """Whether an event may be written now: the disk works, and does not lag behind too far."""
        return self.is_available and len(self._under_way) < MAX_QUEUED

    def poll(self) -> None:
        """Take note of what was written; after a disk error, try again when it is time. Call it regularly.

        Raises:
            Exception: what a write raised that is no error of the disk.
        """
        self._collect()
        if self.is_available:
            self._keep_house()
        if self.is_available or self._back_off.waiting or self._under_way:
            return
        owed = dict(self._outcomes)

        def write_owed() -> None:
            self._events.probe()
            for ending in owed.values():
                self._record(ending)

        def note_written() -> None:
            self._forget(owed)
            self.is_available = True
            self._alarms.update(Alarm.EVENTS, None)

        self._submit(write_owed, note_written)

    def write(self, decision: Decision) -> EventWrite:
        """Ask for the event of a decision that is made now, with the item's image, to be committed; once."""
        item = decision.verdict.item
        x0, y0, x1, y1 = item.box_xyxy
        pixels = item.frame.pixels[y0:y1, x0:x1]
        now_s = self._clock.now_s()
        asked = EventWrite(
            SortEvent.of(
                decision,
                time_s=now_s,
                wall_s=self._clock.wall_s(),
                wall_synced=self._wall_synced(),
                rest_to_decision_s=now_s - item.rest_since_s,
                image=None,
            )
        )

        head, vectors = self.head, decision.verdict.features

        def write_event() -> None:
            # The session counts as it is when the event is written: a new one may be asked for before that.
            name = image_name(self._events.session, item.number)
            asked.event = replace(asked.event, image=self._images.add(name, pixels))
            share, offered = self._review.draw(self._events.session, asked.event)
            self._events.record(asked.event, EventFeatures(head, share, offered, vectors))

        asked.job = self._submit(write_event, lambda: None, is_event=True)
        return asked

    def record_outcome(self, number: int, outcome: str, *, fell: int | None = None, joined: int | None = None) -> None:
        """Ask for the outcome of an event to be recorded, see ``EventLog.record_outcome``; after the event itself, and after
        a disk error when the disk works again."""
        ending = self.newest_outcome = self._outcomes[number] = Ending(number, outcome, fell, joined)
        if self.is_available:
            self._submit(lambda: self._record(ending), lambda: self._forget({number: ending}))

    @property
    def owes_nothing(self) -> bool:
        """Whether all that was asked for is on the disk."""
        return self.is_available and not self._under_way and not self._outcomes

    def begin_session(self, *, model: str) -> None:
        """Ask for a new session, of another model; only while the recorder ``owes_nothing``.

        Args:
            model: SHA-256 of the model that decides from now on.
        """
        wall_s = self._clock.wall_s()

        def begin() -> None:
            self._events.end_session(wall_s=wall_s)
            self._events.start_session(wall_s=wall_s, model=model, after=self._images.last_session)

        self._submit(begin, lambda: None)

    def end_session(self, *, wall_s: float, drain_s: float) -> None:
        """Write what is owed, and end the session cleanly.

        Args:
            wall_s: wall-clock time, in seconds since 1970 UTC.
            drain_s: longest wait for the writes under way, in seconds.

        Raises:
            EventLogError: it cannot be written. The next start will treat this stop as unclean.
        """
        if not self._writer.drain(drain_s):
            raise EventLogError(f"event log {self._events.path}: the disk has not answered for {drain_s:g} s")
        self._collect()
        for number, ending in list(self._outcomes.items()):
            self._record(ending)
            del self._outcomes[number]
        self._events.end_session(wall_s=wall_s)

    def _record(self, ending: Ending) -> None:
        self._events.record_outcome(ending.number, ending.outcome, fell=ending.fell, joined=ending.joined)

    def _keep_house(self) -> None:
        """Do the next step of the housekeeping, while no write waits for the disk."""
        if self._step is not None:
            if not self._step.is_done:
                return
            error, self._step = self._step.error, None
            if isinstance(error, EventLogError):
                # No alarm: an event that cannot be written either raises it.
                log.warning("%s; tried again later", error)
            elif error is not None:
                raise error
        if self._housekeeping is not None and not self._under_way and self._housekeeping.poll():
            self._housekeeping.begin_step()
            self._step = WriteJob(self._housekeeping.step)
            self._writer.submit(self._step)

    def _submit(
        self, action: Callable[[], None], when_written: Callable[[], None], *, is_event: bool = False
    ) -> WriteJob:
        job = WriteJob(action)
        self._under_way.append(_UnderWay(job, when_written, self._clock.now_s(), is_event))
        self._writer.submit(job)
        self._collect()
        return job

    def _collect(self) -> None:
        """Take note of the writes that are through, in their order."""
        while self._under_way and self._under_way[0].job.is_done:
            through = self._under_way.popleft()
            error = through.job.error
            if isinstance(error, EventLogError):
                self._fail(error)
            elif error is not None:
                raise error
            else:
                if through.is_event:
                    self._commit_times.add(through.job.duration_s)
                    if self._housekeeping is not None:
                        self._housekeeping.note_event()
                through.when_written()
        self._report_silence()

    def _report_silence(self) -> None:
        """Tell of a disk that neither writes nor fails."""
        if not self.is_available:
            return
        silent = bool(self._under_way) and self._clock.now_s() - self._under_way[0].asked_s > SILENT_S
        self._alarms.update(Alarm.EVENTS, SILENCE if silent else None)

    def _forget(self, written: dict[int, Ending]) -> None:
        """Outcomes that are on the disk are no longer owed."""
        for number, ending in written.items():
            if self._outcomes.get(number) == ending:
                del self._outcomes[number]

    def _fail(self, error: EventLogError) -> None:
        self.is_available = False
        self._back_off.fail()
        self._alarms.update(Alarm.EVENTS, f"events cannot be written, nothing is sorted: {error}")


class _UnderWay:
    """A write that was asked for and has not been taken note of."""

    def __init__(self, job: WriteJob, when_written: Callable[[], None], asked_s: float, is_event: bool) -> None:
        self.job = job
        self.when_written = when_written
        self.asked_s = asked_s
        self.is_event = is_event
