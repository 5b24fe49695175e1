"""Calibrating a trapdoor: its door and each plate step by step, then each bin as a whole."""

from pathlib import Path
from typing import Any

import pytest

from edge.config.default import EXAMPLES
from tests.doubles.scripted_dialogue import Asked, ScriptedDialogue, Watched
from tests.edge.calibrate.test_calibrate import CalibrationRig, jog

PARTS = ("door of tray", "plate of paper", "paper", "plate of containers", "containers", "residual")


@pytest.fixture
def rig(tmp_path: Path) -> CalibrationRig:
    rig = CalibrationRig(tmp_path)
    text = EXAMPLES["trapdoor"].read_text(encoding="utf-8")
    for real, simulated in (("kind: opencv", "kind: sim"), ("pin_factory: lgpio", "pin_factory: mock")):
        text = text.replace(real, simulated)
    rig.path.write_text(text, encoding="utf-8")
    return rig


def skipped(count: int) -> list[Asked]:
    return [Asked("Hands off", "s")] * count


def test_a_door_and_a_plate_are_set_step_by_step_in_the_order_of_mechanics(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(
        *jog("+10", "f", "-", "-", "-5", "h", "go", "gh", "q"),
        Asked("Write this"),
        *jog("+15", "+15", "+15", "o", "t", "q"),
        Asked("Write this"),
        *skipped(4),
    )
    assert rig.run(dialogue, "flaps") == {}
    assert dialogue.is_done
    config: Any = rig.config()
    assert config.drives["tray"].door.home_deg == -82
    assert config.drives["tray"].door.open_deg == 85
    assert config.bins["paper"].flap.plate.open_deg == 45
    assert [line for line in dialogue.shown if line.startswith("== flaps")] == [f"== flaps: {part}" for part in PARTS]
    assert sum("with its horn off the axle" in line for line in dialogue.shown) == 3


def test_a_slower_door_makes_the_way_of_every_bin_longer(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(
        Asked("Hands off"),
        Asked("degrees", "m"),
        Asked("key, or by the camera", "k"),
        Asked("Enter opens it"),
        Watched(1, lambda _: rig.clock.advance(1.0)),
        Watched(1, lambda _: rig.clock.advance(0.9)),
        Asked("degrees", "q"),
        Asked("Write this"),
        *skipped(5),
    )
    assert rig.run(dialogue, "flaps") == {}
    config: Any = rig.config()
    door_s = config.drives["tray"].door.travel_s
    assert door_s == pytest.approx(1.25, abs=0.051)
    assert config.bins["paper"].flap.travel_s == pytest.approx(door_s + 0.4 + 0.1)
    assert config.bins["residual"].flap.travel_s == pytest.approx(door_s + 0.1)


def test_a_bin_below_a_trapdoor_is_tried_as_a_whole(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(
        *skipped(2), Asked("Hands off"), Asked("home, let go", "t"), Asked("home, let go"), *skipped(3)
    )
    assert rig.run(dialogue, "flaps") == {}
    assert dialogue.is_done
    assert "  t        test: open, dwell, home, as for an item" in dialogue.shown
