"""Scenarios: what their files may say, what becomes of it, and what is said of a mistake."""

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge.config.file import load_config
from edge.errors import ConfigError, InputMissingError
from edge.simulation.faults import KINDS
from edge.simulation.items import RandomItems, draw_items
from edge.simulation.random_faults import DRAWS, random_fault_scenario
from edge.simulation.scenario import Scenario
from edge.simulation.scenario_config import scenario_config
from edge.simulation.scenario_file import load_scenario
from hardware.world.fault import KINDS as WORLD_KINDS
from hardware.world.fault import PlannedFault
from tests.builders.configuration import merged
from tests.paths import ROOT

SHIPPED = sorted((ROOT / "tests" / "scenarios").glob("*.yaml"))


def tree(**changes: Any) -> dict[str, Any]:
    return merged({"name": "one", "shows": "One item.", "items": [{"label": "glass"}]}, changes)


def write(path: Path, values: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "red"}, "colour: unknown key; expected one of name, shows, seed"),
        ({"duration": 3}, r"duration: unknown key; did you mean duration_s\?"),
        ({"count": 3}, "count: unknown key; expected one of name"),
        ({"name": "two\nlines"}, r"name: got .*expected one line of printable text"),
        ({"name": "a" * 101}, "name: got "),
        ({"items": {"count": -1}}, "items.count: got -1; expected a whole number from 0 to 100000"),
        (
            {"items": {"cuont": 3}},
            r"items.count: missing; expected .*\n.*items.cuont: unknown key; did you mean count\?",
        ),
        ({"items": {"count": 3, "size": [0.9, 0.2]}}, r"items: size: expected \[least, most\]"),
        ({"items": {"count": 3, "hours": {25: 1}}}, "items.hours.25.*25"),
        ({"items": [{"label": "glass"}, {"x": 7}]}, "items.1.x: got 7; expected a number from -1 to 2"),
        ({"items": [{"size": 7}]}, "items.0.size: got 7; expected a number from 0.02 to 1.5"),
        ({"items": [{"lable": "glass"}]}, r"items.0.lable: unknown key; did you mean label\?"),
        ({"light": {"steps": [{"at_s": 3}]}}, "light.steps.0.factor: missing; expected a number above 0 to 100"),
        (
            {"faults": [{"kind": "flood", "at_s": 1}]},
            "faults.0.kind: got 'flood'; expected one of block, error, unplug, black",
        ),
        ({"faults": [{"kind": "hnad", "at_s": 1}]}, r"faults.0.kind: got 'hnad'; .* did you mean hand\?"),
        ({"faults": [{"at_s": 1}]}, "faults.0.kind: missing; expected one of block"),
        ({"faults": [{"kind": "black"}]}, "faults.0: expected either at_s or item"),
        (
            {"faults": [{"kind": "black", "at_s": 1}, {"kind": "hand", "at_s": 1, "reach": 4}]},
            "faults.1.reach: got 4; expected a number above 0 to 1",
        ),
        ({"faults": [{"kind": "slow", "at_s": 1, "factr": 4}]}, r"faults.0.factr: unknown key; did you mean factor\?"),
        ({"faults": [{"kind": "black", "item": 2, "when": "sleeps"}]}, "faults.0.when: got 'sleeps'"),
    ],
)
def test_a_mistake_is_told_by_file_line_key_and_value(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = write(tmp_path / "bad.yaml", tree(**changes))
    with pytest.raises(ConfigError) as caught:
        load_scenario(path)
    assert re.search(rf"scenario \S*bad\.yaml:\d+: {message}", "\n".join(caught.value.problems))


def test_the_line_is_that_of_the_value_and_every_problem_has_its_own(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("items:\n  - label: glass\n  - {x: 7}\nfaults:\n  - kind: hand\n    at_s: -1\n    reech: 1\n")
    with pytest.raises(ConfigError) as caught:
        load_scenario(path)
    places = [problem.split(": ")[0].rpartition(":")[2] for problem in caught.value.problems]
    assert places == ["3", "6", "7"]
    assert "did you mean reach?" in caught.value.problems[-1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nname: b", "duplicate key 'name'"),
        ("[1, 2", "not valid YAML"),
        ("- 1", "expected items: .*--new FILE"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_scenario(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match=r"none\.yaml: no such file; there are some in tests/scenarios"):
        load_scenario(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("name", "file_name"),
    [("A bad day!", "A-bad-day"), ("../../etc", "etc"), ("Müll", "Müll"), ("...", "scenario"), ("x" * 100, "x" * 40)],
)
def test_a_scenario_is_called_as_its_author_likes(tmp_path: Path, name: str, file_name: str) -> None:
    scenario = load_scenario(write(tmp_path / "one.yaml", tree(name=name)))
    assert (scenario.name, scenario.file_name) == (name, file_name)


def test_a_scenario_without_a_name_has_that_of_its_file(tmp_path: Path) -> None:
    path = write(tmp_path / "Tuesday, 8 o'clock.yaml", {"items": [{"label": "glass"}]})
    assert load_scenario(path).name == "Tuesday, 8 o'clock"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_scenario_fits_the_schema_the_configuration_and_the_world(path: Path, tmp_path: Path) -> None:
    scenario = load_scenario(path)
    assert scenario.name == path.stem
    config = scenario_config(scenario, ROOT / "config.yaml", tmp_path, realtime=False, overrides=[])
    assert config.simulation.speed == 0
    assert scenario.arrivals()
    assert [PlannedFault.of(fault.model_dump()).kind for fault in scenario.faults] == [
        fault.kind for fault in scenario.faults
    ]
    assert {fault.options.get("bin") for fault in map(PlannedFault.of, map(dict, scenario.faults))} <= {
        None,
        *config.bins,
    }
    assert scenario.flaps.keys() <= config.bins.keys()


def test_every_kind_of_fault_has_a_scenario() -> None:
    shown = {fault.kind for path in SHIPPED for fault in load_scenario(path).faults}
    assert shown == KINDS == WORLD_KINDS


def test_the_configuration_of_a_scenario_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    scenario = Scenario.model_validate(
        tree(config={"camera": {"fps": 20, "width": 320}, "tray": {"region": [0, 0, 1, 0.9]}}, light={"noise": 1.5})
    )
    config = scenario_config(scenario, ROOT / "config.yaml", tmp_path, realtime=True, overrides=["camera.fps=25"])
    assert (config.camera.fps, config.camera.width, config.tray.region) == (25, 320, (0, 0, 1, 0.9))
    assert config.camera.height == load_config(ROOT / "config.yaml").camera.height
    assert (config.simulation.speed, config.simulation.noise) == (1, 1.5)
    assert config.event_log.file == tmp_path / "events.sqlite"


def test_a_configuration_that_does_not_fit_names_the_scenario(tmp_path: Path) -> None:
    scenario = Scenario.model_validate(tree(config={"camera": {"fps": 0}}))
    with pytest.raises(
        ConfigError, match=r"^scenario one: config\.camera\.fps: got 0; expected a number from 1 to 120$"
    ):
        scenario_config(scenario, ROOT / "config.yaml", tmp_path, realtime=False, overrides=[])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("camera: {fps: 0}", "config.camera.fps: got 0; expected a number from 1 to 120"),
        ("camera: {fsp: 3}", "config.camera.fsp: unknown key; did you mean fps?"),
        ("camra: {fps: 3}", "config.camra: unknown key; did you mean camera?"),
    ],
)
def test_a_configuration_that_does_not_fit_is_told_by_the_scenarios_line(
    tmp_path: Path, line: str, message: str
) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(f"items: {{count: 1}}\nconfig:\n  {line}\n")
    with pytest.raises(ConfigError) as caught:
        scenario_config(load_scenario(path), ROOT / "config.yaml", tmp_path, realtime=False, overrides=[])
    assert caught.value.problems == (f"scenario {path}:3: {message}",)


def test_folders_are_taken_from_where_the_file_is(tmp_path: Path) -> None:
    scenario = load_scenario(write(tmp_path / "one.yaml", tree(folder="photos")))
    assert scenario.folder == tmp_path.resolve() / "photos"


def test_a_start_without_a_zone_is_utc() -> None:
    moment = datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp()
    for start in ("2026-03-02T08:00:00", "2026-03-02T09:00:00+01:00"):
        assert Scenario.model_validate(tree(start=start)).wall_s == moment


# --- random items -----------------------------------------------------------------------------------------------------


def test_items_come_in_their_hours() -> None:
    start = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    items = RandomItems(count=600, hours={7: 1, 8: 2, 12: 3})
    arrivals = draw_items(items, start, seed=1)
    times = [arrival.at_s for arrival in arrivals]
    assert times == sorted(times)
    hours = Counter((start.hour + (start.minute * 60 + time) / 3600) // 1 for time in times)
    assert set(hours) == {7, 8, 12, 31}, "the half of the first hour that is over comes the next day"
    assert hours[8] / hours[12] == pytest.approx(2 / 3, rel=0.2)
    assert (hours[7] + hours[31]) / hours[8] == pytest.approx(1 / 2, rel=0.3)
    assert max(times) < 86_400


def test_random_items_keep_their_bounds_and_follow_the_seed() -> None:
    items = RandomItems(count=60, size=(0.3, 0.4), settle_s=(0.2, 0.9), bounces=3, roll=0.1, labels=("glass", "metal"))
    start = datetime(2026, 3, 2, tzinfo=UTC)
    arrivals = draw_items(items, start, seed=4)
    assert all(0.3 <= one.size <= 0.4 and 0.2 <= one.settle_s <= 0.9 and one.roll <= 0.1 for one in arrivals)
    assert {one.label for one in arrivals} == {"glass", "metal"}
    assert {one.bounces for one in arrivals} == {0, 1, 2, 3}
    assert draw_items(items, start, seed=4) == arrivals
    assert draw_items(items, start, seed=5) != arrivals


# --- random faults ----------------------------------------------------------------------------------------------------


def test_random_faults_have_their_number_and_stay_within_the_time() -> None:
    scenario = random_fault_scenario(3, items=100, faults=80, gap_s=10)
    assert len(scenario.faults) == 80
    assert len(scenario.arrivals()) == 100
    times = [fault.at_s for fault in scenario.faults]
    assert all(time is not None and 0 < time < 100 * 15 for time in times)
    assert len({fault.kind for fault in scenario.faults}) > 20
    assert random_fault_scenario(3, items=100, faults=80, gap_s=10) == scenario
    assert random_fault_scenario(4, items=100, faults=80, gap_s=10).faults != scenario.faults


def test_random_faults_know_every_kind_and_keep_to_those_that_are_named() -> None:
    assert DRAWS.keys() == KINDS
    scenario = random_fault_scenario(1, items=10, faults=30, kinds=frozenset({"hand", "block"}))
    assert {fault.kind for fault in scenario.faults} == {"hand", "block"}
    with pytest.raises(ValueError, match="flood"):
        random_fault_scenario(1, kinds=frozenset({"flood"}))
