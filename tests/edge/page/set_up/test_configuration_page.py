"""The configuration on the page: every key, a change that is looked at before it is written, and the way back."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from edge.page.access.roles import Role
from tests.builders.page import SETTINGS, PageRig
from tests.paths import ROOT

SHIPPED = (ROOT / "config.yaml").read_text(encoding="utf-8")

PATH = "/set-up/configuration"

WHOLE = f"{PATH}?whole=1"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "bin" / "config.yaml"
    file.parent.mkdir()
    file.write_text(SHIPPED, encoding="utf-8")
    return file


@pytest.fixture
def rig(tmp_path: Path, file: Path) -> PageRig:
    return PageRig(tmp_path, settings=replace(SETTINGS, config=file))


@pytest.fixture
def browser(rig: PageRig) -> TestClient:
    return rig.visitor()


def fields(text: str) -> dict[str, str]:
    """The hidden fields of the first form that writes."""
    (form,) = re.findall(r'<form method="post" action="/set-up/configuration/write".*?</form>', text, re.DOTALL)
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {html.unescape(name): html.unescape(value) for name, value in pairs}


def test_every_key_is_shown_with_its_meaning(browser: TestClient) -> None:
    text = browser.get(WHOLE).text
    assert 'name="set.tray.region" value="[0, 0, 1, 1]"' in text
    assert "left, top, right, bottom of the tray" in text
    assert "<summary>bins.glass</summary>" in text


def test_a_change_is_looked_at_written_and_taken_back(browser: TestClient, rig: PageRig, file: Path) -> None:
    looked = browser.post(f"{PATH}/look", data={"set.camera.fps": "20", "set.camera.width": "640"})
    assert looked.status_code == 200
    assert "+  fps: 20" in looked.text
    assert file.read_text(encoding="utf-8") == SHIPPED
    seen = fields(looked.text)
    assert {name for name in seen if name.startswith("set.")} == {"set.camera.fps"}
    assert browser.post(f"{PATH}/write", data=seen).status_code == 303
    assert file.read_text(encoding="utf-8") == SHIPPED.replace("  fps: 15 ", "  fps: 20 ")
    # What was seen is not what is there any more.
    again = browser.post(f"{PATH}/write", data=seen)
    assert (again.status_code, "changed meanwhile" in again.text) == (409, True)
    (sha256,) = set(re.findall(r'name="sha256" value="(\w+)"', again.text))
    assert browser.post(f"{PATH}/back", data={"number": "1", "sha256": sha256}).status_code == 303
    assert file.read_text(encoding="utf-8") == SHIPPED
    notes = [one["what"] for one in rig.door.audit.newest(9)]
    assert notes == ["went back to version 1 of the configuration", "changed the configuration: camera.fps"]


def test_the_region_is_sent_in_per_cent(browser: TestClient) -> None:
    sides = {"left": "10", "top": "5,5", "right": "90", "bottom": "100"}
    assert fields(browser.post(f"{PATH}/look", data=sides).text)["set.tray.region"] == "[0.1, 0.055, 0.9, 1]"
    assert browser.post(f"{PATH}/look", data={**sides, "left": "nan"}).status_code == 400
    narrow = browser.post(f"{PATH}/look", data={**sides, "left": "89"})
    assert (narrow.status_code, "width and height of at least" in narrow.text) == (409, True)


def test_what_is_not_valid_is_said_and_not_written(browser: TestClient, file: Path) -> None:
    answer = browser.post(f"{PATH}/look", data={"set.camera.fps": "9000"})
    assert (answer.status_code, "9000" in answer.text) == (409, True)
    assert browser.post(f"{PATH}/look", data={}).status_code == 400
    assert browser.post(f"{PATH}/back", data={"number": "../1"}).status_code == 400
    assert browser.post(f"{PATH}/look", data={"set.camera.fps": "15"}).status_code == 303
    assert file.read_text(encoding="utf-8") == SHIPPED


def test_where_the_page_may_not_write_it_gives_the_command(
    browser: TestClient, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"file": str(file), "sha256": "0", "is_writable": False, "overridden": []}
    answers: dict[str, dict[str, object]] = {
        "list": {**facts, "keys": [], "versions": []},
        "set": {**facts, "difference": ["-a", "+b"], "changed": ["tray.region"]},
    }

    async def run(_: object, command: list[str], __: object) -> dict[str, object]:
        return answers[command[1]]

    monkeypatch.setattr("edge.page.set_up.configuration.run_sorter", run)
    assert "may not write this file" in browser.get(WHOLE).text
    text = html.unescape(browser.post(f"{PATH}/look", data={"set.tray.region": "[0, 0, 1, 0.9]"}).text)
    assert f"config set 'tray.region=[0, 0, 1, 0.9]' --config {file}" in text
    assert "<button>Write it" not in text


def test_only_who_may_set_up_sees_it(rig: PageRig, file: Path) -> None:
    teacher = rig.visitor(Role.TEACH)
    assert teacher.get(PATH).status_code == 403
    assert teacher.post(f"{PATH}/write", data={"set.camera.fps": "20"}).status_code == 403
    assert file.read_text(encoding="utf-8") == SHIPPED


def test_without_a_bin_there_is_none(page: PageRig) -> None:
    assert "only an event log" in page.visitor().get(WHOLE).text
