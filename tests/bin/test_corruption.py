"""Whatever happened to the files under the state folder: the bin starts, sorts, ends cleanly, and keeps its events."""

import random
import shutil
import threading
from pathlib import Path

import pytest

from edge.records.event_log import EventLog
from edge.records.salvage import salvage
from edge.records.set_aside_logs import set_aside_logs
from edge.service.assembly import assemble
from edge.service.loop import run_loop
from hardware.clock import ManualClock
from tests.bin.corruption import (
    EVENTS_BEFORE,
    SMALL,
    corrupt,
    events_in,
    files_of,
    make_state,
    outside_of,
    stored_pages,
)
from tests.bin.simulated import sim_config

PRECIOUS = "not of the bin"

LATER_S = 1_800_000_000.0

ROUNDS, ALL_ROUNDS = 25, 500


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A state folder after a clean stop, and one after a kill."""
    folder = tmp_path_factory.mktemp("states")
    for name in ("clean", "killed"):
        make_state(folder / name, killed=name == "killed")
    return [folder / "clean", folder / "killed"]


def test_the_states_are_what_a_run_leaves(states: list[Path]) -> None:
    """Else the rounds below would corrupt something else."""
    for state in states:
        names = {str(path.relative_to(state)) for path in files_of(state)}
        assert {"events.sqlite", "events.sqlite.lock", "tray.npz", "images/s00000002-000001.jpg"} <= names
        assert ({"events.sqlite-wal", "events.sqlite-shm"} <= names) == (state.name == "killed")
        assert len(events_in(stored_pages(state))) == EVENTS_BEFORE + 2


def start_on_damage(state: Path, folder: Path, number: int, damage: list[str]) -> None:
    """One round: corrupt a copy of the state, start on it, sort an item, stop, and look for the events."""
    shutil.copytree(state, folder)
    outside_of(folder).write_text(PRECIOUS)
    chance = random.Random(number)
    before = stored_pages(folder)
    done = list(corrupt(folder, chance, number))
    damage.extend(done)
    expected = events_in(before & stored_pages(folder))
    log_is_whole = not any("events.sqlite" in what or what.startswith("swap") for what in done)
    config = sim_config(folder, *SMALL, "simulation.items=1")
    # Later than what was recorded before, as any start is.
    with assemble(config, clock=ManualClock(wall_s=LATER_S)) as assembly:
        run_loop(assembly, threading.Event(), duration_s=60)
        assert assembly.simulation is not None
        assert assembly.simulation.score().handled_once == 1
        assert (assembly.events.notice is None) or not log_is_whole
        if log_is_whole:
            assert len(expected - stored_keys(assembly.events)) == 0
    assert outside_of(folder).read_text() == PRECIOUS
    assert not outside_of(folder).is_symlink()
    with EventLog(config.event_log.file) as events:
        assert events.notice is None, "a second start finds nothing to tell"
        assert events.integrity() == "ok"
        for path in (*set_aside_logs(config.event_log.file), *files_of(folder)):
            if path.name not in ("events.sqlite", "events.sqlite-wal", "events.sqlite-shm", "events.sqlite.lock"):
                events.merge(salvage(path))
        lost = [key[:3] for key in expected - stored_keys(events)]
        assert lost == [], f"of {len(expected)} events"
        rows = [(row["session"], row["number"]) for row in events.events()]
        assert len(rows) == len(set(rows))
        assert not events.start_session(wall_s=1.0, model="m"), "the stop was clean"


def stored_keys(events: EventLog) -> set[tuple[object, ...]]:
    columns = "number, time_s, wall_s, wall_synced, label, confidence, probabilities, bin, reason, views"
    columns += ", agreement, rest_to_decision_s, latency_ms, image"
    return {tuple(row) for row in events._db.execute(f"SELECT {columns} FROM event")}


def play(states: list[Path], folder: Path, rounds: range) -> None:
    failures = []
    for number in rounds:
        work = folder / f"{number}"
        damage: list[str] = []
        try:
            start_on_damage(states[number % 2], work, number, damage)
        except Exception as error:
            failures.append(
                f"round {number}: {'; '.join(damage)}: {type(error).__name__}: {' '.join(str(error).split())}"[:300]
            )
        shutil.rmtree(work)
    assert not failures, "\n".join(failures)


def test_the_bin_starts_whatever_happened_to_its_files(states: list[Path], tmp_path: Path) -> None:
    play(states, tmp_path, range(ROUNDS))


@pytest.mark.slow
def test_the_bin_starts_five_hundred_times_on_damaged_files(states: list[Path], tmp_path: Path) -> None:
    play(states, tmp_path, range(ALL_ROUNDS))
