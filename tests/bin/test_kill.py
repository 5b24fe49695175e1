"""kill -9 at random moments of a run: nothing committed is lost, the database is sound, the flaps come home."""

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edge.records.event_log import EventLog
from edge.service.assembly import assemble
from edge.service.loop import run_loop
from edge.values import SortEvent
from tests.bin.simulated import sim_config
from tests.paths import ROOT

SPEEDS = (0, 20, 0, 20)
"""As fast as possible, with events written in the loop; and on the real clock, with the writer's thread."""
SMALL = ("camera.width=320", "camera.height=240", "simulation.gap_s=[0.2, 0.4]")
# What was recorded, not a warning that recording took too long.
ITEM_LINE = re.compile(r" INFO .*item (\d+): (\S+) ")


def run_and_kill(folder: Path, after_s: float, seed: int, speed: int) -> list[tuple[int, str]]:
    """Start a run, kill it that long after its first item; (number, label) of every item it told of."""
    command = [
        sys.executable,
        "-m",
        "edge",
        "run",
        "--set",
        f"simulation.speed={speed}",
        "--set",
        f"simulation.seed={seed}",
    ]
    command += ["--set", f"event_log.file={folder}/events.sqlite", "--set", f"event_log.images={folder}/images"]
    command += ["--set", f"tray.memory={folder}/tray.npz"]
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


def events_of_last_session(folder: Path) -> list[dict[str, Any]]:
    """What a sound database says of the last run."""
    with EventLog(folder / "events.sqlite", read_only=True) as log:
        assert log.integrity() == "ok"
        recorded = list(log.events())
    last = max((event["session"] for event in recorded), default=None)
    return [event for event in recorded if event["session"] == last]


def nothing_lost_or_doubled(told: list[tuple[int, str]], recorded: list[dict[str, Any]]) -> None:
    """Every event that was told of is on the disk, once and in its order.

    The newest may be there without having been told of, and so may one that was called off because the disk took its time.
    """
    found = [(event["number"], event["label"]) for event in recorded]
    assert len(set(found)) == len(found)
    assert [one for one in found if one in told] == told
    untold = [event["outcome"] for event in recorded if (event["number"], event["label"]) not in told]
    assert set(untold[:-1]) <= {"interrupted"}


def test_kills_lose_nothing(tmp_path: Path) -> None:
    chance = random.Random(3)
    for round_number, speed in enumerate(SPEEDS):
        told = run_and_kill(tmp_path, chance.uniform(0.0, 1.5), seed=round_number, speed=speed)
        recorded = events_of_last_session(tmp_path)
        assert told
        nothing_lost_or_doubled(told, recorded)
    last = recorded[-1]["bin"]
    with assemble(sim_config(tmp_path, f"simulation.start_open=[{last}]", "simulation.items=1")) as assembly:
        assert assembly.unclean_stop
        run_loop(assembly, threading.Event(), duration_s=30)
        assert assembly.simulation is not None
        assert all(flap.is_home and not flap.is_driven for flap in assembly.simulation.flaps.values())
        outcomes = {event["outcome"] for event in assembly.events.events()}
    assert "decided" not in outcomes


KILLS = 500


@pytest.mark.slow
def test_five_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    """Forked, so that a round takes a fraction of a second: killed while starting, homing, sorting, recording, leaving."""
    chance = random.Random(KILLS)
    session, out = 0, ""
    sessions_with_items = homed_rounds = 0
    for round_number in range(KILLS):
        told, homed = fork_and_kill(
            tmp_path, chance.choice([0, 1, 1, 2]), chance.uniform(0.0, 0.4), round_number, start_open=out
        )
        homed_rounds += homed
        if not is_begun(tmp_path):
            assert not told
            continue
        recorded = events_of_last_session(tmp_path)
        if recorded and recorded[-1]["session"] > session:
            nothing_lost_or_doubled(told, recorded)
            session, out = recorded[-1]["session"], recorded[-1]["bin"]
            sessions_with_items += 1
        else:
            assert not told, f"round {round_number}: {told} were told and are not on record"
    with EventLog(tmp_path / "events.sqlite", read_only=True) as log:
        every = [(event["session"], event["number"]) for event in log.events()]
    assert len(every) == len(set(every))
    # Enough rounds came far enough for all this to mean something.
    assert sessions_with_items > KILLS / 4
    assert homed_rounds > KILLS / 2


def is_begun(folder: Path) -> bool:
    """Was the event log made before the first kill? It is, in one transaction, or is not."""
    file = folder / "events.sqlite"
    if not file.exists():
        return False
    with closing(sqlite3.connect(file)) as database:
        return bool(database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def fork_and_kill(
    folder: Path, items: int, after_s: float, seed: int, *, start_open: str
) -> tuple[list[tuple[int, str]], bool]:
    """A run in a forked process, with a flap that stands open where one is named, killed a while after so many items.

    Returns (number, label) of every item it told of, and whether it told that every flap was home.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            _run_and_tell(folder, seed, start_open, writer)
        finally:
            os._exit(0)
    os.close(writer)
    killer = threading.Timer(after_s, os.kill, (child, signal.SIGKILL))
    told: list[tuple[int, str]] = []
    homed = False
    with os.fdopen(reader) as pipe:
        if not items:
            killer.start()
        for line in pipe:
            kind, number, label = line.split()
            homed |= kind == "home"
            if kind == "item":
                told.append((int(number), label))
                if len(told) == items:
                    killer.start()
    killer.join()
    os.waitpid(child, 0)
    return told, homed


def _run_and_tell(folder: Path, seed: int, start_open: str, writer: int) -> None:
    config = sim_config(folder, f"simulation.seed={seed}", f"simulation.start_open=[{start_open}]", *SMALL)
    told_home = False
    with assemble(config) as assembly:
        simulation = assembly.simulation
        assert simulation is not None

        def tell(_tally: object, event: SortEvent | None) -> None:
            nonlocal told_home
            if event is not None:
                os.write(writer, f"item {event.number} {event.label}\n".encode())
            if not told_home and all(flap.is_home and not flap.is_driven for flap in simulation.flaps.values()):
                told_home = True
                os.write(writer, b"home 0 -\n")

        run_loop(assembly, threading.Event(), on_step=tell)
