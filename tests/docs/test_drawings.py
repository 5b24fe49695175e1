"""The pictures for builders: what their scripts draw, legible on a telephone, with the pins of config.yaml."""

import re
from itertools import combinations

import pytest
import yaml

from docs.drawings.gallery import PICTURES
from docs.drawings.header import PARTS, SERVOS
from edge.wiring.header import HEADER, HeaderWire, WiredPart
from tests.paths import ROOT

FOLDER = ROOT / "docs" / "drawings"
CONFIG_TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")
PAGES = "".join(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md")))

NARROW_PX, LEAST_PX = 390, 9.5
"""Width of a telephone, and the smallest letters that are read there."""

SUPPLIES = ("VIN", "VCC", "JD-VCC", "GND", "minus")
SHOWN_IN = {
    "servo of paper": "servos",
    "servo of glass": "servos",
    "servo of packaging": "servos",
    "servo supply": "servos",
    "relay": "relay",
    "lid contact": "panel",
    "stop button": "panel",
    "service button": "panel",
    "end switch": "panel",
    "HC-SR04": "level",
    "VL53L0X": "level",
    "light": "status-light",
}


@pytest.mark.parametrize("name", list(PICTURES))
def test_a_picture_is_what_its_script_draws(name: str) -> None:
    found = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert found == PICTURES[name]().svg(), "write them again: python -m docs.drawings"


def test_each_picture_is_shown_on_a_page_and_none_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(PICTURES)
    for name in PICTURES:
        assert f"](drawings/{name}.svg)" in PAGES


@pytest.mark.parametrize("name", list(PICTURES))
def test_no_word_lies_on_another_or_on_a_wire_and_all_are_legible(name: str) -> None:
    sheet = PICTURES[name]()
    assert len(sheet.words) > 5
    assert [(a.text, b.text) for a, b in combinations(sheet.words, 2) if a.overlaps(b)] == []
    assert [word.text for word in sheet.words for wire in sheet.wires if word.is_crossed(*wire)] == []
    for word in sheet.words:
        assert word.left >= 0, word
        assert word.right <= sheet.width, word
        assert word.bottom <= sheet.height, word
        assert word.size * NARROW_PX / sheet.width >= LEAST_PX, word


def test_every_flap_of_the_default_configuration_is_wired_to_its_pin() -> None:
    wired = {name: part.wire("signal").carries for name, part in SERVOS.items()}
    wired["residual"] = next(part for part in PARTS if part.name == "relay").wire("IN").carries
    flaps = {name: settings["flap"] for name, settings in yaml.safe_load(CONFIG_TEXT)["bins"].items()}
    assert wired == {name: str(flap["pin"]) for name, flap in flaps.items()}


def test_what_config_yaml_gives_as_examples_is_wired_so() -> None:
    wired = {wire.terminal: wire.carries for part in PARTS for wire in part.wires}
    for key in ("end_switch", "lid", "service_button", "stop_button"):
        (example,) = re.findall(rf"^ *{key}: null .*{{pin: (\d+)", CONFIG_TEXT, flags=re.MULTILINE)
        assert wired[key] == example
    for name in ("ready", "sorting", "attention", "fault", "trigger", "echo"):
        assert re.findall(rf"{name}(?:_pin)?: (\d+)", CONFIG_TEXT)[0] == wired[name]


def test_only_grounds_share_a_pin_and_no_signal_leads_to_a_supply() -> None:
    assert len(HEADER) == 40
    pins = [wire.pin for part in PARTS for wire in part.wires if wire.carries != "GND"]
    assert len(pins) == len(set(pins))
    for part in PARTS:
        for wire in part.wires:
            assert wire.is_signal == (wire.terminal not in SUPPLIES), (part.name, wire)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_wire_of_the_header_is_in_the_picture_of_its_part(part: WiredPart) -> None:
    words = [word.text for word in PICTURES[SHOWN_IN[part.name]]().words]
    for wire in part.wires:
        assert str(wire.pin) in words
        assert wire.label in words


def test_what_takes_5_v_from_the_pi_and_gives_a_signal_has_a_divider_or_no_signal_of_5_v() -> None:
    feeds_5_v = [part.name for part in PARTS if any(wire.carries == "5V" for wire in part.wires)]
    assert sorted(feeds_5_v) == ["HC-SR04", "relay"]
    assert {"330 Ω", "470 Ω"} <= {word.text for word in PICTURES["level"]().words}
    assert next(part for part in PARTS if part.name == "relay").wire("VCC").carries == "3V3"


def test_wires_are_drawn_in_the_colour_of_their_supply() -> None:
    assert len({HeaderWire("any", pin).drawn for pin in (1, 2, 6)}) == 3
    assert HeaderWire("any", 3, "#123456").drawn == "#123456"


def test_the_second_bus_of_the_page_lies_on_pins_that_nothing_else_has() -> None:
    (pins,) = re.findall(r"i2c-gpio,bus=3,i2c_gpio_sda=(\d+),i2c_gpio_scl=(\d+)", PAGES)
    used = {wire.carries for part in PARTS for wire in part.wires} | set(
        re.findall(r"\w*pin: (\d+)", CONFIG_TEXT + PAGES)
    )
    assert set(pins) <= set(HEADER) - used
