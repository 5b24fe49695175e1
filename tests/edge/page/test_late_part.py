"""What takes the bin seconds comes later: the page does not wait for it, unless it is asked to."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge.page.bin_settings import BinSettings
from edge.page.set_up import checks
from edge.page.sorter_child import ChildResult
from tests.builders.page import SETTINGS, PageRig

SCRIPT = {"Accept": "application/json"}

FINDINGS = '[{"check": "disk space", "status": "failure", "found": "full", "advice": "delete something"}]'


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[BinSettings]:
    """Of which bins the doctor was asked."""
    found: list[BinSettings] = []

    async def run(settings: BinSettings, *_: object, **__: object) -> ChildResult:
        found.append(settings)
        return ChildResult(1, FINDINGS, "")

    monkeypatch.setattr(checks, "run_command", run)
    return found


@pytest.fixture
def rig(tmp_path: Path) -> PageRig:
    return PageRig(tmp_path, settings=replace(SETTINGS, config=tmp_path / "config.yaml"))


def test_the_page_is_there_before_its_part(rig: PageRig, looked: list[BinSettings]) -> None:
    client = rig.visitor()
    page = client.get("/set-up/checks").text
    assert 'aria-busy="true"' in page
    assert "late.js" in page
    assert looked == []
    part = client.get("/set-up/checks", headers=SCRIPT).json()["parts"]["late"]
    assert "delete something" in part
    assert "<html" not in part
    assert len(looked) == 1


def test_without_a_script_the_whole_page_is_one_link_away(rig: PageRig, looked: list[BinSettings]) -> None:
    client = rig.visitor()
    assert '<a class="button quiet" href="/set-up/checks?whole=1">' in client.get("/set-up/checks").text
    whole = client.get("/set-up/checks?whole=1").text
    assert "delete something" in whole
    assert 'aria-busy="false"' in whole
    assert "late.js" not in whole
