"""Days on which the tray looks different from hour to hour: items are handled all the same, and flaps hardly open for nothing."""

import tempfile
from pathlib import Path

import pytest

from edge.simulation.items import RandomItems
from edge.simulation.result import ScenarioResult
from edge.simulation.scenario import Scenario
from edge.simulation.scenario_config import scenario_config
from edge.simulation.scenario_file import load_scenario
from edge.simulation.scenario_runner import run_scenario
from tests.paths import ROOT

TRAYS = ("tray-wet", "tray-sunny", "tray-shadowy", "tray-crumbly")

DAY_ITEMS = 200

LEAST_HANDLED, MOST_EMPTY = 0.98, 0.05
"""Items handled once, as a share; openings with nothing on the tray, per item, over a day."""

MOST_EMPTY_AT_FIRST = 2
"""Openings with nothing on the tray in the first minutes: two for the first crumb that is seen."""


def play(scenario: Scenario) -> ScenarioResult:
    with tempfile.TemporaryDirectory() as state:
        config = scenario_config(scenario, ROOT / "config.yaml", Path(state), realtime=False, overrides=[])
        return run_scenario(scenario, config)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAYS)
def test_every_item_is_handled_once_in_the_first_minutes(name: str) -> None:
    result = play(load_scenario(ROOT / "tests" / "scenarios" / f"{name}.yaml"))
    assert result.violations == ()
    assert result.score.handled_once == result.score.items == 20
    assert result.score.empty_openings <= MOST_EMPTY_AT_FIRST


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAYS)
def test_nearly_every_item_is_handled_once_over_a_day(name: str) -> None:
    scenario = load_scenario(ROOT / "tests" / "scenarios" / f"{name}.yaml")
    assert isinstance(scenario.items, RandomItems)
    items = scenario.items.model_copy(update={"count": DAY_ITEMS})
    result = play(scenario.model_copy(update={"items": items}))
    assert result.violations == ()
    assert result.score.handled_once >= LEAST_HANDLED * DAY_ITEMS
    assert result.score.empty_openings <= MOST_EMPTY * DAY_ITEMS
