"""Random worlds: reproducible, valid, and of every kind."""

import json
from pathlib import Path

from edge.simulation.random_worlds import random_world, replay_text
from edge.simulation.scenario_config import scenario_config
from tests.paths import ROOT

WORLDS = [random_world(seed) for seed in range(400)]


def test_a_number_is_a_world() -> None:
    assert random_world(17) == random_world(17)
    assert len({repr(world.scenario.faults) for world in WORLDS}) == len(WORLDS)


def test_every_world_fits_the_configuration(tmp_path: Path) -> None:
    for world in WORLDS[:60]:
        scenario_config(world.scenario, ROOT / "config.yaml", tmp_path, realtime=False, overrides=world.overrides)
        assert 10 <= (world.scenario.duration_s or 0.0) <= 30


def test_what_attacks_is_among_them() -> None:
    faults = [fault for world in WORLDS for fault in world.scenario.faults]
    kinds = {fault.kind for fault in faults}
    assert kinds >= {"hand", "body", "lag", "low_rate", "block", "black", "frozen", "stuck", "unplug", "error"}
    assert kinds >= {
        "lid",
        "stop_button",
        "service_button",
        "disk_full",
        "read_only",
        "sigterm",
        "power_dip",
        "pin_error",
    }
    flaps = " ".join(override for world in WORLDS for override in world.overrides)
    assert all(f'"kind": "{kind}"' in flaps for kind in ("servo", "relay", "carousel"))
    assert {json.dumps(world.scenario.config["camera"]["fps"]) for world in WORLDS} >= {"2.0", "5.0", "15.0"}  # type: ignore[index]
    several = [world for world in WORLDS if sum(one.kind in ("hand", "body") for one in world.scenario.faults) >= 3]
    assert several


def test_a_camera_that_hides_its_lag_comes_with_a_lid_and_nobody_reaches_through_a_closed_one() -> None:
    lidded = [world for world in WORLDS if any('"lid"' in override for override in world.overrides)]
    assert 0.2 < len(lidded) / len(WORLDS) < 0.5
    for world in WORLDS:
        lags = [fault for fault in world.scenario.faults if fault.kind == "lag" and fault.stamps == "now"]
        assert not lags or world in lidded
    for world in lidded:
        lids = [fault for fault in world.scenario.faults if fault.kind == "lid"]
        for one in (fault for fault in world.scenario.faults if fault.kind in ("hand", "body")):
            opened = [lid for lid in lids if (lid.at_s, lid.item, lid.when) == (one.at_s, one.item, one.when)]
            assert any(
                lid.after_s + 0.29 <= one.after_s and lid.after_s + (lid.for_s or 0) >= one.after_s + (one.for_s or 0)
                for lid in opened
            )


def test_a_world_is_told_line_by_line() -> None:
    lines = replay_text(WORLDS[3])
    assert lines[0].startswith("world-3: ")
    assert len(lines) == 2 + len(WORLDS[3].overrides) + len(WORLDS[3].scenario.faults)
