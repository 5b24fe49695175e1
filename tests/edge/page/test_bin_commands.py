"""What the bin is asked for from the page: passed on, noted once a press, and refused in the bin's words."""

from pathlib import Path

import pytest
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from edge.bin_socket.client import BinUnreachableError
from edge.bin_socket.messages import Status, TrayPicture
from edge.bin_socket.protocol import Action, PictureHeader
from edge.errors import RefusedError
from edge.page import app
from edge.page.access.roles import Role
from edge.page.bin_commands import PRESSED_ANEW_S
from edge.page.live import routes as live
from edge.page.set_up import routes as set_up
from hardware.clock import ManualClock
from tests.builders.page import FakeBin, PageRig

HEADER = PictureHeader(
    sequence=1,
    age_s=0.1,
    width=640,
    height=480,
    region=[0.1, 0.05, 0.9, 0.95],
    tray="empty",
    is_empty=True,
    item=None,
)


PATHS = {"/live/do": "/", "/set-up/do": "/set-up"}
"""Where a command is sent -> where a form leads once it is done."""

NOTES = {
    "pause": "paused the bin",
    "go_on": "let the bin go on",
    "home": "sent the flaps home",
    "learn_tray": "had the tray taken anew for empty",
}


@pytest.fixture
def link() -> FakeBin:
    link = FakeBin()
    link.tell(Status({"tray": "empty", "paused": True, "flaps": "home"}, 0.0))
    return link


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def rig(tmp_path: Path, link: FakeBin, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> PageRig:
    class Rooms:
        @staticmethod
        def routes() -> list[BaseRoute]:
            return [*live.routes(clock), *set_up.routes(clock)]

    monkeypatch.setattr(app, "ROOMS", (*(one for one in app.ROOMS if one not in (live, set_up)), Rooms))
    return PageRig(tmp_path, bin_link=link)


@pytest.fixture
def browser(rig: PageRig) -> TestClient:
    return rig.visitor()


def notes(rig: PageRig) -> list[str]:
    return [one["what"] for one in rig.door.audit.newest(50)]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("do", ["pause", "go_on", "home", "learn_tray"])
def test_a_command_is_passed_on_and_noted(browser: TestClient, rig: PageRig, link: FakeBin, path: str, do: str) -> None:
    answer = browser.post(path, data={"do": do})
    assert (answer.status_code, answer.headers["location"]) == (303, PATHS[path])
    assert browser.post(path, json={"do": do}).json() == {"ok": True}
    assert link.asked == [(Action(do), None, None)] * 2
    assert notes(rig) == [NOTES[do]] * 2


def test_a_held_button_is_passed_on_each_time_and_noted_once(
    browser: TestClient, rig: PageRig, link: FakeBin, clock: ManualClock
) -> None:
    jog = {"do": "jog", "bin": "glass", "to": "open"}
    for _ in range(5):
        assert browser.post("/set-up/do", json=jog).json() == {"ok": True}
        clock.advance(0.2)
    assert link.asked == [(Action.JOG, "glass", "open")] * 5
    assert notes(rig) == ["moved the flap of glass by hand"]
    clock.advance(PRESSED_ANEW_S)
    browser.post("/set-up/do", json=jog)
    browser.post("/set-up/do", json={**jog, "bin": "metal"})
    assert len(notes(rig)) == 3


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("error", [RefusedError("not while an item is under way"), BinUnreachableError("gone")])
def test_a_refusal_is_said_and_not_noted(
    browser: TestClient, rig: PageRig, link: FakeBin, path: str, error: Exception
) -> None:
    link.answers = {Action.JOG: error, Action.HOME: error}
    answer = browser.post(path, json={"do": "jog", "bin": "glass", "to": "open"})
    assert (answer.status_code, str(error) in answer.text) == (409, True)
    answer = browser.post(path, data={"do": "home"})
    assert (answer.status_code, str(error) in answer.text) == (409, True)
    assert notes(rig) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"do": "look"},
        {"do": ["jog"]},
        {"do": []},
        {"do": "open"},
        {"do": "jog"},
        {"do": "jog", "bin": "", "to": "open"},
        {"do": "jog", "bin": "g" * 101, "to": "open"},
        {"do": "jog", "bin": "glass", "to": "away"},
    ],
)
def test_anything_else_is_refused(browser: TestClient, link: FakeBin, body: object) -> None:
    for path in PATHS:
        assert browser.post(path, json=body).status_code == 400
        assert browser.post(path, data={"do": "jog"}).status_code == 400
        assert browser.post(path, content="{", headers={"Content-Type": "application/json"}).status_code == 400
    assert link.asked == []


@pytest.mark.parametrize("do", ["pause", "go_on"])
def test_who_may_teach_pauses_the_bin(rig: PageRig, link: FakeBin, do: str) -> None:
    assert rig.visitor(Role.TEACH).post("/live/do", json={"do": do}).json() == {"ok": True}
    assert rig.visitor(Role.LOOK).post("/live/do", json={"do": do}).status_code == 403
    assert len(link.asked) == 1


@pytest.mark.parametrize("role", [Role.LOOK, Role.TEACH])
@pytest.mark.parametrize("path", PATHS)
def test_only_who_may_set_up_moves_something(rig: PageRig, link: FakeBin, path: str, role: Role) -> None:
    for command in ({"do": "home"}, {"do": "learn_tray"}, {"do": "jog", "bin": "glass", "to": "open"}):
        assert rig.visitor(role).post(path, json=command).status_code == 403
        assert rig.stranger().post(path, json=command).status_code == 401
    assert link.asked == []


@pytest.mark.parametrize("role", [Role.LOOK, Role.TEACH])
def test_only_who_may_set_up_sees_the_tray_there(rig: PageRig, role: Role) -> None:
    assert rig.visitor(role).get("/set-up/picture/1").status_code == 403


def test_the_picture_says_where_the_tray_is(browser: TestClient, link: FakeBin) -> None:
    link.picture = TrayPicture(HEADER, b"jpeg")
    answer = browser.get("/set-up/picture/1")
    assert (answer.content, answer.headers["content-type"]) == (b"jpeg", "image/jpeg")
    assert answer.headers["x-tray-region"] == "0.1000,0.0500,0.9000,0.9500"
    link.lose("the bin does not run")
    assert browser.get("/set-up/picture/2").status_code == 503


def test_buttons_that_are_held_are_off_unless_paused(browser: TestClient, link: FakeBin) -> None:
    assert 'data-to="open" aria-describedby="paused-hint">' in browser.get("/set-up").text
    link.tell(Status({"tray": "empty", "paused": False}, 0.0))
    assert 'data-to="open" aria-describedby="paused-hint" disabled>' in browser.get("/set-up").text


def test_without_a_bin_nothing_moves(page: PageRig) -> None:
    for path in PATHS:
        assert page.visitor().post(path, data={"do": "home"}).status_code == 400
    assert page.visitor().get("/set-up/picture/1").status_code == 404
