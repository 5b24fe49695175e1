"""Calibrating a carousel: its bins are found step by step, under current all the way."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.doubles.scripted_dialogue import Asked, ScriptedDialogue
from tests.edge.calibrate.test_calibrate import CalibrationRig, jog
from tests.hardware.drives.test_carousel import MOTOR


@pytest.fixture
def rig(tmp_path: Path) -> CalibrationRig:
    rig = CalibrationRig(tmp_path)
    tree: dict[str, Any] = yaml.safe_load(rig.text)
    tree["drives"] = {"carousel": MOTOR}
    for name, angle_deg in (("paper", 40), ("glass", 120)):
        flap = {"kind": "carousel", "drive": "carousel", "position_deg": angle_deg, "travel_s": 3.5}
        tree["bins"][name] = {"flap": flap, "dwell_s": 3.5}
    rig.path.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
    return rig


def test_a_bin_s_position_is_found_by_jogging(rig: CalibrationRig) -> None:
    def seen() -> str:
        chute = rig.bin.flaps["paper"]._chute
        assert chute.angle_deg == pytest.approx(44, abs=3)
        assert not chute.gate.is_driven
        return "o"

    dialogue = ScriptedDialogue(
        *jog("+15", "+15", "+15", "-1"),
        Asked("degrees", seen),
        *[Asked("degrees", command) for command in ("t", "gh", "t", "h", "gh", "q")],
        Asked("Write this"),
        *[Asked("Hands off", "s") for _ in range(3)],
    )
    assert rig.run(dialogue, "flaps") == {}
    assert dialogue.is_done
    flap: Any = rig.config().bins["paper"].flap
    assert flap.position_deg == 44
    said = "\n".join(dialogue.shown)
    assert "the chute of carousel at 40 degrees. Its first move looks for the home switch" in said
    assert "it must go home first" in said, "its driver was made again, and the current was off"
    world = rig.bins[0].flaps["paper"]
    assert world.is_home
    assert not world.is_driven
