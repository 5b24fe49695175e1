"""The page Figures: thirty days as tables, to which its plots add nothing, and how full the bins are."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from edge.bin_socket.messages import Status
from edge.page.app import make_app
from edge.page.figures.vitals import Vitals
from edge.page.page_state import PageState
from tests.builders.page import FakeBin, PageRig
from tests.builders.sorted_bin import SortedBin

NOON_S = 1_767_268_800.0
"""January 1st 2026, noon UTC."""


@pytest.fixture
def bin(tmp_path: Path) -> SortedBin:
    sorted_bin = SortedBin(tmp_path / "bin")
    sorted_bin.sort(
        {"bin": "glass", "wall_s": NOON_S, "rest_to_decision_s": 0.5},
        {"bin": "residual", "label": "metal", "wall_s": NOON_S, "rest_to_decision_s": 0.25},
        {"bin": "glass", "wall_s": NOON_S + 86_400},
        {"bin": "glass", "wall_s": NOON_S + 40 * 86_400},
    )
    return sorted_bin


def plots(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="texts">(.*?)</script>', text)
    assert found is not None
    return dict(json.loads(found[1])["plots"])


def test_the_newest_thirty_days_with_items_are_shown(tmp_path: Path, bin: SortedBin) -> None:
    text = PageRig(tmp_path, settings=bin.settings).visitor().get("/figures").text
    assert "2026-01-12 – 2026-02-10" in text
    assert sum(plots(text)["bins"]["glass"]) == 1
    assert 'href="/figures?until=2026-01-11"' in text
    assert "Later" not in text


def test_days_labels_bins_and_times_are_counted(tmp_path: Path, bin: SortedBin) -> None:
    text = PageRig(tmp_path, settings=bin.settings).visitor().get("/figures?until=2026-01-02").text
    drawn = plots(text)
    assert drawn["days"][-2:] == ["2026-01-01", "2026-01-02"]
    assert {name: counts[-2:] for name, counts in drawn["bins"].items()} == {
        "glass": [1, 1],
        "metal": [0, 0],
        "residual": [1, 0],
    }
    assert list(drawn["bins"]) == list(bin.settings.bins)  # by their places they have their colours
    assert {name: sum(counts) for name, counts in drawn["labels"].items()} == {"glass": 2, "metal": 1}
    assert drawn["residual"][-2:] == [0.5, 0.0]
    assert drawn["residual"][0] is None
    assert drawn["median_s"][-2:] == [0.5, 0.3]
    assert '<a href="/items?day=2026-01-01">' in text
    assert "33 %" in text
    assert 'href="/figures?until=2026-02-01"' in text


def test_levels_and_when_full_are_told_of_a_bin_that_answers(tmp_path: Path, bin: SortedBin) -> None:
    rig = PageRig(tmp_path, settings=bin.settings)
    link = FakeBin()
    link.tell(Status({"fill_levels": {"glass": 0.5}}, 0.0))
    vitals = Vitals(tmp_path, tmp_path, rig.clock, read_temperature=lambda: 48.0)
    for hour in range(48):
        rig.clock.advance(3600)
        vitals.keep(vitals.now({"glass": 0.5 * hour / 48}))
    rig.clock.advance(3600)
    rig.app = make_app(PageState(bin.settings, link, rig.door, vitals))
    text = rig.visitor().get("/figures").text
    assert "full in 2.0 to 2.0 days" in " ".join(text.split())
    assert "48 °C" in text
    assert len(plots(text)["vitals"]["levels"]["glass"]) == 48


def test_any_other_day_is_the_newest(tmp_path: Path, bin: SortedBin) -> None:
    client = PageRig(tmp_path, settings=bin.settings).visitor()
    for day in ("soon", "9999-01-01", "2026-13-01"):
        assert "2026-01-12 – 2026-02-10" in client.get(f"/figures?until={day}").text
