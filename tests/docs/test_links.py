"""Every link of the front page and of the docs leads somewhere, without a network and without the site's generator."""

import re
from pathlib import Path

import pytest

from tests.docs.markdown import anchors, broken_links, relative_links
from tests.paths import ROOT

PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "edge" / "models" / "README.md",
    ROOT / "systemd" / "firstboot" / "README.md",
]
OUT_OF_THE_NAVIGATION = {"index"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_and_anchor_leads_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_file_that_a_page_names_is_there(page: Path) -> None:
    """Named from tests/ or from the root; in a listing of a folder, by its name alone."""
    named = re.findall(r"`((?:[\w./]+/)?test_\w+\.py)`", page.read_text(encoding="utf-8"))
    folders = (ROOT / "tests", ROOT)
    assert [name for name in named if not any((folder / name).is_file() for folder in folders)] == []


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = {page.stem for page in (ROOT / "docs").glob("*.md")} - OUT_OF_THE_NAVIGATION
    assert {page for page in pages if f"<{page}>" not in index} == set(), "pages that docs/index.md lacks"


def test_links_are_found_in_prose_and_html_but_not_in_code() -> None:
    text = '[a](b.md#c) ![d](e.png "f") <img src="g.webp"> `[h](i.md)` <https://j.k>\n```sh\n[l](m.md)\n```\n[n](http://o)\n'
    assert list(relative_links(text)) == ["b.md#c", "e.png", "g.webp"]
    assert list(relative_links("```{image} p.webp\n:width: 9\n```\n")) == ["p.webp"]


def test_anchors_are_those_of_forges() -> None:
    text = "# Bins: a `b` c\n## What it can, and cannot\n```\n# no heading\n```\n## Twice\n## Twice\n### [Linked](x.md) too\n"
    assert anchors(text) == {"bins-a-b-c", "what-it-can-and-cannot", "twice", "twice-1", "linked-too"}


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("[a](none.md)", "none.md: no such file"),
        ("[a](#none)", "#none: no such heading"),
        ("[a](other.md#none)", "other.md#none: no such heading"),
        ("[a](other.md#there) [b](#here)", None),
    ],
)
def test_a_broken_link_is_named(tmp_path: Path, link: str, reason: str | None) -> None:
    (tmp_path / "other.md").write_text("# There\n")
    page = tmp_path / "page.md"
    page.write_text(f"# Here\n{link}\n")
    assert list(broken_links(page)) == ([] if reason is None else [reason])


def test_a_page_that_includes_another_file_links_it_for_readers_without_sphinx() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        text = page.read_text(encoding="utf-8")
        for included in re.findall(r"^```\{include\} (\S+)", text, flags=re.MULTILINE):
            assert f"]({included})" in text, page.name
