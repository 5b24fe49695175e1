"""What is done by hand from the page: passed on to the bin, noted once a press, and refused in the bin's words."""

from pathlib import Path

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from edge.bin_socket.client import BinUnreachableError
from edge.bin_socket.messages import Status, TrayPicture
from edge.bin_socket.protocol import Action, PictureHeader
from edge.errors import RefusedError
from edge.page import app
from edge.page.access.roles import Role
from edge.page.set_up import routes as set_up
from edge.page.set_up.hand_commands import PRESSED_ANEW_S
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
    class Room:
        @staticmethod
        def routes() -> list[Route]:
            return [one for one in set_up.routes(clock) if isinstance(one, Route)]

    monkeypatch.setattr(app, "ROOMS", (*(one for one in app.ROOMS if one is not set_up), Room))
    return PageRig(tmp_path, bin_link=link)


@pytest.fixture
def browser(rig: PageRig) -> TestClient:
    return rig.visitor()


def notes(rig: PageRig) -> list[str]:
    return [one["what"] for one in rig.door.audit.newest(50)]


@pytest.mark.parametrize("do", ["pause", "go_on", "home", "learn_tray"])
def test_a_command_is_passed_on_and_noted(browser: TestClient, rig: PageRig, link: FakeBin, do: str) -> None:
    answer = browser.post("/set-up/do", data={"do": do})
    assert (answer.status_code, answer.headers["location"]) == (303, "/set-up")
    assert link.asked == [(Action(do), None, None)]
    assert len(notes(rig)) == 1


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


@pytest.mark.parametrize("error", [RefusedError("not while an item is under way"), BinUnreachableError("gone")])
def test_a_refusal_is_said_and_not_noted(browser: TestClient, rig: PageRig, link: FakeBin, error: Exception) -> None:
    link.answers = {Action.JOG: error, Action.HOME: error}
    answer = browser.post("/set-up/do", json={"do": "jog", "bin": "glass", "to": "open"})
    assert (answer.status_code, str(error) in answer.text) == (409, True)
    answer = browser.post("/set-up/do", data={"do": "home"})
    assert (answer.status_code, str(error) in answer.text) == (409, True)
    assert notes(rig) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"do": "look"},
        {"do": ["jog"]},
        {"do": "jog"},
        {"do": "jog", "bin": "", "to": "open"},
        {"do": "jog", "bin": "g" * 101, "to": "open"},
        {"do": "jog", "bin": "glass", "to": "away"},
    ],
)
def test_anything_else_is_refused(browser: TestClient, link: FakeBin, body: object) -> None:
    assert browser.post("/set-up/do", json=body).status_code == 400
    assert browser.post("/set-up/do", data={"do": "jog"}).status_code == 400
    assert link.asked == []


@pytest.mark.parametrize("role", [Role.LOOK, Role.TEACH])
def test_only_who_may_set_up_moves_something(rig: PageRig, link: FakeBin, role: Role) -> None:
    assert rig.visitor(role).post("/set-up/do", data={"do": "home"}).status_code == 403
    assert rig.visitor(role).get("/set-up/picture/1").status_code == 403
    stranger = rig.stranger()
    assert stranger.post("/set-up/do", json={"do": "home"}).status_code == 401
    assert link.asked == []


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
    assert page.visitor().post("/set-up/do", data={"do": "home"}).status_code == 400
    assert page.visitor().get("/set-up/picture/1").status_code == 404
