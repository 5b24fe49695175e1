"""Wiring that does not match the configuration: one line that names the key, and the right exit code.

78, and systemd does not try again: the configuration, or the computer's own, must be changed first. 69: it may come back.
"""

import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from gpiozero.pins.mock import MockFactory

from edge.cli import EX_CONFIG, EX_UNAVAILABLE, main
from tests.builders.configuration import config_tree, merged
from tests.builders.pictures import item_picture, save
from tests.doubles.buses import PCA9685, I2CBuses, PWMTree

SERVO = {"kind": "servo", "pin": 13, "home_deg": -45, "open_deg": 45}
PWM_SERVO = {"kind": "hardware_servo", "chip": 0, "channel": 0, "home_deg": -45, "open_deg": 45}
BOARD_SERVO = {"kind": "pca9685", "bus": 1, "address": 0x40, "channel": 0, "home_deg": -45, "open_deg": 45}
LASER = {"kind": "vl53l0x", "bus": 1, "address": 0x29, "empty_m": 0.6, "full_m": 0.1}

Prepare = Callable[[pytest.MonkeyPatch, Path], None]


def as_it_is(patch: pytest.MonkeyPatch, folder: Path) -> None:
    pass


def held_elsewhere(number: int) -> Prepare:
    """Another program holds the pin."""
    pin = MockFactory.pin

    def busy(factory: Any, name: int, **options: Any) -> Any:
        if name == number:
            raise RuntimeError("'GPIO busy'")
        return pin(factory, name, **options)

    return lambda patch, folder: patch.setattr(MockFactory, "pin", busy)


def no_chips(patch: pytest.MonkeyPatch, folder: Path) -> None:
    pytest.importorskip("lgpio")
    patch.setattr("hardware.pins.DEV", folder)


def no_lgpio(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setitem(sys.modules, "lgpio", None)


def no_pwm(patch: pytest.MonkeyPatch, folder: Path) -> None:
    PWMTree(folder, {}).plug_into(patch)


def an_i2c_bus(patch: pytest.MonkeyPatch, folder: Path) -> None:
    pytest.importorskip("smbus2")
    patch.setattr("smbus2.SMBus", I2CBuses(1))


def no_i2c_bus(patch: pytest.MonkeyPatch, folder: Path) -> None:
    pytest.importorskip("smbus2")
    patch.setattr("smbus2.SMBus", I2CBuses())


def an_i2c_bus_for_others(patch: pytest.MonkeyPatch, folder: Path) -> None:
    pytest.importorskip("smbus2")

    def refuse(number: int) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", f"/dev/i2c-{number}")

    patch.setattr("smbus2.SMBus", refuse)


def a_pca9685(patch: pytest.MonkeyPatch, folder: Path) -> None:
    pytest.importorskip("smbus2")
    pytest.importorskip("adafruit_vl53l0x")
    buses = I2CBuses(1)
    buses.devices[1, 0x40] = PCA9685()
    patch.setattr("smbus2.SMBus", buses)


def glass(flap: dict[str, Any], **others: Any) -> dict[str, Any]:
    """Replace the whole section of the bin for glass."""
    return {"glass": {"flap": flap, **others}}


@pytest.mark.parametrize(
    ("changes", "prepare", "code", "said"),
    [
        pytest.param(
            glass(SERVO | {"pin": 99}), as_it_is, EX_CONFIG, ["bins.glass.flap", "pin", "99", "27"], id="unknown pin"
        ),
        pytest.param(
            glass(SERVO | {"pin": 12}),
            as_it_is,
            EX_CONFIG,
            ["bins.glass.flap.pin", "bins.paper.flap.pin"],
            id="a pin twice",
        ),
        pytest.param(
            glass(SERVO | {"open_deg": 120}),
            as_it_is,
            EX_CONFIG,
            ["bins.glass.flap", "open_deg", "120"],
            id="servo limits",
        ),
        pytest.param(
            glass(SERVO | {"pin": 16}),
            held_elsewhere(16),
            EX_UNAVAILABLE,
            ["bins.glass.flap", "pin 16", "another program"],
            id="flap's pin held by another program",
        ),
        pytest.param(
            {"panel": {"lid": {"pin": 22}}, **glass(SERVO | {"pin": 24})},
            held_elsewhere(22),
            EX_UNAVAILABLE,
            ["panel.lid", "pin 22", "another program"],
            id="sensor's pin held by another program",
        ),
        pytest.param(
            {"panel": {"service_button": {"pin": 3, "active_high": True}}},
            as_it_is,
            EX_CONFIG,
            ["panel.service_button", "pin 3", "active_high"],
            id="a pull that the board forbids",
        ),
        pytest.param(
            {"flaps": {"pin_factory": "lgpio"}},
            no_chips,
            EX_UNAVAILABLE,
            ["flaps.pin_factory", "no GPIO", "group gpio"],
            id="no GPIO",
        ),
        pytest.param(
            {"flaps": {"pin_factory": "lgpio"}},
            no_lgpio,
            EX_CONFIG,
            ["flaps.pin_factory", "python3-lgpio"],
            id="no lgpio",
        ),
        pytest.param(
            glass(PWM_SERVO),
            no_pwm,
            EX_CONFIG,
            ["bins.glass.flap", "pwmchip0", "dtoverlay=pwm-2chan"],
            id="no PWM chip",
        ),
        pytest.param(
            glass(BOARD_SERVO), no_i2c_bus, EX_CONFIG, ["bins.glass.flap", "I2C bus 1", "i2c_arm=on"], id="no I2C bus"
        ),
        pytest.param(
            glass(BOARD_SERVO),
            an_i2c_bus_for_others,
            EX_UNAVAILABLE,
            ["bins.glass.flap", "/dev/i2c-1", "groups gpio and i2c"],
            id="no permission",
        ),
        pytest.param(
            glass(BOARD_SERVO),
            an_i2c_bus,
            EX_UNAVAILABLE,
            ["bins.glass.flap", "nothing answers at address 0x40"],
            id="no PCA9685",
        ),
        pytest.param(
            glass(BOARD_SERVO, level=LASER),
            a_pca9685,
            EX_UNAVAILABLE,
            ["bins.glass.level", "nothing answers at address 0x29"],
            id="no VL53L0X",
        ),
    ],
)
def test_one_line_names_the_key(
    changes: dict[str, Any],
    prepare: Prepare,
    code: int,
    said: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    photo = save(tmp_path / "photos" / "glass" / "one.png", item_picture(width=320, height=240))
    folder = {"path": str(photo.parent.parent), "hold_s": 0.9, "gap_s": 3.0}
    tree = merged(config_tree(), {**changes, "camera": {"kind": "folder", "folder": folder}})
    if flap := tree.pop("glass", None):
        tree["bins"]["glass"] = flap
    file = tmp_path / "sorter.yaml"
    file.write_text(yaml.safe_dump(tree), encoding="utf-8")
    prepare(monkeypatch, tmp_path)
    assert main(["run", "--config", str(file)]) == code
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("sorter: error: ")]
    for part in said:
        assert part in line
