"""A bin in real time whose disk is slow: the loop goes on looking while the writer's thread waits for the disk."""

import os
import threading
import time
from pathlib import Path

import pytest

from edge.records.event_features import EventFeatures
from edge.records.event_log import EventLog
from edge.service.assembly import assemble
from edge.service.loop import RunStats, run_loop
from edge.values import SortEvent
from tests.bin.simulated import sim_config

COMMIT_S = 0.2
"""Real time that a commit takes, in seconds; several times as long on the bin's clock."""


class SlowEventLog(EventLog):
    """Takes ``COMMIT_S`` for each event."""

    def record(self, event: SortEvent, features: EventFeatures | None = None) -> None:
        time.sleep(COMMIT_S)
        super().record(event, features)


def test_the_loop_looks_on_while_the_disk_takes_its_time_and_each_item_is_one_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = sim_config(
        tmp_path,
        "camera.width=320",
        "camera.height=240",
        "simulation.items=3",
        "simulation.speed=5",
        "simulation.seed=3",
    )
    looked = 0
    fsync = os.fsync
    waited: set[str] = set()

    def slow_fsync(descriptor: int) -> None:
        waited.add(threading.current_thread().name)
        time.sleep(COMMIT_S)
        fsync(descriptor)

    def look(tally: RunStats, event: SortEvent | None) -> None:
        nonlocal looked
        looked += assembly.sorter.busy and not assembly.sorter.flaps.is_delivering

    with assemble(config, open_events=SlowEventLog) as assembly:
        monkeypatch.setattr(os, "fsync", slow_fsync)
        tally = run_loop(assembly, threading.Event(), duration_s=300, on_step=look)
        assert assembly.simulation is not None
        score = assembly.simulation.score()
        events = list(assembly.events.events())
    assert (tally.items, score.handled_once, score.empty_openings) == (3, 3, 0)
    assert [event["outcome"] for event in events] == ["done"] * 3
    assert looked >= 3 * 2, "it stepped while events were under way"
    assert waited == {"writer"}, "the picture of the empty tray was written meanwhile"
