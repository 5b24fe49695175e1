"""The scenario that ``sorter simulate --new`` writes, and its description: every key, with its default, and no other."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from edge.cli import main
from edge.simulation.faults import KINDS, AnyFault
from edge.simulation.items import ItemConfig, RandomItems
from edge.simulation.scenario import FlapBody, LightConfig, LightStep, Scenario, TrayLook
from edge.simulation.scenario_config import scenario_config
from edge.simulation.scenario_file import load_scenario
from edge.simulation.scenarios import TEMPLATE
from tests.paths import ROOT

TEXT = TEMPLATE.read_text(encoding="utf-8")
TREE: dict[str, Any] = yaml.safe_load(TEXT)
PAGE = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
SECTIONS: Mapping[str, type[BaseModel]] = {
    "The scenario": Scenario,
    "Items one by one": ItemConfig,
    "Random items": RandomItems,
    "The tray": TrayLook,
    "The light": LightConfig,
    "Flaps": FlapBody,
}
FAULTS: Mapping[str, type[BaseModel]] = {
    kind: model
    for model in AnyFault.__origin__.__args__  # type: ignore[attr-defined]
    for kind in model.model_fields["kind"].annotation.__args__
}
BEGINNING = {"kind", "at_s", "item", "when", "after_s", "for_s"}
"""Keys of every fault."""


def alternatives(begin: str) -> Iterator[Any]:
    """What stands in the template behind ``# `` and may be used instead."""
    for line in TEXT.splitlines():
        if re.match(rf"# {begin}", line):
            yield yaml.safe_load(line[2:])


def default(model: type[BaseModel], key: str) -> Any:
    value = model.model_fields[key].get_default(call_default_factory=True)
    return (
        value.model_dump(mode="json")
        if isinstance(value, BaseModel)
        else [*value]
        if isinstance(value, tuple)
        else value
    )


def test_it_is_a_scenario_that_plays_in_the_shipped_configuration(tmp_path: Path) -> None:
    scenario = load_scenario(TEMPLATE)
    assert scenario.name == "template"
    assert scenario_config(scenario, ROOT / "config.yaml", tmp_path, realtime=False, overrides=[])
    assert len(scenario.arrivals()) == 3


def test_every_key_of_a_scenario_is_in_it_with_its_default() -> None:
    shown = TREE | {"name": None}
    assert next(alternatives("name:"))
    assert shown.keys() == Scenario.model_fields.keys()
    for section, model in {"tray": TrayLook, "light": LightConfig}.items():
        assert TREE[section].keys() == model.model_fields.keys()
    own = {"name", "shows", "items", "faults"}
    differing = {key for key in shown if key not in own and default(Scenario, key) != TREE[key]}
    assert differing == set()
    assert TREE["items"][0].keys() == ItemConfig.model_fields.keys()
    assert {key for key, value in TREE["items"][0].items() if value != default(ItemConfig, key)} == {"label", "gap_s"}


def test_its_other_way_to_give_items_has_every_key_and_is_accepted() -> None:
    found: set[str] = set()
    for one in alternatives("items:"):
        Scenario.model_validate(TREE | {"name": "x"} | one)
        found |= one["items"].keys()
    assert found == RandomItems.model_fields.keys()


def test_it_shows_every_fault_with_every_key_and_its_default() -> None:
    faults = [*TREE["faults"], *(one for lines in alternatives(r"- \{kind") for one in lines)]
    assert sorted(fault["kind"] for fault in faults) == sorted(KINDS)
    for fault in faults:
        Scenario.model_validate(TREE | {"name": "x", "faults": [fault]})
        model = FAULTS[fault["kind"]]
        assert model.model_fields.keys() - BEGINNING == fault.keys() - BEGINNING, fault["kind"]
        for key in fault.keys() - BEGINNING - {"bin", "by_s"}:
            assert fault[key] == default(model, key), f"{fault['kind']}: {key}"


def test_the_examples_in_its_comments_are_accepted() -> None:
    for key, example in re.findall(r"^ *(\w+): .*?# .*?: ?(\[\{.*\}\]|\{\w+: \{.*\}\})", TEXT, flags=re.MULTILINE):
        section = {"steps": "light"}.get(key)
        value = yaml.safe_load(example)
        Scenario.model_validate(TREE | {"name": "x", (section or key): {key: value} if section else value})
    assert LightStep.model_fields.keys() <= set(re.findall(r"\w+", TEXT))
    assert FlapBody.model_fields.keys() <= set(re.findall(r"\w+", TEXT))


# --- the page ---------------------------------------------------------------------------------------------------------


def rows(heading: str) -> dict[str, list[str]]:
    """First cell of each row of a section's table -> its other cells."""
    (section,) = re.findall(rf"^## {heading}$(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL)
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in lines}


@pytest.mark.parametrize("heading", list(SECTIONS))
def test_the_page_lists_the_keys_of_a_section_with_their_defaults(heading: str) -> None:
    model, table = SECTIONS[heading], rows(heading)
    assert table.keys() == model.model_fields.keys()
    for key, (shown, *_) in table.items():
        if model.model_fields[key].is_required():
            assert shown in ("needed", "the file's name"), key
        elif shown != "·":
            assert yaml.safe_load(shown.strip("`")) == default(model, key), key


def test_the_page_lists_every_fault_with_its_keys() -> None:
    table = rows("Faults")
    assert table.keys() == KINDS
    for kind, (keys, *_) in table.items():
        assert set(re.findall(r"`(\w+)`", keys)) == FAULTS[kind].model_fields.keys() - BEGINNING, kind


# --- the command ------------------------------------------------------------------------------------------------------


def test_new_writes_it_and_says_how_to_play_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "My bad day (2).yaml"
    assert main(["simulate", "--new", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == TEXT
    assert f"simulate '{path}'" in capsys.readouterr().out
    assert load_scenario(path).name == "My bad day (2)"
    assert load_scenario(path).file_name == "My-bad-day-2"


def test_new_prints_it_for_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--new", "-"]) == 0
    assert capsys.readouterr().out == TEXT


def test_new_replaces_no_file_and_plays_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mine")
    for arguments, message in ((["--new", str(path)], "is there already"), (["short", "--new", "x"], "only writes")):
        with pytest.raises(SystemExit) as left:
            main(["simulate", *arguments])
        assert left.value.code == 2
        assert message in capsys.readouterr().err
    assert path.read_text() == "mine"
