"""An event log whose disk can be made to fail."""

from pathlib import Path

from edge.errors import EventLogError
from edge.records.event_features import EventFeatures
from edge.records.event_log import EventLog
from edge.values import SortEvent


class FailingEventLog(EventLog):
    """The real event log, which cannot write while ``reason`` is set.

    Attributes:
        reason: SQLite's message, e.g. ``database or disk is full``; None: the disk works.
        recorded: number of events that were committed.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        super().__init__(path, read_only=read_only)
        self.reason: str | None = None
        self.recorded = 0

    def start_session(self, *, wall_s: float, model: str, after: int = 0) -> bool:
        self._check()
        return super().start_session(wall_s=wall_s, model=model, after=after)

    def end_session(self, *, wall_s: float) -> None:
        self._check()
        super().end_session(wall_s=wall_s)

    def record(self, event: SortEvent, features: EventFeatures | None = None) -> None:
        self._check()
        super().record(event, features)
        self.recorded += 1

    def record_outcome(self, number: int, outcome: str, *, fell: int | None = None, joined: int | None = None) -> None:
        self._check()
        super().record_outcome(number, outcome, fell=fell, joined=joined)

    def probe(self) -> None:
        self._check()
        super().probe()

    def _check(self) -> None:
        if self.reason is not None:
            raise EventLogError(f"event log {self.path}: cannot be written: {self.reason}")
