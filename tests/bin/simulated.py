"""The simulated bin as it ships, run to its end."""

import threading
from pathlib import Path
from typing import Any

from edge.config.file import load_config
from edge.config.schema import Config
from edge.service.assembly import assemble
from edge.service.loop import RunStats, run_loop
from tests.paths import ROOT

SMALL = ("camera.width=320", "camera.height=240")
"""A camera of a quarter of the pixels, for tests of what does not depend on them: sorted three times as fast."""


def sim_config(folder: Path, *overrides: str) -> Config:
    """The working default as fast as it can, with its state in ``folder``."""
    return load_config(
        ROOT / "config.yaml",
        [
            "simulation.speed=0",
            f"event_log.file={folder}/events.sqlite",
            f"event_log.images={folder}/images",
            f"tray.memory={folder}/tray.npz",
            *overrides,
        ],
    )


def sort(config: Config) -> tuple[Any, RunStats, list[dict[str, Any]]]:
    """Sort until the simulated bin has no more items: its score, the run's tally, and the event log."""
    with assemble(config) as assembly:
        tally = run_loop(assembly, threading.Event(), duration_s=600)
        assert assembly.simulation is not None
        score = assembly.simulation.score()
        events = list(assembly.events.events())
    return score, tally, events
