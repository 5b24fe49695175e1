"""Which flaps do not move although the camera is real."""

from pathlib import Path

import pytest

from edge.config.file import load_config
from edge.service.simulated_parts import warning_of_still_flaps

BOARD = "bins.paper.flap={kind: pca9685, channel: 0, home_deg: -45, open_deg: 45}"


@pytest.mark.parametrize("kind", ["opencv", "picamera2"])
def test_a_real_camera_over_flaps_on_simulated_pins_is_warned_of(config_file: Path, kind: str) -> None:
    sentence = f"camera.kind is {kind}, but flaps.pin_factory is mock (simulated pins): NO FLAP MOVES; set it to lgpio"
    assert str(warning_of_still_flaps(load_config(config_file, [f"camera.kind={kind}"]))).startswith(sentence)


def test_flaps_that_move_without_pins_are_left_out_of_the_warning(config_file: Path) -> None:
    warning = warning_of_still_flaps(load_config(config_file, ["camera.kind=opencv", BOARD]))
    assert "THE FLAP OF glass, packaging, residual DOES NOT MOVE" in str(warning)


@pytest.mark.parametrize("overrides", [["camera.kind=sim"], ["camera.kind=opencv", "flaps.pin_factory=lgpio"]])
def test_a_bin_that_is_all_simulated_or_all_real_is_not_warned_of(config_file: Path, overrides: list[str]) -> None:
    assert warning_of_still_flaps(load_config(config_file, overrides)) is None
