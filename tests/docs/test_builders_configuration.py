"""What the builder's pages give as configuration is accepted, and wired as they are drawn."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from docs.drawings.signals import CONTACTS
from edge.config.default import EXAMPLES
from edge.config.file import load_config
from tests.paths import ROOT

NAMED = ("bins", "panel")
"""Sections whose keys are given one by one; the others are given whole."""


def blocks(page: str) -> list[dict[str, Any]]:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    return [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)]


def overrides(tree: dict[str, Any]) -> Iterator[str]:
    for section, content in tree.items():
        for key, value in content.items() if section in NAMED else ():
            yield f"{section}.{key}={json.dumps(value)}"
        if section not in NAMED:
            yield f"{section}={json.dumps(content)}"


@pytest.mark.parametrize("page", ["electronics", "mechanics", "trapdoor", "carousel"])
def test_the_configuration_of_a_page_is_accepted(page: str) -> None:
    assert blocks(page)
    for tree in blocks(page):
        load_config(ROOT / "config.yaml", list(overrides(tree)))


def test_lid_and_stop_are_drawn_with_the_contact_that_the_configuration_has() -> None:
    panel = load_config(
        ROOT / "config.yaml", [line for tree in blocks("electronics") for line in overrides(tree)]
    ).panel
    closed = {key: is_closed for _, key, is_closed, _, _ in CONTACTS}
    assert panel.lid is not None
    assert panel.stop_button is not None
    assert closed["lid"] == (panel.lid.contact == "opens")
    assert closed["stop_button"] == (panel.stop_button.contact == "opens")


def test_the_relay_is_drawn_with_the_level_that_the_default_configuration_has() -> None:
    flap = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["bins"]["residual"]["flap"]
    level = json.dumps(flap["active_high"])
    assert f"active_high: {level}" in (ROOT / "docs" / "drawings" / "relay.svg").read_text(encoding="utf-8")


def test_the_examples_are_the_designs_that_the_pages_give() -> None:
    trapdoor, carousel = (
        yaml.safe_load(EXAMPLES[name].read_text(encoding="utf-8")) for name in ("trapdoor", "carousel")
    )
    for page in ("mechanics", "trapdoor"):
        (block,) = blocks(page)
        assert trapdoor["drives"] == block["drives"]
        assert {name: trapdoor["bins"][name] for name in block["bins"]} == block["bins"]
        assert block.get("panel", {}).items() <= trapdoor["panel"].items()
    assert carousel["drives"].items() <= blocks("carousel")[0]["drives"].items()
    assert carousel["bins"]["paper"] == blocks("carousel")[0]["bins"]["paper"]


def test_config_yaml_gives_the_same_trapdoor_in_its_comments() -> None:
    trapdoor = yaml.safe_load(EXAMPLES["trapdoor"].read_text(encoding="utf-8"))
    comments = " ".join(
        re.sub(r"^ *#", "", line) for line in (ROOT / "config.yaml").read_text(encoding="utf-8").split("\n")
    )
    comments = " ".join(comments.split())
    (flap,) = re.findall(r"\{kind: trapdoor, drive: .*?\}\}", comments)
    (drives,) = re.findall(r"\{tray: \{kind: trapdoor, .*?\}\}\}", comments)
    own = yaml.safe_load(flap)
    own["plate"]["pin"] = trapdoor["bins"]["paper"]["flap"]["plate"][
        "pin"
    ]  # beside the flaps of config.yaml it has another
    assert own == trapdoor["bins"]["paper"]["flap"]
    assert yaml.safe_load(drives) == trapdoor["drives"]


def test_pages_and_comments_name_the_same_pins_for_a_second_bus() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("config.yaml", "docs/electronics.md")]
    lines = {line for text in texts for line in re.findall(r"dtoverlay=i2c-gpio,[\w,=]+", text)}
    assert len(lines) == 1


def test_every_example_says_where_its_mechanics_are_drawn() -> None:
    page = (ROOT / "docs" / "mechanics.md").read_text(encoding="utf-8")
    cameras = {"usb-camera", "pi-camera"}
    for name in EXAMPLES.keys() - cameras:
        assert f"`{name}`" in page
