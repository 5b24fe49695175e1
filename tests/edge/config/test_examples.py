"""The examples of configurations: each is accepted, explains itself, and sorts in the simulated bin where its drives can."""

import logging
import re
from pathlib import Path

import pytest

from edge.cli import main
from edge.config.default import EXAMPLES
from edge.config.file import load_config
from edge.config.invocation import invocation
from edge.errors import ConfigError
from hardware.registry import FLAPS, load
from tests.paths import ROOT

IN_SIMULATION = ["camera.kind=sim", "flaps.pin_factory=mock"]

MOST_LINES = 55
"""Longest example, in lines: it is read on one screen, unlike config.yaml."""

DIFFERENT = ("two-bins", "three-bins", "relay", "trapdoor", "carousel")
"""Those that differ in simulation from each other."""


def on_pins(name: str) -> bool:
    return all(load(FLAPS, bin_config.flap.kind).on_pins for bin_config in load_config(EXAMPLES[name]).bins.values())


def test_there_is_one_for_each_usual_bin() -> None:
    drives = {"relay", "pca9685", "trapdoor", "carousel"}
    assert set(EXAMPLES) == {"two-bins", "three-bins", "four-bins", "usb-camera", "pi-camera"} | drives
    for name, count in (("two-bins", 2), ("three-bins", 3), ("four-bins", 4)):
        assert len(load_config(EXAMPLES[name]).bins) == count
    for kind in drives:
        assert {one.flap.kind for one in load_config(EXAMPLES[kind]).bins.values()} == {kind}
    cameras = {name: load_config(EXAMPLES[name]).camera.kind for name in ("usb-camera", "pi-camera")}
    assert cameras == {"usb-camera": "opencv", "pi-camera": "picamera2"}


def test_they_lie_in_the_folder_examples_of_the_sources_as_well() -> None:
    assert {path.stem for path in (ROOT / "examples").glob("*.yaml")} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_a_real_bin_and_explains_itself(name: str) -> None:
    text = EXAMPLES[name].read_text(encoding="utf-8")
    config = load_config(EXAMPLES[name])
    assert config.camera.kind != "sim"
    assert config.flaps.pin_factory == "lgpio"
    assert len(text.splitlines()) <= MOST_LINES
    assert text.startswith("# ")
    assert re.search(rf"^# +sorter init --example {name}$", text, flags=re.MULTILINE)
    said = "--set camera.kind=sim --set flaps.pin_factory=mock" in text
    assert said == on_pins(name), "it says how to try it, if it can be tried"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_simulated_bin_takes_an_example_whose_drives_are_on_pins(name: str) -> None:
    if on_pins(name):
        load_config(EXAMPLES[name], IN_SIMULATION)
    else:
        with pytest.raises(ConfigError, match=r"flap\.kind: camera\.kind is sim, so expected servo or relay"):
            load_config(EXAMPLES[name], IN_SIMULATION)


@pytest.mark.parametrize("name", DIFFERENT)
def test_an_example_sorts_in_the_simulated_bin_and_warns_of_nothing(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--example", name]) == 0
    told = capsys.readouterr().out
    assert f"config.yaml is written: the example {name}" in told
    steps = [line.split("  ")[1] for line in told.splitlines()[2:]]
    assert steps[:2] == [invocation("doctor", "--wiring", "wiring.svg"), invocation("doctor")]
    settings = [word for one in (*IN_SIMULATION, "simulation.speed=0") for word in ("--set", one)]
    assert main(["run", "--items", "1", *settings]) == 0
    assert re.search(r"handled exactly once +│ 1 ", capsys.readouterr().out)
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []


def test_an_example_that_there_is_not_is_a_usage_error_that_names_those_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["init", "--example", "five-bins", str(tmp_path)])
    assert "two-bins" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("example", [None, *EXAMPLES])
def test_in_the_services_folder_state_goes_where_the_service_may_write(
    example: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.commands.init.SERVICE_FOLDER", tmp_path.resolve())
    assert main(["init", str(tmp_path), *([] if example is None else ["--example", example])]) == 0
    config = load_config(tmp_path / "config.yaml")
    for path in (config.tray.memory, config.event_log.file, config.event_log.images):
        assert path is not None
        assert path.parent == Path("/var/lib/sorter")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_named_in_the_documentation(name: str) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert f"[`{name}`](../examples/{name}.yaml)" in page
