"""Tests of the guards, on endpoints of their own."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from edge.page.access.door import PageDoor
from edge.page.access.needs import kiosk, needs, socket_needs
from edge.page.access.origin import OriginCheck
from edge.page.access.roles import Role
from edge.page.access.visitors import COOKIE, Visitors
from edge.page.https_redirect import HttpsRedirect
from hardware.clock import ManualClock

PASSWORD = "correct horse"


@socket_needs(Role.LOOK)
async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


@kiosk
async def thanks(_: Request) -> Response:
    return PlainTextResponse("thanks")


@needs(Role.TEACH)
async def teach(_: Request) -> Response:
    return PlainTextResponse("taught")


ROUTES = [WebSocketRoute("/talk", talk), Route("/thanks", thanks), Route("/teach", teach, methods=["GET", "POST"])]


@pytest.fixture
def door(tmp_path: Path) -> PageDoor:
    return PageDoor(tmp_path / "page", ManualClock())


def browser(door: PageDoor, role: Role | None = None, address: str = "192.168.1.20") -> TestClient:
    app = Starlette(routes=ROUTES, middleware=[Middleware(OriginCheck), Middleware(Visitors, door=door)])
    client = TestClient(app, base_url="http://localhost", client=(address, 50_000))
    if role is not None:
        client.cookies.set(COOKIE, door.open_session(door.accounts.add(role.replace(" ", "-"), role, PASSWORD)))
    return client


def test_a_websocket_is_for_who_is_logged_in(door: PageDoor) -> None:
    with browser(door, Role.LOOK).websocket_connect("ws://localhost/talk") as socket:
        assert socket.receive_text() == "hello"
    with pytest.raises(WebSocketDisconnect), browser(door).websocket_connect("ws://localhost/talk"):
        raise AssertionError("it was accepted")


def test_another_site_opens_no_websocket_in_a_visitors_name(door: PageDoor) -> None:
    client = browser(door, Role.LOOK)
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("ws://localhost/talk", headers={"Origin": "http://evil.example"}),
    ):
        raise AssertionError("it was accepted")
    with client.websocket_connect("ws://localhost/talk", headers={"Origin": "http://localhost"}) as socket:
        assert socket.receive_text() == "hello"


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.168.1.20", {}, 401),
        ("127.0.0.1", {"X-Forwarded-For": "192.168.1.20"}, 401),
        ("127.0.0.1", {"Forwarded": "for=192.168.1.20"}, 401),
    ],
)
def test_a_kiosk_is_a_screen_on_the_bin_itself(
    door: PageDoor, address: str, headers: dict[str, str], status: int
) -> None:
    assert browser(door, address=address).get("/thanks", headers=headers).status_code == status


def test_who_is_logged_in_sees_what_the_kiosk_shows(door: PageDoor) -> None:
    assert browser(door, Role.LOOK).get("/thanks").status_code == 200


@pytest.mark.parametrize(("role", "status"), [(Role.LOOK, 403), (Role.TEACH, 200), (Role.SET_UP, 200)])
def test_a_role_includes_the_ones_before_it(door: PageDoor, role: Role, status: int) -> None:
    assert browser(door, role).get("/teach").status_code == status


def test_a_script_that_is_not_logged_in_is_told_so(door: PageDoor) -> None:
    assert browser(door).post("/teach").status_code == 401
    assert browser(door).get("/teach", headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("bin-7.local:8080", "https://bin-7.local:8443/teach?x=1"),
        ("[fe80::1]:8080", "https://[fe80::1]:8443/teach?x=1"),
        ("192.168.1.9", "https://192.168.1.9:8443/teach?x=1"),
    ],
)
def test_plain_http_leads_to_tls(host: str, target: str) -> None:
    app = HttpsRedirect(Starlette(routes=ROUTES), port=8443)
    client = TestClient(app, follow_redirects=False)
    answer = client.get("/teach?x=1", headers={"Host": host})
    assert (answer.status_code, answer.headers["location"]) == (308, target)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("ws://localhost/talk"):
        raise AssertionError("it was accepted")
    secure = TestClient(app, base_url="https://localhost", client=("127.0.0.1", 1))
    assert secure.get("/thanks").status_code == 200
