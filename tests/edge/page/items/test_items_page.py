"""The page Items: what was sorted and why, found by filters, with its pictures, and as files."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from edge.page.access.roles import Role
from edge.page.items import routes as items
from edge.records.event_features import EventFeatures
from edge.records.event_log import EventLog
from tests.builders.page import PageRig
from tests.builders.sorted_bin import JPEG, SortedBin
from tests.builders.values import make_event


@pytest.fixture
def bin(tmp_path: Path) -> SortedBin:
    sorted_bin = SortedBin(tmp_path / "bin")
    sorted_bin.sort(
        {"label": "glass", "bin": "glass", "wall_s": 1_767_268_800.0},
        {"label": "metal", "bin": "residual", "reason": "unsure", "confidence": 0.55, "wall_s": 1_767_355_200.0},
        {"label": "<b>cup", "bin": "residual", "reason": "unknown", "wall_s": 1_767_441_600.0, "image": None},
    )
    return sorted_bin


@pytest.fixture
def rig(tmp_path: Path, bin: SortedBin) -> PageRig:
    return PageRig(tmp_path, settings=bin.settings)


@pytest.fixture
def visitor(rig: PageRig) -> TestClient:
    return rig.visitor(Role.LOOK)


def shown(text: str) -> list[str]:
    return re.findall(r"item (\d+-\d+)</span>", text)


def test_items_are_shown_newest_first_and_escaped(visitor: TestClient) -> None:
    text = visitor.get("/items").text
    assert shown(text) == ["1-3", "1-2", "1-1"]
    assert "&lt;b&gt;cup" in text
    assert "<b>cup" not in text
    assert 'src="/items/1-1/picture"' in text
    assert "/items/1-3/picture" not in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("label=glass", ["1-1"]),
        ("bin=residual", ["1-3", "1-2"]),
        ("bin=residual&reason=unsure", ["1-2"]),
        ("day=2026-01-02", ["1-2"]),
        ("label=none", []),
        ("day=yesterday&reviewed=perhaps&before=x", ["1-3", "1-2", "1-1"]),  # what cannot be is left out
        ("before=4294967298", ["1-1"]),
    ],
)
def test_a_filter_is_in_the_address(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch, query: str, expected: list[str]
) -> None:
    assert shown(visitor.get(f"/items?{query}").text) == expected


def test_the_number_of_items_contains_those_that_have_just_come(visitor: TestClient, bin: SortedBin) -> None:
    assert "3 items" in visitor.get("/items").text
    with EventLog(bin.settings.event_log) as log:  # lists what it was given when it is closed
        log.start_session(wall_s=2.0, model="m")
        log.record(make_event(1, label="glass", bin="glass"), EventFeatures(None, 1.0, False))
        assert "4 items" in visitor.get("/items").text
        assert "2 items" in visitor.get("/items?label=glass").text


def test_older_items_are_led_to_with_the_same_filter(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "FIRST_SHOWN", 1)
    monkeypatch.setattr(items, "SHOWN", 1)
    found = []
    path: str | None = "/items?bin=residual"
    while path is not None:
        text = visitor.get(path).text
        found.append(shown(text))
        link = re.search(r'rel="next" href="([^"]+)"', text)
        path = None if link is None else link[1].replace("&amp;", "&")
    assert found == [["1-3"], ["1-2"], []]  # whether there are more is known once they were looked for


def test_what_was_reviewed_is_told_and_found(rig: PageRig, bin: SortedBin) -> None:
    teacher = rig.visitor(Role.TEACH)
    teacher.post("/review/say", data={"event": "1-1", "label": "metal"})
    teacher.post("/review/say", data={"event": "1-2", "label": "metal"})
    assert shown(teacher.get("/items?reviewed=yes").text) == ["1-2", "1-1"]
    assert shown(teacher.get("/items?reviewed=no").text) == ["1-3"]
    text = teacher.get("/items").text
    assert "It was metal." in text
    assert "Confirmed." in text


def test_only_who_may_teach_is_asked_what_it_was(rig: PageRig) -> None:
    assert "What was it?" not in rig.visitor(Role.LOOK).get("/items").text
    assert "What was it?" in rig.visitor(Role.TEACH).get("/items").text


def test_a_picture_is_found_by_its_number_alone(visitor: TestClient, bin: SortedBin) -> None:
    answer = visitor.get("/items/1-1/picture")
    assert (answer.content, answer.headers["content-type"]) == (JPEG, "image/jpeg")
    assert "private" in answer.headers["cache-control"]
    for name in ("1-3", "1-9", "7-1", "x-1", "1-", "..%2f..%2fevents.sqlite", "1-1-1", "١-1", "9999999999-1"):
        assert visitor.get(f"/items/{name}/picture").status_code == 404
    assert bin.settings.images is not None
    (bin.settings.images / "s00000001-000001.jpg").unlink()
    assert visitor.get("/items/1-1/picture").status_code == 404


def test_a_picture_stays_behind_the_door(rig: PageRig) -> None:
    rig.account(Role.SET_UP)
    assert rig.stranger().get("/items/1-1/picture").status_code == 303


def test_all_items_of_a_filter_come_as_a_table(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "TAKEN", 1)
    answer = visitor.get("/items/all.csv?bin=residual")
    assert answer.headers["content-disposition"] == 'attachment; filename="items.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["number"], row["label"]) for row in rows] == [("3", "<b>cup"), ("2", "metal")]


def test_all_items_come_as_lines_of_json(visitor: TestClient) -> None:
    lines = visitor.get("/items/all.jsonl").text.splitlines()
    assert [json.loads(line)["number"] for line in lines] == [3, 2, 1]
    assert visitor.get("/items/all.xlsx").status_code == 404


def test_a_damaged_log_is_told_before_a_file_begins(visitor: TestClient, bin: SortedBin) -> None:
    bin.settings.event_log.write_bytes(b"no database" * 200)
    assert visitor.get("/items").status_code == 503
    assert visitor.get("/items/all.csv").status_code == 503


def test_a_bin_that_has_sorted_nothing_has_an_empty_page(page: PageRig) -> None:
    answer = page.visitor().get("/items")
    assert answer.status_code == 200
    assert "There are no such items." in answer.text
