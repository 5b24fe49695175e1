"""The whole bin in simulation, with the shipped model and sprites, scored against the truth."""

import threading
from pathlib import Path

import pytest

from edge.config.schema import Config
from edge.errors import InputMissingError
from edge.service.assembly import assemble
from edge.service.loop import RunStats, run_loop
from edge.values import SortEvent
from hardware.errors import FlapError
from tests.bin.simulated import sim_config, sort


def test_every_item_is_handled_once_and_most_land_in_their_bin(tmp_path: Path) -> None:
    score, tally, events = sort(sim_config(tmp_path, "simulation.items=24", "simulation.seed=3"))
    assert score.items == 24
    assert score.handled_once == 24
    assert score.missed == score.double == score.empty_openings == 0
    assert not score.two_moving
    # The model's thresholds keep the bins clean at the cost of some items in the residual bin.
    assert score.right >= 0.6 * score.items, score.table
    assert score.wrong <= 0.05 * score.items, score.table
    assert tally.items == len(events) == 24
    assert [event["outcome"] for event in events] == ["done"] * 24
    # The record and the truth tell of the same bins, in the same order.
    assert [event["bin"] for event in events] == [fall.bin for fall in score.falls]


def test_the_flap_moves_soon_after_rest_and_never_before(tmp_path: Path) -> None:
    score, _, events = sort(sim_config(tmp_path, "simulation.items=6"))
    for fall, event in zip(score.falls, events, strict=True):
        assert fall.rest_s is not None, "a flap opened before the item came to rest"
        assert event["time_s"] > fall.rest_s
        assert event["rest_to_decision_s"] <= 0.6


def test_the_same_seed_is_the_same_day(tmp_path: Path) -> None:
    runs = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        score, _, events = sort(sim_config(tmp_path / name, "simulation.items=5", "simulation.seed=11"))
        runs.append(([fall.item for fall in score.falls], [(event["label"], event["confidence"]) for event in events]))
    assert runs[0] == runs[1]


def test_flaps_left_open_are_brought_home_after_an_unclean_stop(tmp_path: Path) -> None:
    config = sim_config(tmp_path, "simulation.items=2", "simulation.start_open=[glass, residual]")
    with assemble(config) as assembly:
        # Leave as kill -9 would: neither the flaps nor the session are ended.
        assembly.events._db.execute("PRAGMA user_version")
    _mark_unclean(config)
    with assemble(config) as assembly:
        assert assembly.unclean_stop
        tally = run_loop(assembly, threading.Event(), duration_s=60)
        world = assembly.simulation
        assert world is not None
        assert all(flap.is_home and not flap.is_driven for flap in world.flaps.values())
        assert not world.score().two_moving
        assert tally.items == 2


def test_nothing_moves_at_a_clean_start(tmp_path: Path) -> None:
    config = sim_config(tmp_path)
    with assemble(config) as assembly:
        assert not assembly.unclean_stop
        run_loop(assembly, threading.Event(), duration_s=1.0)
        world = assembly.simulation
        assert world is not None
        assert not any(flap.is_driven or flap.is_moving for flap in world.flaps.values())


def test_a_stop_in_the_middle_of_a_cycle_leaves_the_flaps_home(tmp_path: Path) -> None:
    stop = threading.Event()
    opened: list[SortEvent] = []

    def stop_at_first(_: RunStats, event: SortEvent | None) -> None:
        if event is not None:
            opened.append(event)
            stop.set()

    with assemble(sim_config(tmp_path)) as assembly:
        run_loop(assembly, stop, duration_s=60, on_step=stop_at_first)
        world, clock = assembly.simulation, assembly.clock
        assert world is not None
        assert assembly.diverter.active_bin == opened[0].bin
    clock.wait(threading.Event(), 1.0)
    world.advance()
    assert all(flap.is_home and not flap.is_driven for flap in world.flaps.values())


def test_an_exception_in_the_loop_leaves_the_flaps_home(tmp_path: Path) -> None:
    def fail(_: RunStats, event: SortEvent | None) -> None:
        if event is not None:
            raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"), assemble(sim_config(tmp_path)) as assembly:  # noqa: PT012
        world, clock = assembly.simulation, assembly.clock
        run_loop(assembly, threading.Event(), duration_s=60, on_step=fail)
    assert world is not None
    clock.wait(threading.Event(), 1.0)
    world.advance()
    assert all(flap.is_home and not flap.is_driven for flap in world.flaps.values())


def _mark_unclean(config: Config) -> None:
    import sqlite3

    with sqlite3.connect(config.event_log.file) as db:
        db.execute("UPDATE session SET ended_wall_s = NULL")
    db.close()


def test_a_flap_that_could_not_be_homed_is_homed_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = sim_config(tmp_path)
    with assemble(config) as assembly:
        flap = assembly.diverter._flaps["glass"]
        assembly.diverter.open("glass")
        monkeypatch.setattr(flap, "home", _fail)
    with assemble(config) as assembly:
        assert assembly.unclean_stop


def test_one_broken_flap_does_not_keep_the_others_open_after_an_unclean_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = sim_config(tmp_path, "simulation.start_open=[paper, glass, packaging]")
    with assemble(config):
        pass
    _mark_unclean(config)
    broken = [True]
    from hardware.drives.servo.driver import ServoFlap

    pulse = ServoFlap._pulse

    def pulse_unless_broken(flap: ServoFlap, width_ms: float) -> None:
        if flap.name == "paper" and broken:
            _fail()
        pulse(flap, width_ms)

    monkeypatch.setattr(ServoFlap, "_pulse", pulse_unless_broken)
    with assemble(config) as assembly:
        assert assembly.unclean_stop
        tally = run_loop(assembly, threading.Event(), duration_s=10.0)
        # Each was given its travel time, one after the other; only the broken one stands open, and nothing is sorted.
        assert [name for name, flap in assembly.simulation.flaps.items() if not flap.is_home] == ["paper"]
        assert str(assembly.alarms.most_urgent).endswith("the pin cannot be driven; nothing is sorted until it is home")
        assert tally.items == 0
    broken.clear()
    with assemble(config) as assembly:
        assert assembly.unclean_stop, "until every flap came home, no stop was a clean one"


def test_a_start_that_fails_leaves_the_last_stop_as_it_was(tmp_path: Path) -> None:
    with assemble(sim_config(tmp_path)):
        pass
    with pytest.raises(InputMissingError), assemble(sim_config(tmp_path, f"tray.empty_tray={tmp_path}/none.png")):
        pass
    with assemble(sim_config(tmp_path)) as assembly:
        assert not assembly.unclean_stop


def _fail() -> None:
    raise FlapError("the pin cannot be driven")
