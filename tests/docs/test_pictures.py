"""The drawn pictures show what the bin does today, and the words below them say what they show."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from docs.demo_run import OWN, RESIDUAL, WRONG, demo_decisions
from docs.picture_records import digest
from tests.paths import ROOT

DOCS = ROOT / "docs"
PICTURES: Mapping[str, Any] = json.loads((DOCS / "pictures.json").read_text(encoding="utf-8"))
STALE = "out of date: run 'make pictures', look at them, and set right what README.md and docs/index.md say of them"
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@pytest.fixture(scope="module")
def decisions() -> list[Mapping[str, str]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return demo_decisions()


@pytest.mark.parametrize("name", ["demo.webp", "simulated-bin.png"])
def test_a_picture_shows_what_the_bin_decides_today(name: str, decisions: list[Mapping[str, str]]) -> None:
    shown = PICTURES[name]["decisions"]
    assert shown == decisions[: len(shown)], f"docs/{name} is {STALE}"


@pytest.mark.parametrize("name", list(PICTURES))
def test_a_picture_is_the_one_that_its_scripts_drew(name: str) -> None:
    record = PICTURES[name]
    assert record["drawn_by"] == {script: digest(DOCS / script) for script in record["drawn_by"]}, f"{name} is {STALE}"
    assert record["sha256"] == digest(DOCS / name), f"docs/{name} was changed by hand; 'make pictures' draws it"


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_words_at_the_moving_picture_count_what_it_shows(page: str) -> None:
    counts = Counter(decision["verdict"] for decision in PICTURES["demo.webp"]["decisions"])
    words = (
        f"sorts {NUMBERS[counts.total()]} items: {NUMBERS[counts[OWN]]} land in their own bin, "
        f"{NUMBERS[counts[RESIDUAL]]} in the residual bin, {NUMBERS[counts[WRONG]]} in a wrong bin"
    )
    assert words in (ROOT / page).read_text(encoding="utf-8")
