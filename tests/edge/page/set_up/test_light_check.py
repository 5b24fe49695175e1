"""The light on the tray, judged from pictures of the paused bin."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from edge.bin_socket.messages import Status, TrayPicture
from edge.bin_socket.protocol import Action
from edge.errors import UnavailableError
from edge.page.access.roles import Role
from edge.page.set_up import light_check
from edge.page.set_up.light_check import LOOKS, LightCheck, LightOnTray
from edge.page.sorter_child import ChildResult
from edge.page.texts import PageError
from tests.builders.page import FakeBin, PageRig

MEASURED = {"mean": 150.2, "evenness": 0.912, "flicker": 0.004, "complaints": []}


class PausedBin(FakeBin):
    """A paused bin whose camera takes a new picture for every other look."""

    def __init__(self, *, repeats: int = 2) -> None:
        super().__init__()
        self.looks = 0
        self._repeats = repeats
        self.tell(Status({"tray": "empty", "paused": True}, 0.0))

    async def look(self) -> TrayPicture:
        self.looks += 1
        header: Any = {"sequence": self.looks // self._repeats, "region": [0.0, 0.0, 1.0, 1.0]}
        return TrayPicture(header, b"\xff\xd8 a look")


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(light_check, "PAUSE_S", 0.0)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the child prints: its ``output`` and ``code``, and the content of its ``looks``."""
    found: dict[str, Any] = {"output": json.dumps(MEASURED), "code": 0, "looks": []}

    async def run(_: str, arguments: list[str], **__: object) -> ChildResult:
        found["looks"] = [Path(one).read_bytes() for one in arguments]
        return ChildResult(found["code"], found["output"], "last words")

    monkeypatch.setattr(light_check, "run_module", run)
    return found


def test_pictures_of_different_moments_are_looked_at(measured: dict[str, Any]) -> None:
    light = asyncio.run(LightCheck().measure(PausedBin()))
    assert light == LightOnTray(150.2, 0.912, 0.004, ())
    assert [json.loads(one.partition(b"\n")[0])["sequence"] for one in measured["looks"]] == list(range(LOOKS))


def test_a_camera_that_stands_still_is_told(measured: dict[str, Any]) -> None:
    with pytest.raises(PageError, match="no new pictures"):
        asyncio.run(LightCheck().measure(PausedBin(repeats=10_000)))
    assert measured["looks"] == []


@pytest.mark.parametrize("paused", [False, None])
def test_a_bin_that_sorts_is_not_given_a_sheet(measured: dict[str, Any], paused: bool | None) -> None:
    link = PausedBin()
    link.tell(Status({"tray": "empty", "paused": paused}, 0.0))
    with pytest.raises(PageError, match="Pause the bin"):
        asyncio.run(LightCheck().measure(link))
    assert link.looks == 0


@pytest.mark.parametrize(("output", "code"), [("", 0), ("{}", 0), ("[1]", 0), ('{"mean": "?"}', 0), ("", 65)])
def test_what_the_child_cannot_tell_is_an_error(measured: dict[str, Any], output: str, code: int) -> None:
    measured.update(output=output, code=code)
    with pytest.raises(UnavailableError):
        asyncio.run(LightCheck().measure(PausedBin()))


def test_the_page_says_how_the_light_is(measured: dict[str, Any], tmp_path: Path) -> None:
    rig = PageRig(tmp_path, bin_link=PausedBin())
    client = rig.visitor()
    assert "The light is good." in client.post("/set-up/light").text
    measured["output"] = json.dumps({**MEASURED, "complaints": ["uneven: <a second lamp>"]})
    told = client.post("/set-up/light").text
    for expected in ("not good yet", "&lt;a second lamp&gt;", "150 of 255", "91 %", "0.4 %"):
        assert expected in told
    assert rig.visitor(Role.TEACH).post("/set-up/light").status_code == 403


def test_a_refusal_is_said_in_the_visitors_language(tmp_path: Path) -> None:
    link = PausedBin()
    link.tell(Status({"tray": "empty", "paused": False}, 0.0))
    rig = PageRig(tmp_path, bin_link=link)
    answer = rig.visitor().post("/set-up/light", headers={"Accept-Language": "de"})
    assert (answer.status_code, "erst pausieren" in answer.text) == (409, True)
    assert Action.PAUSE not in [one[0] for one in link.asked]
