"""The table of terms names places that exist."""

import re

import pytest

from edge.actuation.phase import DiverterState
from edge.service.judgement import Judgement
from edge.service.live_page import HEADS, TRUTH_HEADS, WORDS
from edge.sight.presence import PresenceState
from edge.values import Reason
from tests.docs.markdown import anchors
from tests.paths import ROOT

PAGE = ROOT / "docs" / "terms.md"
ROW = re.compile(r"^\| (?P<term>[^|]+) \| [^|]+ \| \[`(?P<path>[^`]+)`\]\(\.\./(?P=path)\) `(?P<name>[^`]+)` \|$")
ROWS = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
TERMS = [line for line in ROWS if not line.startswith(("| term |", "| on the screen |", "| ---"))]


@pytest.mark.parametrize("line", TERMS, ids=lambda line: line.split("|")[1].strip())
def test_every_term_names_a_place_that_exists(line: str) -> None:
    row = ROW.match(line)
    assert row is not None, "expected | term | meaning | [`path`](../path) `name` |"
    source = (ROOT / row["path"]).read_text(encoding="utf-8")
    assert re.search(rf"\b{re.escape(row['name'])}\b", source), f"{row['path']} has no {row['name']}"


def test_no_term_stands_twice() -> None:
    terms = [line.split("|")[1].strip() for line in TERMS]
    assert len(terms) == len(set(terms))


ON_THE_SCREEN = [
    *("SIMULATED", "tray:", "flaps:", "held:", "wait:", "ATTENTION:", "hand", "lid", "locked"),
    *filter(None, (*HEADS, *TRUTH_HEADS)),
    *PresenceState,
    *DiverterState,
    *Reason,
    *(judgement.split()[0] for judgement in Judgement),
]


@pytest.mark.parametrize("word", ON_THE_SCREEN)
def test_every_word_on_the_live_page_is_explained_in_one_place(word: str) -> None:
    (section,) = re.findall(r"^## On the screen$(.*?)^## ", PAGE.read_text(encoding="utf-8"), flags=re.M | re.S)
    assert f"`{word}`" in section


def test_the_live_page_names_that_place() -> None:
    path, _, anchor = WORDS.rpartition(" ")[2].partition("#")
    assert ROOT / path == PAGE
    assert anchor in anchors(PAGE.read_text(encoding="utf-8"))
