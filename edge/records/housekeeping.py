"""Housekeeping of the event log: counts events into the daily totals, lists them by kind, and deletes what is too old or too
much."""

import logging
import sqlite3
from dataclasses import dataclass

from edge.records.event_kinds import LIST_ROWS, list_events
from edge.records.event_log import EventLog
from edge.records.event_row import image_name
from edge.records.feature_table import DROP_ROWS, drop_oldest_features
from edge.records.image_ring import ImageRing
from edge.records.retention import Purged, purge
from edge.records.totals import COUNT_ROWS, count_events
from edge.records.trusted_clock import TrustedClock
from hardware.clock import Clock

log = logging.getLogger(__name__)

EVERY_EVENTS = 64
"""Number of events after which they are counted: one transaction more for so many, which a card does not notice."""

EVERY_S = 600.0
"""Longest time between two steps, in seconds: events get too old in a bin that sorts nothing as well."""

BACKLOG_S = 1.0
"""Time between two steps while there is more to do, in seconds: ten million events of an older release are counted in three
hours, and the disk is free in between."""

DAY_S = 86_400.0

UNTRUSTED_S = DAY_S
"""Time without a clock that can be trusted after which that is told, in seconds: a network may be away for some hours."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long events are kept.

    Attributes:
        keep_s: seconds after which an event and its picture are deleted; None: never.
        budget_bytes: room for events in bytes, above which the oldest are deleted; None: no limit.
        feature_bytes: room for the features of events in bytes, above which the oldest are deleted; None: no limit.
    """

    keep_s: float | None = None
    budget_bytes: int | None = None
    feature_bytes: int | None = None


class Housekeeping:
    """Does a bounded step of the work at a time, so that an event waits for it no longer than some milliseconds.

    Args:
        events: the event log.
        images: the pictures, which are deleted with their events.
        retention: how long events are kept.
        clock: time source.
        trusted: the wall clock that events may be deleted by.
    """

    def __init__(
        self, events: EventLog, images: ImageRing, *, retention: Retention, clock: Clock, trusted: TrustedClock
    ) -> None:
        self._events = events
        self._images = images
        self._retention = retention
        self._clock = clock
        self._trusted = trusted
        self._recorded = 0
        self._stepped_s = clock.now_s()
        self._has_more = True
        self._deleted = 0
        self._wall_s: float | None = None
        self._untrusted_since_s: float | None = None
        self._is_told = False

    def note_event(self) -> None:
        """An event was recorded."""
        self._recorded += 1

    def poll(self) -> bool:
        """Whether it is time for a step. Call it regularly: jumps of the clock are looked for."""
        if self._retention.keep_s is not None:
            self._wall_s = self._trusted.wall_s()
            self._tell_untrusted()
        waited_s = self._clock.now_s() - self._stepped_s
        return waited_s >= (BACKLOG_S if self._has_more or self._recorded >= EVERY_EVENTS else EVERY_S)

    def _tell_untrusted(self) -> None:
        """Tell, once, that nothing is deleted because of its age while nobody sets the clock."""
        if self._wall_s is not None:
            self._untrusted_since_s = None
            return
        now_s = self._clock.now_s()
        if self._untrusted_since_s is None:
            self._untrusted_since_s = now_s
        if not self._is_told and now_s - self._untrusted_since_s >= UNTRUSTED_S:
            self._is_told = True
            log.warning(
                "event_log.keep_days: nothing is deleted by its age, the clock has not been set by the network for a day "
                "('timedatectl' says why); event_log.event_budget_mb needs no clock"
            )

    def begin_step(self) -> None:
        """A step is asked for now: the next is due later."""
        self._recorded = 0
        self._stepped_s = self._clock.now_s()
        self._has_more = False

    def step(self) -> None:
        """Count, list and delete some events. May run in another thread than the other methods.

        Raises:
            EventLogError: the log cannot be written.
        """
        wall_s, keep_s = self._wall_s, self._retention.keep_s
        before_s = None if wall_s is None or keep_s is None else wall_s - keep_s
        counted, listed, purged, dropped = self._events.transact(lambda database: self._step(database, before_s))
        if purged.events:
            self._images.remove(purged.images, before=None if purged.oldest is None else image_name(*purged.oldest))
        elif self._deleted:
            log.info(
                "%d old events were deleted (event_log.keep_days, event_budget_mb); they stay counted", self._deleted
            )
            self._deleted = 0
        self._deleted += purged.events
        self._has_more = counted >= COUNT_ROWS or listed >= LIST_ROWS or purged.events > 0 or dropped >= DROP_ROWS

    def _step(self, database: sqlite3.Connection, before_s: float | None) -> tuple[int, int, Purged, int]:
        counted = count_events(database)
        listed = list_events(database)
        purged = purge(database, before_wall_s=before_s, budget_bytes=self._retention.budget_bytes)
        budget = self._retention.feature_bytes
        return counted, listed, purged, 0 if budget is None else drop_oldest_features(database, budget)
