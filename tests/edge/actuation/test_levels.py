"""Levels: full bins are told, what belongs there goes to the residual bin, and a full residual bin stops the sorting."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from edge.actuation.levels import CLEARANCE, DEBOUNCE_S, SILENT_S, Gauge, Levels
from edge.actuation.sensor_reader import SensorReader
from edge.alarms import Alarm, Alarms
from edge.service.assembly import assemble
from edge.service.loop import run_loop
from hardware.clock import ManualClock
from hardware.errors import SensorError
from hardware.sensor import LevelSensor
from tests.bin.simulated import sim_config

EMPTY_M, FULL_M = 0.6, 0.1


class Plumb(LevelSensor):
    """A level sensor that says what it is told, or fails."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.distance: float | None = EMPTY_M
        self.broken = False
        self.reads = 0

    @property
    def distance_m(self) -> float | None:
        self.reads += 1
        if self.broken:
            raise SensorError(f"{self.name}: nothing answers at address 0x29")
        return self.distance

    def close(self) -> None:
        pass


class Yard:
    """Levels over sensors that are worked by hand, on a clock that stands still."""

    def __init__(self, *names: str) -> None:
        self.clock, self.alarms = ManualClock(50.0), Alarms()
        self.sensors = {name: Plumb(f"bins.{name}.level") for name in names or ("glass",)}
        self.levels = Levels(
            {name: Gauge(sensor, empty_m=EMPTY_M, full_m=FULL_M) for name, sensor in self.sensors.items()},
            sensors=SensorReader(self.clock, self.alarms),
            clock=self.clock,
            alarms=self.alarms,
        )

    def run(self, seconds: float, **distances_m: float | None) -> frozenset[str]:
        """Look ten times a second; the full bins in the end."""
        for name, distance_m in distances_m.items():
            self.sensors[name].distance = distance_m
        for _ in range(round(seconds * 10)):
            self.clock.advance(0.1)
            self.levels.poll()
        return self.levels.full_bins

    @property
    def told(self) -> list[str]:
        return list(self.alarms)


def test_a_bin_is_full_when_it_has_looked_so_for_a_while() -> None:
    yard = Yard()
    assert yard.run(30.0) == frozenset()
    assert yard.run(4.0, glass=FULL_M) == frozenset()
    assert yard.run(2.0) == {"glass"}
    assert yard.told == ["bin glass is full, what belongs there goes to residual: empty it"]
    assert yard.alarms.counts == {Alarm.FULL: 1}


def test_what_falls_past_is_no_level() -> None:
    yard = Yard()
    for _ in range(20):
        assert yard.run(2.0, glass=0.02) == frozenset()
        assert yard.run(1.0, glass=0.3) == frozenset()


def test_a_full_bin_is_full_until_it_is_emptied() -> None:
    yard = Yard()
    yard.run(10.0, glass=0.09)
    for distance_m in (0.11, 0.14, 0.09, None):
        assert yard.run(10.0, glass=distance_m) == {"glass"}, "it settles a little, or an item stands on end"
    assert yard.run(4.0, glass=EMPTY_M) == {"glass"}, "somebody may be at it"
    assert yard.run(2.0) == frozenset()
    assert yard.told == []


@pytest.mark.parametrize(
    ("full", "sentence"),
    [
        (("glass",), "bin glass is full, what belongs there goes to residual: empty it"),
        (("glass", "paper"), "bins paper, glass are full, what belongs there goes to residual: empty them"),
        (("glass", "residual"), "bin residual is full, nothing is sorted: empty it"),
    ],
)
def test_the_operator_is_told_which_bins_are_full(full: tuple[str, ...], sentence: str) -> None:
    yard = Yard("paper", "glass", "residual")
    yard.run(10.0, **dict.fromkeys(full, 0.05))
    assert yard.told == [sentence]
    assert yard.levels.residual_is_full is ("residual" in full)


def test_how_full_a_bin_is() -> None:
    yard = Yard("paper", "glass")
    yard.run(1.0, paper=0.35, glass=0.05)
    assert yard.levels.fill_levels == pytest.approx({"paper": 0.5, "glass": 1.1})


def test_a_sensor_that_fails_is_told_and_changes_nothing() -> None:
    yard = Yard("paper", "glass")
    yard.run(10.0, glass=0.05)
    yard.sensors["glass"].broken = yard.sensors["paper"].broken = True
    assert yard.run(100.0) == {"glass"}
    so = "nothing answers at address 0x29; how full the bin is stays unknown"
    assert yard.told[1:] == [f"bins.paper.level: {so}; bins.glass.level: {so}"]
    yard.sensors["glass"].broken = yard.sensors["paper"].broken = False
    assert yard.run(15.0, glass=0.5) == frozenset()
    assert yard.told == []
    assert yard.alarms.counts == {Alarm.FULL: 1, Alarm.SENSOR: 1}


def test_a_sensor_that_says_nothing_for_a_minute_is_told_once() -> None:
    yard = Yard()
    yard.run(59.0, glass=None)
    assert yard.told == []
    yard.run(200.0)
    silent = "no reading for 60 s, check its wires and what is before it; how full the bin is stays unknown"
    assert yard.told == [f"bins.glass.level: {silent}"]
    yard.run(10.0, glass=0.4)
    assert yard.told == []
    assert yard.alarms.counts == {Alarm.SENSOR: 1}


def test_a_bin_that_is_nearly_full_is_not_full() -> None:
    yard = Yard()
    yard.run(10.0, glass=FULL_M + 0.02)
    assert yard.levels.full_bins == frozenset()
    assert yard.levels.fill_levels["glass"] > 1.0 - CLEARANCE


def test_a_bin_is_full_and_a_sensor_silent_at_the_bound_and_not_before() -> None:
    yard = Yard()
    yard.run(0.0, glass=FULL_M)
    yard.levels.poll()
    yard.clock.advance(DEBOUNCE_S - 0.5)
    yard.levels.poll()
    assert yard.levels.full_bins == frozenset()
    yard.clock.advance(0.5)
    yard.levels.poll()
    assert yard.levels.full_bins == {"glass"}
    yard.run(0.0, glass=None)
    yard.clock.advance(SILENT_S)
    yard.levels.poll()
    assert Alarm.SENSOR not in yard.alarms
    yard.clock.advance(0.5)
    yard.levels.poll()
    assert Alarm.SENSOR in yard.alarms


def test_levels_are_read_twice_a_second_at_most() -> None:
    yard = Yard()
    yard.run(10.0)
    assert 15 <= yard.sensors["glass"].reads <= 20


# --- the whole bin ----------------------------------------------------------------------------------------------------


def fitted(*names: str) -> list[str]:
    """What makes the configuration measure these bins."""
    return [f"bins.{name}.level={{kind: sim, empty_m: {EMPTY_M}, full_m: {FULL_M}}}" for name in names]


def sorted_with(folder: Path, full: Mapping[str, float], *overrides: str) -> tuple[Any, list[dict[str, Any]], Alarms]:
    """A simulated bin whose bins are filled so far from the start; its score, its events, and what it told."""
    small = ["camera.width=320", "camera.height=240"]
    with assemble(sim_config(folder, *fitted(*full), *small, *overrides), clock=ManualClock()) as assembly:
        world = cast(Any, assembly.simulation)
        for name, share in full.items():
            world.fill(name, share)
        run_loop(assembly, threading.Event(), duration_s=30.0)
        return world.score(), list(assembly.events.events()), assembly.alarms


def test_items_of_a_full_bin_go_to_the_residual_bin(tmp_path: Path) -> None:
    full = {"paper": 1.0, "glass": 1.0, "packaging": 1.0, "residual": 0.0}
    # Full before the first item comes, and for as long as they are.
    score, events, alarms = sorted_with(tmp_path, full, "simulation.gap_s=[6, 6]", "simulation.items=3")
    assert score.items == 3
    assert {row["bin"] for row in events} == {"residual"}
    assert "full" in {row["reason"] for row in events}
    assert list(alarms) == ["bins paper, glass, packaging are full, what belongs there goes to residual: empty them"]


def test_a_full_residual_bin_stops_the_sorting_until_it_is_emptied(tmp_path: Path) -> None:
    config = sim_config(tmp_path, *fitted("residual"), "simulation.gap_s=[6, 6]")
    with assemble(config, clock=ManualClock()) as assembly:
        world = cast(Any, assembly.simulation)
        world.fill("residual", 1.0)
        run_loop(assembly, threading.Event(), duration_s=12.0)
        assert world.is_at_rest
        assert world.score().flap_moves == {}
        assert list(assembly.alarms) == ["bin residual is full, nothing is sorted: empty it"]
        world.fill("residual", -1.0)
        run_loop(assembly, threading.Event(), duration_s=DEBOUNCE_S + 4.0)
        assert list(assembly.alarms) == []
        assert [row["outcome"] for row in assembly.events.events()] == ["done"]


def test_a_bin_fills_as_things_fall_into_it(tmp_path: Path) -> None:
    config = sim_config(tmp_path, *fitted("paper", "glass", "packaging", "residual"), "simulation.items=4")
    with assemble(config, clock=ManualClock()) as assembly:
        run_loop(assembly, threading.Event(), duration_s=60.0)
        assert sum(assembly.sorter.flaps.levels.fill_levels.values()) == pytest.approx(4 * 0.02)
