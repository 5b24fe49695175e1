"""The status file: how the bin is, for whoever watches it from outside. ``sorter status`` reads it.

It is written by a thread of its own, so that a disk that hangs cannot hold up the loop, and asked for by the loop, so that a loop
that hangs lets it grow old.
"""

import json
import logging
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import NotRequired, Self, TypedDict

from edge.actuation.panel import FAULTS
from edge.alarms import Alarms
from edge.files.state_files import write_whole
from edge.records.writer import WriteJob, Writer
from edge.service.assembly import Assembly
from edge.service.loop import RunStats
from edge.service.simulated_parts import still_bins
from edge.values import SortEvent
from hardware.clock import Clock
from hardware.printable import one_line

log = logging.getLogger(__name__)

FORMAT = 1
"""Version of the format. Fields may be added; one that changes its meaning or goes makes another format."""

WRITE_EVERY_S = 5.0
"""Time between two writes, in seconds. A change of the condition is written at once."""

CLOSE_S = 0.5
"""Longest wait for a write at the end, in seconds: a disk that hangs must not hold up the stop."""

FOR_EVERYBODY = 0o644
"""Mode of the file: a monitoring agent has a user of its own, and what stands in it could be seen at the bin as well."""

NAME = "status.json"

SERVICE_STATUS = Path("/run/sorter") / NAME
"""Where the service writes it: RuntimeDirectory= of systemd/sorter.service, in memory, gone when the service has stopped."""


class Condition(StrEnum):
    """How a bin is, as one word."""

    OK = "ok"
    """It sorts, or could."""
    ATTENTION = "attention"
    """Somebody has to look at it: it is full, open, stopped, slow, or is only just starting."""
    FAULT = "fault"
    """Something has to be repaired."""


class AlarmReport(TypedDict):
    """An active alarm. ``alarm`` is its kind, as of ``edge.alarms.Alarm``; ``condition`` is what it means for the bin."""

    alarm: str
    condition: str
    message: str


class StatusReport(TypedDict):
    """What stands in the status file. Times named ``wall_s`` are seconds since 1970 UTC, by a clock that may be wrong.

    ``written_s`` is on the monotonic clock of the boot ``boot_id``: only the two together tell how old the report is.
    ``last_item_wall_s`` is None before the first item. ``fill_levels``: bin -> 0 empty to 1 full, of bins with a level sensor.
    ``simulated_flaps``: bins whose flap does not move although the camera is real; missing in files of earlier releases.
    ``head``: SHA-256 of the taught head that answers, None where the model does alone; missing in files of earlier releases.
    """

    format: int
    host: str
    condition: str
    alarms: list[AlarmReport]
    ready: bool
    tray: str
    wait: str | None
    items: int
    last_item_wall_s: float | None
    fill_levels: dict[str, float]
    model: str
    head: NotRequired[str | None]
    simulated: bool
    simulated_flaps: NotRequired[list[str]]
    event_log: str
    pid: int
    started_wall_s: float
    written_wall_s: float
    written_s: float
    boot_id: str


class StatusFile:
    """Keeps the status file of a running bin up to date, and removes it at the end.

    Args:
        assembly: the bin.
        path: the file; its folder exists.
        writer: writes it; closed with this object.
        clock: real time, which goes on at the speed of the one who reads the file.
    """

    def __init__(self, assembly: Assembly, path: Path, *, writer: Writer, clock: Clock) -> None:
        self._assembly = assembly
        self._path = path
        self._writer = writer
        self._clock = clock
        self._started_wall_s = clock.wall_s()
        self._boot_id = boot_id()
        self._last_item_wall_s: float | None = None
        self._written_s: float | None = None
        self._condition: Condition | None = None
        self._job: WriteJob | None = None
        self._is_failing = False

    def update(self, tally: RunStats, event: SortEvent | None, *, ready: bool) -> None:
        """Take a step of the loop, and have the file written when it is time.

        Args:
            tally: what the run has done so far.
            event: the item that was decided in this step.
            ready: whether the bin can sort.
        """
        if event is not None:
            self._last_item_wall_s = event.wall_s
        now_s = self._clock.now_s()
        condition = condition_of(self._assembly.alarms, ready=ready)
        is_due = self._written_s is None or now_s - self._written_s >= WRITE_EVERY_S or condition is not self._condition
        if not is_due or (self._job is not None and not self._job.is_done):
            return
        if self._job is not None:
            self._note(self._job.error)
        self._written_s, self._condition = now_s, condition
        content = f"{json.dumps(self._report(tally, condition, ready=ready))}\n".encode()
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

    def _report(self, tally: RunStats, condition: Condition, *, ready: bool) -> StatusReport:
        assembly = self._assembly
        flaps = assembly.sorter.flaps
        return StatusReport(
            format=FORMAT,
            host=socket.gethostname(),
            condition=condition,
            alarms=[
                AlarmReport(alarm=alarm, condition=_condition_of_alarm(alarm), message=one_line(message))
                for alarm, message in assembly.alarms.items()
            ],
            ready=ready,
            tray=assembly.sorter.tray.state.value,
            wait=assembly.sorter.wait,
            items=tally.items,
            last_item_wall_s=self._last_item_wall_s,
            fill_levels={name: round(level, 3) for name, level in flaps.levels.fill_levels.items()},
            model=assembly.classifier.manifest.name,
            head=assembly.heads.answering.sha256,
            simulated=assembly.simulation is not None,
            simulated_flaps=still_bins(assembly.config),
            event_log=str(assembly.events.path.resolve()),
            pid=os.getpid(),
            started_wall_s=self._started_wall_s,
            written_wall_s=self._clock.wall_s(),
            written_s=self._clock.now_s(),
            boot_id=self._boot_id,
        )


def condition_of(alarms: Alarms, *, ready: bool) -> Condition:
    """How a bin is: the gravest of its alarms, as the status light shows it.

    Args:
        alarms: the active alarms.
        ready: whether the bin can sort.
    """
    if alarms.active & FAULTS:
        return Condition.FAULT
    return Condition.ATTENTION if alarms.active or not ready else Condition.OK


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


def boot_id() -> str:
    """What the kernel calls this boot; empty where it has no name for it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _condition_of_alarm(alarm: str) -> Condition:
    return Condition.FAULT if alarm in FAULTS else Condition.ATTENTION
