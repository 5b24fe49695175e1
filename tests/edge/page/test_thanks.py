"""The screen on the bin: who sees it, and what it shows."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from edge.bin_socket.messages import Decided, Status
from edge.page.access.roles import Role
from edge.page.app import make_app
from edge.page.page_state import PageState
from edge.page.thanks.routes import ThanksRoom
from tests.builders.page import SETTINGS, FakeBin, PageRig

READY: dict[str, Any] = {"tray": "empty", "ready": True, "alarms": []}

LOOPBACK = "127.0.0.1"


@pytest.fixture
def rig(tmp_path: Path) -> PageRig:
    bin_ = FakeBin()
    bin_.tell(Status(READY, 0.0))
    return PageRig(tmp_path, bin_link=bin_)


def test_the_screen_needs_no_account_and_neither_does_a_first_visit_hold_it_back(rig: PageRig) -> None:
    assert "Ready" in rig.stranger(LOOPBACK).get("/thanks").text
    rig.account(Role.SET_UP)
    assert "Ready" in rig.stranger(LOOPBACK).get("/thanks").text
    assert rig.stranger("192.168.1.20").get("/thanks").headers["location"].startswith("/log-in")
    assert rig.stranger(LOOPBACK).get("/thanks", headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 303


def test_it_is_served_over_plain_http_on_the_bin_alone(rig: PageRig, tmp_path: Path) -> None:
    rig.account(Role.SET_UP)
    rig.app = make_app(PageState(SETTINGS, None, rig.door), tls_port=8443)
    assert rig.stranger(LOOPBACK).get("/thanks").status_code == 200
    assert rig.stranger("192.168.1.20").get("/thanks").headers["location"] == "https://localhost:8443/thanks"
    assert rig.stranger(LOOPBACK).get("/items").headers["location"] == "https://localhost:8443/items"


def test_only_the_newest_items_picture_is_shown(rig: PageRig) -> None:
    assert rig.stranger(LOOPBACK).get("/thanks/picture/1-1").status_code == 404


def test_an_item_is_shown_with_its_bin_and_a_lost_bin_is_told(rig: PageRig) -> None:
    bin_ = rig.app._app.state.page.bin  # type: ignore[attr-defined]  # the application within the headers
    scope = {"type": "http", "app": rig.app._app, "path": "/thanks", "headers": [], "server": ("localhost", 80)}  # type: ignore[attr-defined]
    request = Request({**scope, "scheme": "http", "query_string": b"", "client": (LOOPBACK, 1)})

    async def watch() -> None:
        told = ThanksRoom()._news(request, bin_)
        assert "Ready" in await anext(told)
        bin_.tell(Status(READY, 0.0))  # nothing new
        bin_.tell(Decided({"number": 3, "label": "<glass>", "bin": "metal"}))
        item = await anext(told)
        assert item.startswith("event: item\n")
        html = json.loads(item.split("data: ")[1])
        assert "&lt;glass&gt;" in html
        assert [one for one in html.split("<li")[1:] if "aria-current" in one] == [
            one for one in html.split("<li")[1:] if ">metal<" in one
        ]
        bin_.lose("the bin has stopped")
        assert "The bin does not answer" in await anext(told)

    asyncio.run(asyncio.wait_for(watch(), 30))
