"""The wiring picture: what its script draws, with the pins of config.yaml."""

import re
import runpy
from typing import Any

import yaml

from tests.paths import ROOT


def wiring() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "wiring.py"))


def test_the_picture_is_what_the_script_draws() -> None:
    assert (ROOT / "docs" / "wiring.svg").read_text() == wiring()["draw"]()


def test_every_flap_of_the_default_configuration_is_wired_to_its_pin() -> None:
    drawn = wiring()
    wired = {part.title: drawn["HEADER"][part.wires[0][0] - 1] for part in (*drawn["LEFT"], *drawn["RIGHT"])}
    for name, settings in yaml.safe_load((ROOT / "config.yaml").read_text())["bins"].items():
        (gpio,) = (carries for title, carries in wired.items() if f"'{name}'" in title)
        assert gpio == str(settings["flap"]["pin"])


def test_what_config_yaml_gives_as_examples_is_wired_so() -> None:
    drawn = wiring()
    wired = {name: drawn["HEADER"][pin - 1] for part in (*drawn["LEFT"], *drawn["RIGHT"]) for pin, name in part.wires}
    text = (ROOT / "config.yaml").read_text()
    for key in ("end_switch", "lid", "service_button", "stop_button"):
        (example,) = re.findall(rf"^ *{key}: null .*{{pin: (\d+)", text, flags=re.MULTILINE)
        assert wired[key] == example
    for name in ("ready", "sorting", "attention", "fault", "trigger", "echo"):
        assert re.findall(rf"{name}(?:_pin)?: (\d+)", text)[0] == wired[name]


def test_no_pin_is_wired_twice_and_no_signal_to_a_supply() -> None:
    drawn = wiring()
    pins = [pin for part in (*drawn["LEFT"], *drawn["RIGHT"]) for pin, _ in part.wires]
    assert len(pins) == len(set(pins))
    assert len(drawn["HEADER"]) == 40
    for part in (*drawn["LEFT"], *drawn["RIGHT"]):
        for pin, name in part.wires:
            assert (name in ("VIN", "GND")) == (not drawn["HEADER"][pin - 1].isdigit())
