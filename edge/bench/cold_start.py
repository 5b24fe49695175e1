"""Cold start: the time from process start until the bin can decide, and the memory it uses while sorting."""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypedDict

from edge.config.file import absolute_overrides
from edge.config.python_child import WORKING_FOLDER, python_child
from edge.errors import UnavailableError

ITEMS = 2
"""Number of items sorted before the memory is read: the first one fills the caches."""


class StartAnswer(TypedDict):
    """JSON that the child process prints.

    ``made_s`` and ``ready_s`` are moments on the system's monotonic clock, in seconds: when every part was made, and when
    the empty tray was learnt. ``rss_mb`` is the resident memory after sorting, in megabytes; None where unknown.
    """

    made_s: float
    ready_s: float
    rss_mb: float | None


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Medians over several starts of the bin in a separate process, on the simulated camera.

    Attributes:
        made_s: seconds from process start until every part is made and the camera is open.
        ready_s: seconds from process start until the empty tray is learnt, on a simulated clock that does not wait.
        all_ready_s: ``ready_s`` of each start, in seconds.
        rss_mb: resident memory after sorting, in megabytes (10^6 bytes); None where the system does not report it.
    """

    made_s: float
    ready_s: float
    all_ready_s: tuple[float, ...]
    rss_mb: float | None


def measure_start(
    program: str,
    config: Path,
    overrides: Sequence[str],
    *,
    times: int = 3,
    on_start: Callable[[], None] = lambda: None,
) -> ColdStart:
    """Measure the cold start with the user's configuration, except that camera, pins and records are replaced.

    Args:
        program: module to start as the child process. It takes CONFIG KEY=VALUE... and prints a ``StartAnswer``.
        config: configuration file.
        overrides: ``KEY=VALUE`` each.
        times: number of starts, >= 1.
        on_start: called after each start.

    Raises:
        UnavailableError: the bin does not start.
    """
    made, ready, memory = [], [], []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            simulated = (
                "camera.kind=sim",
                "flaps.pin_factory=mock",
                "simulation.speed=0",
                f"simulation.items={ITEMS}",
                "tray.empty_tray=null",
                f"event_log.file={folder}/events.sqlite",
                f"event_log.images={folder}/images",
                "tray.memory=null",
            )
            command = python_child(program, str(config.absolute()), *absolute_overrides((*overrides, *simulated)))
            start_s = time.monotonic()
            done = subprocess.run(command, cwd=WORKING_FOLDER, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no error message"])[-1]
            raise UnavailableError(f"cold start: the bin does not start on the simulated camera: {last[:200]}")
        answer: StartAnswer = json.loads(done.stdout)
        made.append(answer["made_s"] - start_s)
        ready.append(answer["ready_s"] - start_s)
        if answer["rss_mb"] is not None:
            memory.append(answer["rss_mb"])
        on_start()
    return ColdStart(
        made_s=round(median(made), 3),
        ready_s=round(median(ready), 3),
        all_ready_s=tuple(round(seconds, 3) for seconds in ready),
        rss_mb=median(memory) if memory else None,
    )
