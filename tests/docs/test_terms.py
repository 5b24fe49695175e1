"""The table of terms names places that exist."""

import re

import pytest

from tests.paths import ROOT

PAGE = ROOT / "docs" / "terms.md"
ROW = re.compile(r"^\| (?P<term>[^|]+) \| [^|]+ \| \[`(?P<path>[^`]+)`\]\(\.\./(?P=path)\) `(?P<name>[^`]+)` \|$")
ROWS = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
TERMS = [line for line in ROWS if not line.startswith(("| term |", "| ---"))]


@pytest.mark.parametrize("line", TERMS, ids=lambda line: line.split("|")[1].strip())
def test_every_term_names_a_place_that_exists(line: str) -> None:
    row = ROW.match(line)
    assert row is not None, "expected | term | meaning | [`path`](../path) `name` |"
    source = (ROOT / row["path"]).read_text(encoding="utf-8")
    assert re.search(rf"\b{re.escape(row['name'])}\b", source), f"{row['path']} has no {row['name']}"


def test_no_term_stands_twice() -> None:
    terms = [line.split("|")[1].strip() for line in TERMS]
    assert len(terms) == len(set(terms))
