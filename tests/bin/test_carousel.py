"""The whole bin with a carousel: one motor under four bins, in the simulated world, watched by the rules' checks."""

import threading
from pathlib import Path
from typing import Any

import pytest

from edge.service.assembly import assemble
from edge.service.loop import run_loop
from edge.simulation.result import ScenarioResult
from edge.simulation.scenario import Scenario
from edge.simulation.scenario_config import scenario_config
from edge.simulation.scenario_runner import run_scenario
from tests.bin.simulated import sim_config
from tests.paths import ROOT

POSITIONS_DEG = {"paper": 90, "glass": 180, "packaging": -90, "residual": -45}
CAROUSEL = (
    "drives={carousel: {kind: carousel, step_pin: 16, dir_pin: 25, enable_pin: 4, gate_pin: 9, "
    "gate_active_high: true, home_switch: {pin: 10}}}",
    *(
        f"bins.{name}={{flap: {{kind: carousel, drive: carousel, position_deg: {angle_deg}, travel_s: 3.2}}, dwell_s: 3.2}}"
        for name, angle_deg in POSITIONS_DEG.items()
    ),
)
FAULTS: list[dict[str, Any]] = [
    {"kind": "hand", "item": 1, "when": "opens", "for_s": 3},
    {"kind": "lid", "item": 2, "when": "opens", "after_s": 0.1, "for_s": 3},
    {"kind": "power_dip", "item": 3, "when": "closes", "after_s": 0.5, "for_s": 1},
    {"kind": "power_dip", "item": 4, "when": "rests", "for_s": 2},
    {"kind": "pin_error", "item": 5, "when": "rests", "bin": "glass", "for_s": 3},
    {"kind": "sigterm", "item": 6, "when": "opens", "after_s": 0.3},
]
"""One for each item: while the chute turns, while the gate is open, on the way home, and in the middle of a stop."""


def play(folder: Path, **scenario: Any) -> ScenarioResult:
    """A scenario with a carousel, and what the checks of the rules found."""
    tree = {
        "name": "carousel",
        "shows": "A carousel under the four bins.",
        "seed": 3,
        "config": {"camera": {"width": 320, "height": 240}, "panel": {"lid": {"pin": 22}}},
        "lost_after_s": 60,
    }
    made = Scenario.model_validate(tree | scenario)
    config = scenario_config(made, ROOT / "config.yaml", folder, realtime=False, overrides=CAROUSEL)
    return run_scenario(made, config)


def test_every_item_is_handled_once_and_no_rule_is_broken(tmp_path: Path) -> None:
    result = play(tmp_path, items={"count": 10})
    score = result.score
    assert (result.violations, result.lost, result.reported) == ((), (), ())
    assert score.handled_once == score.items == len(result.events) == 10
    assert score.missed == score.double == score.empty_openings == 0
    assert not score.two_moving
    assert score.right >= 0.5 * score.items, score.table
    assert [event["bin"] for event in result.events] == [fall.bin for fall in score.falls]
    assert len({fall.bin for fall in score.falls}) >= 3, "it has been about"


def test_no_rule_is_broken_by_what_goes_wrong(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    labels = ("glass", "paper", "metal", "trash", "glass", "paper")
    result = play(tmp_path, items=[{"label": label, "gap_s": 2} for label in labels], faults=FAULTS)
    assert (result.violations, result.lost) == ((), ())
    assert result.score.handled_once == 6
    assert "steps were lost" in caplog.text


def test_a_chute_left_anywhere_is_brought_home_after_an_unclean_stop(tmp_path: Path) -> None:
    config = sim_config(tmp_path, "simulation.items=1", "simulation.start_open=[glass]", *CAROUSEL)
    with assemble(config) as assembly:
        run_loop(assembly, threading.Event(), duration_s=60)
        world = assembly.simulation
        assert world is not None
        assert all(flap.is_home and not flap.is_driven for flap in world.flaps.values())
        assert world.score().handled_once == 1
