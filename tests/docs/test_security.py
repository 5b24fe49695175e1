"""docs/security.md: every line of what is defended names tests that are there, and figures agree in all documents."""

import re

import pytest

from tests.paths import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
DEFENDED, NOT_DEFENDED = PAGE.partition("## Not defended")[::2]
ROWS = [line for line in DEFENDED.splitlines() if line.startswith("| ")][2:]
STEPS = (ROOT / "tests" / "service" / "__main__.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tests() -> set[str]:
    """Names of all test functions."""
    return {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[2].strip()[:40])
def test_every_line_of_what_is_defended_names_what_shows_it(row: str, tests: set[str]) -> None:
    shown_by = row.rstrip("| ").rpartition(" | ")[2]
    functions, steps = re.findall(r"`(test_\w+)`", shown_by), re.findall(r'step "([^"]+)"', shown_by)
    assert functions or steps, row
    assert set(functions) <= tests
    for step in steps:
        assert f'("{step}", ' in STEPS, f"make test-service has no step {step!r}"


def test_it_says_what_is_not_defended() -> None:
    assert len([line for line in NOT_DEFENDED.splitlines() if line.startswith("| ")]) > 3


def test_the_exposure_of_the_sorter_is_the_same_in_all_documents() -> None:
    pages = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md"]
    figures = {
        (page.name, figure)
        for page in pages
        # The first is the sorter's; those of its neighbours follow it.
        for figure in re.findall(r"exposure (?:is |of )?(\d\.\d)", page.read_text(encoding="utf-8"))[:1]
    }
    assert {name for name, _ in figures} >= {"security.md", "service.md", "figures.md"}
    assert len({figure for _, figure in figures}) == 1, figures
