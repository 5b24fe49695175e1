"""The whole bin with a trapdoor above a chute with plates, in the simulated world, watched by the rules' checks."""

import threading
from pathlib import Path
from typing import Any

import pytest

from edge.config.file import load_config
from edge.errors import ConfigError
from edge.service.assembly import assemble
from edge.service.loop import run_loop
from edge.simulation.result import ScenarioResult
from edge.simulation.scenario import Scenario
from edge.simulation.scenario_config import scenario_config
from edge.simulation.scenario_runner import run_scenario
from tests.bin.simulated import sim_config
from tests.paths import ROOT

PLATES = {"paper": 12, "glass": 13, "packaging": 18}
SERVO = "kind: servo, home_deg: 0, open_deg: 80"
DRIVES = f"drives={{tray: {{kind: trapdoor, door: {{{SERVO}, pin: 16}}}}}}"
TRAPDOOR = (
    DRIVES,
    *(
        f"bins.{name}={{flap: {{kind: trapdoor, drive: tray, plate: {{{SERVO}, pin: {pin}}}, force_n: 4}}, dwell_s: 1.6}}"
        for name, pin in PLATES.items()
    ),
    "bins.residual={flap: null, dwell_s: 1.6}",
)
END_SWITCHES = tuple(
    f"bins.{name}.flap.end_switch={{pin: {pin}}}" for name, pin in {"paper": 24, "glass": 25, "packaging": 26}.items()
)
"""A plate that does not come home, which no camera sees, would catch the items of other bins."""

FAULTS: list[dict[str, Any]] = [
    {"kind": "hand", "item": 1, "when": "rests", "after_s": 1.0, "for_s": 3},
    {"kind": "lid", "item": 2, "when": "opens", "after_s": 0.1, "for_s": 3},
    {"kind": "power_dip", "item": 3, "when": "closes", "after_s": 0.2, "for_s": 1},
    {"kind": "lid", "item": 4, "when": "closes", "after_s": 0.5, "for_s": 3},
    {"kind": "pin_error", "item": 5, "when": "rests", "bin": "glass", "for_s": 3},
    {"kind": "sigterm", "item": 6, "when": "opens", "after_s": 0.3},
]
"""One for each item: before the plate goes out, while the door opens, as it closes, while the plate goes home, and in a stop."""


def play(folder: Path, **scenario: Any) -> ScenarioResult:
    """A scenario with a trapdoor, and what the checks of the rules found."""
    tree = {
        "name": "trapdoor",
        "shows": "A trapdoor above three plates.",
        "seed": 3,
        "config": {"camera": {"width": 320, "height": 240}, "panel": {"lid": {"pin": 22}}},
        "lost_after_s": 60,
    }
    made = Scenario.model_validate(tree | scenario)
    config = scenario_config(made, ROOT / "config.yaml", folder, realtime=False, overrides=[*TRAPDOOR, *END_SWITCHES])
    return run_scenario(made, config)


def test_every_item_falls_into_its_bin_and_without_a_plate_into_the_last(tmp_path: Path) -> None:
    result = play(tmp_path, items={"count": 10})
    score = result.score
    assert (result.violations, result.lost, result.reported) == ((), (), ())
    assert score.handled_once == score.items == len(result.events) == 10
    assert score.missed == score.double == score.empty_openings == 0
    assert not score.two_moving
    assert [event["bin"] for event in result.events] == [fall.bin for fall in score.falls]
    assert {fall.bin for fall in score.falls} > {"residual"}, "with and without a plate"


def test_no_rule_is_broken_by_what_goes_wrong(tmp_path: Path) -> None:
    labels = ("glass", "paper", "metal", "trash", "glass", "paper")
    result = play(tmp_path, items=[{"label": label, "gap_s": 2} for label in labels], faults=FAULTS)
    assert (result.violations, result.lost) == ((), ())
    assert result.score.handled_once == 6
    assert [event["bin"] for event in result.events] == [fall.bin for fall in result.score.falls]


def test_what_was_left_open_is_brought_home_after_an_unclean_stop(tmp_path: Path) -> None:
    config = sim_config(tmp_path, "simulation.items=1", "simulation.start_open=[glass]", *TRAPDOOR, *END_SWITCHES)
    with assemble(config) as assembly:
        run_loop(assembly, threading.Event(), duration_s=60)
        world = assembly.simulation
        assert world is not None
        assert all(flap.is_home and not flap.is_driven for flap in world.flaps.values())
        assert world.score().handled_once == 1


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["bins.residual={flap: null}"], r"bins\.residual\.flap: null, .* one section of kind trapdoor .* there are 0"),
        (
            [*TRAPDOOR, "bins.glass.flap=null"],
            r"bins\.residual\.flap\.plate: the end of the chute .* taken by bins\.glass",
        ),
        (
            [*TRAPDOOR, "bins.glass.flap.travel_s=0.85"],
            r"bins\.glass\.flap\.travel_s: got 0\.85; expected at least 0\.90: the plate's .* drives\.tray\.door",
        ),
        (
            [*TRAPDOOR, f"bins.glass.flap.plate={{{SERVO}, pin: 13, force_n: 4}}"],
            r"plate\.force_n: unknown key; expected it in the bin's section flap",
        ),
        (
            [*TRAPDOOR, f"drives.tray.door={{{SERVO}, pin: 12}}"],
            r"drives\.tray\.door\.pin: GPIO 12 is taken by bins\.paper",
        ),
    ],
)
def test_what_does_not_fit_is_refused(overrides: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(ROOT / "config.yaml", overrides)
