"""An event log whose disk fails when it is told to."""

from pathlib import Path

from edge.errors import EventLogError
from edge.records.event_log import EventLog
from edge.values import SortEvent


class FailingLog(EventLog):
    """The real event log, until ``reason`` says why nothing can be written.

    Attributes:
        reason: what SQLite would say, e.g. ``database or disk is full``; None: all is well.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        super().__init__(path, read_only=read_only)
        self.reason: str | None = None

    def start(self, *, wall_s: float, model: str) -> bool:
        self._check()
        return super().start_session(wall_s=wall_s, model=model)

    def stop(self, *, wall_s: float) -> None:
        self._check()
        super().end_session(wall_s=wall_s)

    def record(self, event: SortEvent) -> None:
        self._check()
        super().record(event)

    def finish(self, number: int, outcome: str) -> None:
        self._check()
        super().record_outcome(number, outcome)

    def probe(self) -> None:
        self._check()
        super().probe()

    def _check(self) -> None:
        if self.reason is not None:
            raise EventLogError(f"event log {self.path}: cannot be written: {self.reason}")
