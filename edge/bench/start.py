"""How long the bin takes from process start until it can decide, and the memory it then sorts in."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from edge.errors import UnavailableError

ITEMS = 2
"""So many items are sorted before the memory is read."""


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Medians over several starts of the bin as a process of its own, on the simulated camera.

    Attributes:
        made_s: process start until every part is made and the camera is open.
        ready_s: ... and the empty tray is learnt, on a simulated clock that doesn't wait.
        all_ready_s: each start's.
        rss_mb: memory held after sorting, in megabytes; None where the system does not tell.
    """

    made_s: float
    ready_s: float
    all_ready_s: tuple[float, ...]
    rss_mb: float | None


def measure_start(
    config: Path, overrides: Sequence[str], *, times: int = 3, on_start: Callable[[], None] = lambda: None
) -> ColdStart:
    """Start the bin ``times`` times (>= 1), with the user's configuration but for camera, pins and records.

    Raises:
        UnavailableError: it does not start.
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
            command = [sys.executable, "-m", "edge.bench.ready", str(config), *overrides, *simulated]
            start_s = time.monotonic()
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise UnavailableError(f"cold start: the bin does not start on the simulated camera: {last[:200]}")
        told = json.loads(done.stdout)
        made.append(told["made_s"] - start_s)
        ready.append(told["ready_s"] - start_s)
        if told["rss_mb"] is not None:
            memory.append(told["rss_mb"])
        on_start()
    return ColdStart(
        made_s=round(median(made), 3),
        ready_s=round(median(ready), 3),
        all_ready_s=tuple(round(seconds, 3) for seconds in ready),
        rss_mb=median(memory) if memory else None,
    )
