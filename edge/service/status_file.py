"""The status file: how the bin is, for whoever watches it from outside. ``sorter status`` reads it.

It is written by a thread of its own, so that a disk that hangs cannot hold up the loop, and asked for by the loop, so that a loop
that hangs lets it grow old.
"""

import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.files.state_files import write_whole
from edge.records.writer import WriteJob, Writer
from edge.service.loop import RunStats
from edge.service.status_report import StatusReporter
from hardware.clock import Clock

log = logging.getLogger(__name__)

WRITE_EVERY_S = 5.0
"""Time between two writes, in seconds. A change of the condition is written at once."""

CLOSE_S = 0.5
"""Longest wait for a write at the end, in seconds: a disk that hangs must not hold up the stop."""

FOR_EVERYBODY = 0o644
"""Mode of the file: a monitoring agent has a user of its own, and what stands in it could be seen at the bin as well."""

NAME = "status.json"

SERVICE_STATUS = Path("/run/sorter") / NAME
"""Where the service writes it: RuntimeDirectory= of systemd/sorter.service, in memory, gone when the service has stopped."""


class StatusFile:
    """Keeps the status file of a running bin up to date, and removes it at the end.

    Args:
        reporter: says how the bin is.
        path: the file; its folder exists.
        writer: writes it; closed with this object.
        clock: real time, which goes on at the speed of the one who reads the file.
    """

    def __init__(self, reporter: StatusReporter, path: Path, *, writer: Writer, clock: Clock) -> None:
        self._reporter = reporter
        self._path = path
        self._writer = writer
        self._clock = clock
        self._written_s: float | None = None
        self._condition: str | None = None
        self._job: WriteJob | None = None
        self._is_failing = False

    def update(self, tally: RunStats, *, ready: bool) -> None:
        """Take a step of the loop, and have the file written when it is time.

        Args:
            tally: what the run has done so far.
            ready: whether the bin can sort.
        """
        now_s = self._clock.now_s()
        condition = self._reporter.condition(ready=ready)
        is_due = self._written_s is None or now_s - self._written_s >= WRITE_EVERY_S or condition is not self._condition
        if not is_due or (self._job is not None and not self._job.is_done):
            return
        if self._job is not None:
            self._note(self._job.error)
        self._written_s, self._condition = now_s, condition
        content = f"{json.dumps(self._reporter.report(tally, ready=ready))}\n".encode()
        self._job = WriteJob(
            lambda: write_whole(self._path, content, durable=False, check=lambda part: part.chmod(FOR_EVERYBODY))
        )
        self._writer.submit(self._job)

    def close(self) -> None:
        """Remove the file: a bin that has stopped has no status. May be called more than once."""
        self._writer.drain(CLOSE_S)
        self._writer.close()
        with suppress(OSError):
            self._path.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _note(self, error: Exception | None) -> None:
        """Log the first of a series of errors."""
        if error is not None and not self._is_failing:
            log.warning(
                "status file %s: cannot be written, 'sorter status' does not know how the bin is: %s", self._path, error
            )
        self._is_failing = error is not None


def status_path(event_log: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Where a running sorter writes its status: in the folder that systemd makes for a service, else beside its event log.

    Args:
        event_log: the event log.
        environment: of the process; systemd sets RUNTIME_DIRECTORY.
    """
    folder = environment.get("RUNTIME_DIRECTORY", "").split(":")[0]
    return Path(folder) / NAME if folder else status_beside(event_log)


def status_beside(event_log: Path) -> Path:
    """The status file of a sorter that systemd has not started."""
    return event_log.with_name(f"{event_log.name}.{NAME}")
