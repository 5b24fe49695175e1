"""The wiring of one's own configuration: every pin that it names is drawn, once, and nothing lies on anything else."""

from itertools import combinations
from pathlib import Path

import pytest
import yaml

from docs.drawings.header import PARTS
from edge.cli import main
from edge.config.default import EXAMPLES, PACKAGED_CONFIG
from edge.config.file import load_config
from edge.config.schema import Config
from edge.config.wiring import all_claims
from edge.wiring.header import HEADER
from edge.wiring.wired_parts import notes_on, parts_of
from edge.wiring.wiring_picture import wiring_picture, wiring_table
from hardware.section import GpioClaim

PANEL = (
    "panel={lid: {pin: 22}, stop_button: {pin: 17}, service_button: {pin: 27, active_high: true}, "
    "light: {kind: leds, ready: 5, sorting: 6, attention: 26, fault: 19}}"
)
DEFAULT_WITH_ALL = (
    "panel={lid: {pin: 22}, stop_button: {pin: 17}, service_button: {pin: 27}, "
    "light: {kind: leds, ready: 5, sorting: 6, attention: 26, fault: 19}}",
    "camera.kind=opencv",
    "bins.paper.flap.end_switch={pin: 24}",
    "bins.paper.level={kind: ultrasonic, trigger_pin: 20, echo_pin: 21, empty_m: 0.6, full_m: 0.1}",
    "bins.glass.level={kind: vl53l0x, empty_m: 0.6, full_m: 0.1}",
)


def signals(config: Config) -> list[str]:
    return sorted(wire.carries for part in parts_of(config) for wire in part.wires if wire.is_signal)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_pin_that_a_configuration_names_is_drawn_once(name: str) -> None:
    config = load_config(EXAMPLES[name], [PANEL])
    named = {str(claim.pin) for _, claim in all_claims(config.wired_parts()) if isinstance(claim, GpioClaim)}
    assert signals(config) == sorted(named)


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_word_lies_on_another_or_on_a_wire(name: str) -> None:
    sheet = wiring_picture(load_config(EXAMPLES[name], [PANEL]), "Wiring of a-configuration-with-a-long-name.yaml")
    assert [(a.text, b.text) for a, b in combinations(sheet.words, 2) if a.overlaps(b)] == []
    assert [word.text for word in sheet.words for wire in sheet.wires if word.is_crossed(*wire)] == []
    assert all(word.left >= 0 and word.right <= sheet.width and word.bottom <= sheet.height for word in sheet.words)


def test_a_bins_name_of_any_length_fits(tmp_path: Path) -> None:
    tree = yaml.safe_load(EXAMPLES["two-bins"].read_text(encoding="utf-8"))
    tree["bins"]["what nobody wants <& nobody has ever wanted>"] = tree["bins"].pop("residual")
    tree["decision"]["labels"]["trash"] = tree["decision"]["residual_bin"] = (
        "what nobody wants <& nobody has ever wanted>"
    )
    path = tmp_path / "c.yaml"
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
    sheet = wiring_picture(load_config(path), "Wiring")
    assert all(word.left >= 0 and word.right <= sheet.width for word in sheet.words)
    assert "&lt;&amp;" in sheet.svg()


def test_the_default_configuration_is_wired_as_the_documents_draw_it() -> None:
    config = load_config(PACKAGED_CONFIG, DEFAULT_WITH_ALL)
    drawn = sorted(wire.carries for part in PARTS for wire in part.wires if wire.is_signal)
    assert signals(config) == drawn
    supplies = {
        part.name.split(" of ")[0]: {wire.terminal: wire.carries for wire in part.wires if not wire.is_signal}
        for part in parts_of(config)
    }
    in_documents = {
        "relays": "relay",
        "light": "light",
        "HC-SR04": "HC-SR04",
        "VL53L0X": "VL53L0X",
        "servo supply": "servo supply",
    }
    for name, document in in_documents.items():
        (part,) = (part for part in PARTS if part.name == document)
        assert supplies[name] == {wire.terminal: wire.carries for wire in part.wires if not wire.is_signal}


def test_a_wire_has_the_colour_that_the_documents_draw_it_in() -> None:
    drawn = {(wire.terminal, wire.carries): wire.drawn for part in PARTS for wire in part.wires if wire.is_signal}
    own = {
        (wire.terminal.split(" ")[0], wire.carries): wire.drawn  # IN of what, of a board with several
        for part in parts_of(load_config(PACKAGED_CONFIG, DEFAULT_WITH_ALL))
        for wire in part.wires
        if wire.is_signal
    }
    assert own == drawn


def test_supplies_lie_on_pins_that_carry_them_and_no_signal_shares_a_pin() -> None:
    config = load_config(EXAMPLES["carousel"], [PANEL])
    pins = [wire.pin for part in parts_of(config) for wire in part.wires if wire.is_signal]
    assert len(pins) == len(set(pins))
    words = {"GND": "GND", "VCC": "3V3", "VDD": "3V3", "JD-VCC": "5V", "3.3 V": "3V3", "minus": "GND"}
    for part in parts_of(config):
        for wire in part.wires:
            if not wire.is_signal:
                assert HEADER[wire.pin - 1] == words[wire.terminal]


def test_a_mosfet_gets_no_supply_of_the_header() -> None:
    low, high = (
        load_config(EXAMPLES["relay"], [f"bins.{name}.flap.active_high={level}" for name in ("recycling", "residual")])
        for level in ("false", "true")
    )
    assert any("5 V" in line for line in wiring_table(low))
    assert not any("5 V" in line or "3.3 V" in line for line in wiring_table(high))


def test_what_the_header_does_not_show_is_noted() -> None:
    config = load_config(
        EXAMPLES["pca9685"],
        [
            "bins.paper.level={kind: vl53l0x, bus: 3, empty_m: 0.6, full_m: 0.1}",
            "bins.glass.flap={kind: hardware_servo, chip: 2, channel: 1, home_deg: 0, open_deg: 45}",
        ],
    )
    assert list(notes_on(config)) == [
        "servo of paper: on output 0 of the PCA9685.",
        "VL53L0X of paper: on I2C bus 3, whose pins its line in config.txt names.",
        "servo of glass: on PWM chip 2 channel 1, whose pin its line in config.txt names.",
        "servo of packaging: on output 2 of the PCA9685.",
        "servo of residual: on output 3 of the PCA9685.",
    ]


def test_a_servo_on_the_kernels_pwm_is_drawn_where_the_documents_line_puts_it() -> None:
    flap = "{kind: hardware_servo, channel: 1, home_deg: 0, open_deg: 45}"
    config = load_config(EXAMPLES["two-bins"], [f"bins.residual.flap={flap}"])
    assert "pin 33  GPIO 13   servo of residual: signal" in list(wiring_table(config))


def test_the_command_draws_and_prints_and_checks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--example", "trapdoor"]) == 0
    capsys.readouterr()
    assert main(["doctor", "--wiring", "wiring.svg"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "pin 36  GPIO 16   door of tray: signal" in lines
    assert lines[-1] == "wiring.svg is written: the same as a picture."
    assert "Wiring of config.yaml" in (tmp_path / "wiring.svg").read_text(encoding="utf-8")


def test_another_kind_of_picture_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["doctor", "--wiring", str(tmp_path / "wiring.png")])
    assert "ends in .svg" in capsys.readouterr().err
