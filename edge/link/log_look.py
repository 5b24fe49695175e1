"""One look at the event log: opened, read and closed, so that nothing of it is held while the bin writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edge.link.day_counts import CountReader, DayCounts
from edge.link.event_batch import EventBatch, read_batch
from edge.link.position import Position
from edge.link.reason_counts import ReasonCounter
from edge.records.event_reader import open_events
from edge.records.event_schema import EventRow


@dataclass(frozen=True, slots=True)
class LogLook:
    """What was found.

    Attributes:
        batch: the next events; None: none were asked for.
        counts: how many there are.
        newest: the newest event that is in order; None: there is none.
        reasons: reason -> number of items that were decided for it since the first look.
    """

    batch: EventBatch | None
    counts: DayCounts
    newest: EventRow | None
    reasons: Mapping[str, int]


class LogReader:
    """Looks at the event log of a bin. Its methods wait for the disk: call them in a thread, one at a time.

    Args:
        path: the event log.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._counts = CountReader()
        self._reasons = ReasonCounter()

    def look(self, after: Position | None, *, today: date, hour: int) -> LogLook | None:
        """Look once; None: there is no log yet.

        Args:
            after: the position that the next events come after; None: none are wanted.
            today: the local date.
            hour: number of the hour, by whatever clock.

        Raises:
            EventLogError: it cannot be read.
        """
        if not self._path.exists():
            return None
        with open_events(self._path) as events:
            batch = None if after is None else events.read(lambda database: read_batch(database, after))
            counts = events.read(lambda database: self._counts.read(database, today, hour))
            events.read(self._reasons.read)
            newest = next(events.events(newest=1), None)
        return LogLook(batch, counts, newest, dict(self._reasons.counts))
