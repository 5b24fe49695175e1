"""How a running bin is, as a report: the status file and the bin's socket hand it on. Who only reads it loads nothing else."""

import os
import socket
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict

from edge.actuation.panel import FAULTS
from edge.alarms import Alarms
from hardware.clock import Clock
from hardware.printable import one_line

if TYPE_CHECKING:
    from edge.service.assembly import Assembly
    from edge.service.loop import RunStats
    from edge.values import SortEvent

FORMAT = 1
"""Version of the format. Fields may be added; one that changes its meaning or goes makes another format."""


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

    Missing in files of earlier releases: ``simulated_flaps``: bins whose flap does not move although the camera is real.
    ``head``: SHA-256 of the taught head that answers, None where the model does alone. ``paused``: somebody has paused the bin by
    hand. ``flaps``: what they do, as of ``edge.actuation.phase.DiverterState``, and ``open_bin``: whose flap is not at home.
    ``model_sha256``: of the model that answers, as its manifest has it. ``slot``: name of the update in use, None: what the
    configuration says is; ``update``: what became of the last one, see ``edge.updates.outcome``; both only of a bin with updates.
    ``held``: why no flap may move (hand, lid, locked), empty while one may. ``moved_by_hand``: the bin whose flap was,
    and is still out.
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
    model_sha256: NotRequired[str]
    slot: NotRequired[str | None]
    update: NotRequired[dict[str, object] | None]
    head: NotRequired[str | None]
    simulated: bool
    simulated_flaps: NotRequired[list[str]]
    paused: NotRequired[bool]
    flaps: NotRequired[str]
    open_bin: NotRequired[str | None]
    held: NotRequired[str]
    moved_by_hand: NotRequired[str | None]
    event_log: str
    pid: int
    started_wall_s: float
    written_wall_s: float
    written_s: float
    boot_id: str


class StatusReporter:
    """Makes the reports of a running bin, in the loop's thread.

    Args:
        assembly: the bin.
        clock: real time, which goes on at the speed of whoever reads the report.
    """

    def __init__(self, assembly: "Assembly", *, clock: Clock) -> None:
        from edge.service.simulated_parts import still_bins

        self._assembly = assembly
        self._clock = clock
        self._started_wall_s = clock.wall_s()
        self._boot_id = boot_id()
        self._still_bins = still_bins(assembly.config)
        self._event_log = str(assembly.events.path.resolve())
        self._last_item_wall_s: float | None = None

    def note(self, event: "SortEvent | None") -> None:
        """Take note of the item that was decided in a step; None: none was."""
        if event is not None:
            self._last_item_wall_s = event.wall_s

    def condition(self, *, ready: bool) -> Condition:
        """How the bin is now, as one word; ``ready``: whether it can sort."""
        return condition_of(self._assembly.alarms, ready=ready)

    def report(self, tally: "RunStats", *, ready: bool) -> StatusReport:
        """How the bin is now.

        Args:
            tally: what the run has done so far.
            ready: whether the bin can sort.
        """
        assembly = self._assembly
        flaps = assembly.sorter.flaps
        manifest = assembly.heads.answering.classifier.manifest
        report = StatusReport(
            format=FORMAT,
            host=socket.gethostname(),
            condition=self.condition(ready=ready),
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
            model=manifest.name,
            model_sha256=manifest.sha256,
            head=assembly.heads.answering.sha256,
            simulated=assembly.simulation is not None,
            simulated_flaps=self._still_bins,
            paused=flaps.mode.is_paused,
            flaps=assembly.diverter.state.value,
            open_bin=assembly.diverter.active_bin,
            held=flaps.interlock.reason,
            moved_by_hand=flaps.hand.held.bin,
            event_log=self._event_log,
            pid=os.getpid(),
            started_wall_s=self._started_wall_s,
            written_wall_s=self._clock.wall_s(),
            written_s=self._clock.now_s(),
            boot_id=self._boot_id,
        )
        if assembly.models is not None:
            report["slot"], report["update"] = assembly.models.slot, assembly.models.outcome
        return report


def condition_of(alarms: Alarms, *, ready: bool) -> Condition:
    """How a bin is: the gravest of its alarms, as the status light shows it.

    Args:
        alarms: the active alarms.
        ready: whether the bin can sort.
    """
    if alarms.active & FAULTS:
        return Condition.FAULT
    return Condition.ATTENTION if alarms.active or not ready else Condition.OK


def boot_id() -> str:
    """What the kernel calls this boot; empty where it has no name for it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _condition_of_alarm(alarm: str) -> Condition:
    return Condition.FAULT if alarm in FAULTS else Condition.ATTENTION
