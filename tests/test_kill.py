"""kill -9 at random moments of a run: nothing committed is lost, the database is sound, the flaps come home."""

import random
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edge.assembly import assemble
from edge.eventlog import EventLog
from edge.service import serve
from tests.test_whole_bin import ROOT, sim_config

SPEED = 6
# What was recorded, not a warning that recording took too long.
ITEM_LINE = re.compile(r" INFO .*item (\d+): (\S+) ")


def run_and_kill(folder: Path, after_s: float, seed: int) -> list[tuple[int, str]]:
    """Start a run, kill it that long after its first item; (number, label) of every item it told of."""
    command = [
        sys.executable,
        "-m",
        "edge",
        "run",
        "--set",
        f"simulation.speed={SPEED}",
        "--set",
        f"simulation.seed={seed}",
    ]
    command += ["--set", f"event_log.file={folder}/events.sqlite", "--set", f"event_log.images={folder}/images"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    told: list[tuple[int, str]] = []
    killer: threading.Timer | None = None
    for line in process.stderr:
        match = ITEM_LINE.search(line)
        if match:
            told.append((int(match[1]), match[2]))
        if match and killer is None:
            killer = threading.Timer(after_s, process.kill)
            killer.start()
    assert killer is not None, "the run ended before its first item"
    assert process.wait() == -9
    process.stderr.close()
    return told


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_kills_lose_nothing(tmp_path: Path, kills: int) -> None:
    chance = random.Random(kills)
    told: list[list[tuple[int, str]]] = []
    for round_number in range(kills):
        told.append(run_and_kill(tmp_path, chance.uniform(0.0, 1.5), seed=round_number))
        with EventLog(tmp_path / "events.sqlite", read_only=True) as log:
            assert log.integrity() == "ok"
            recorded = list(log.events())
        sessions = sorted({event["session"] for event in recorded})
        assert len(sessions) == len(told)
        for session, items in zip(sessions, told, strict=True):
            found = [(event["number"], event["label"]) for event in recorded if event["session"] == session]
            # An event may be on the disk without having been told of; never the other way round, and never twice.
            assert found[: len(items)] == items
            assert len(found) <= len(items) + 1
    last = recorded[-1]["bin"]
    with assemble(sim_config(tmp_path, f"simulation.start_open=[{last}]", "simulation.items=1")) as assembly:
        assert assembly.unclean_stop
        serve(assembly, threading.Event(), duration_s=30)
        assert assembly.simulation is not None
        assert all(flap.is_home and not flap.is_driven for flap in assembly.simulation.flaps.values())
        outcomes = {event["outcome"] for event in assembly.events.events()}
    assert "decided" not in outcomes
