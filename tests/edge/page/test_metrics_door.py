"""Who gets the figures over the page, and that they are those of the link."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from edge.link.metrics_server import MetricsServer
from edge.page.access.roles import Role
from edge.page.metrics import metrics
from tests.builders.page import SETTINGS, PageRig

TOKEN = "f" * 32


def make_rig(folder: Path, port: int | None, *, token: str | None = TOKEN) -> PageRig:
    file = folder / "token"
    if token is not None:
        file.write_text(f"{token}\n# a note\n")
    rig = PageRig(folder, settings=replace(SETTINGS, metrics_port=port, metrics_token_file=file))
    rig.account(Role.SET_UP)
    return rig


def test_whoever_has_the_token_gets_what_the_link_says(tmp_path: Path) -> None:
    async def ask() -> Response:
        async with MetricsServer(lambda: "sorter_up 1\n").listening(0) as port:
            rig = make_rig(tmp_path, port)
            headers = [(b"authorization", f"Bearer {TOKEN}".encode())]
            scope = {"type": "http", "method": "GET", "path": "/metrics", "headers": headers, "app": Application(rig)}
            return await metrics(Request(scope))

    answer = asyncio.run(ask())
    assert answer.body == b"sorter_up 1\n"
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


class Application:
    """As much of one as a request needs to find the page's state."""

    def __init__(self, rig: PageRig) -> None:
        self.state = rig.app._app.state  # behind the security headers


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ("", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        (f"Basic {TOKEN}", 401),
        ("Bearer ", 401),
        (f"Bearer {TOKEN}", 503),
    ],
)
def test_nobody_else_gets_anything(tmp_path: Path, shown: str, status: int) -> None:
    rig = make_rig(tmp_path, 1)  # nobody listens there
    answer = rig.stranger().get("/metrics", headers={"Authorization": shown, "Accept": "*/*"})
    assert answer.status_code == status
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_who_is_logged_in_needs_the_token_as_well(tmp_path: Path) -> None:
    assert make_rig(tmp_path, 1).visitor().get("/metrics").status_code == 401


def test_an_empty_token_opens_nothing_and_one_that_is_gone_is_told(tmp_path: Path) -> None:
    assert (
        make_rig(tmp_path, 1, token="").stranger().get("/metrics", headers={"Authorization": "Bearer "}).status_code
        == 401
    )
    (tmp_path / "token").unlink()
    assert make_rig(tmp_path, 1, token=None).stranger().get("/metrics").status_code == 503


def test_without_figures_or_a_token_there_is_no_such_page(tmp_path: Path) -> None:
    assert make_rig(tmp_path, None).stranger().get("/metrics").status_code == 404
    rig = PageRig(tmp_path / "other", settings=replace(SETTINGS, metrics_port=1))
    rig.account(Role.SET_UP)
    assert rig.stranger().get("/metrics").status_code == 404
