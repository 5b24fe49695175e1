"""The page as a whole: what every answer carries, what is refused before anything else, and its errors."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from edge.page import metrics
from edge.page.access.needs import public
from edge.page.access.roles import Role
from edge.page.app import ROOMS, check_guarded
from tests.builders.page import PageRig


def shown_paths() -> Iterator[str]:
    # Figures are no page: what asks for them is a program with a token, see test_metrics_door.py.
    for room in (one for one in ROOMS if one is not metrics):
        for route in room.routes():
            if isinstance(route, Route) and "GET" in (route.methods or ()) and not route.param_convertors:
                yield route.path


PATHS = tuple(shown_paths())
"""Every page that has an address of its own."""


def test_a_route_must_say_who_may_use_it() -> None:
    async def open_to_all(_: Request) -> Response:
        return PlainTextResponse("secret")

    with pytest.raises(TypeError, match="/secret"):
        check_guarded([Route("/secret", open_to_all)])
    check_guarded([Route("/secret", public(open_to_all))])


@pytest.mark.parametrize("path", [*PATHS, "/nothing", "/static/x/none.css"])
def test_every_answer_has_the_headers(page: PageRig, path: str) -> None:
    answer = page.visitor().get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_is_in_its_language_and_has_no_inline_script_or_style(
    page: PageRig, path: str, language: str
) -> None:
    answer = page.visitor().get(path, headers={"Accept-Language": language}, follow_redirects=True)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert re.findall(r"<title>([^·]+)·", answer.text)
    assert re.findall(r"\son\w+=|\sstyle=|<style|javascript:", answer.text) == []
    assert all('type="application/json"' in one or "src=" in one for one in re.findall(r"<script[^>]*>", answer.text))


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_is_led_to_the_log_in(page: PageRig, path: str) -> None:
    page.account(Role.SET_UP)
    answer = page.stranger().get(path)
    if path in ("/log-in", "/first-visit"):
        assert answer.status_code in (200, 303)
    else:
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/log-in")


def test_an_unexpected_error_tells_nothing_of_itself(page: PageRig, monkeypatch: pytest.MonkeyPatch) -> None:
    client = page.visitor()

    def fail(*_: object) -> None:
        raise RuntimeError("secret path /var/lib")

    monkeypatch.setattr(page.door.audit, "newest", fail)
    with pytest.raises(RuntimeError):  # the server logs it
        client.get("/changes")
    client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    answer = client.get("/changes")
    assert answer.status_code == 500
    assert "secret path" not in answer.text
    assert "content-security-policy" in answer.headers


def test_scripts_get_errors_as_json(page: PageRig) -> None:
    answer = page.visitor().get("/nothing", headers={"Accept": "application/json"})
    assert (answer.status_code, "error" in answer.json()) == (404, True)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "", "[::1", "localhost.evil.example"])
def test_a_foreign_host_name_is_refused(page: PageRig, host: str) -> None:
    answer = page.visitor().get("/", headers={"Host": host})
    assert answer.status_code == 400


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "192.168.1.9:8080", "[fe80::1]:8080"])
def test_the_bins_name_and_addresses_are_its_own(page: PageRig, host: str) -> None:
    page.account(Role.SET_UP)
    assert page.stranger().get("/log-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_what_another_site_sends_is_refused(page: PageRig, headers: dict[str, str]) -> None:
    client = page.visitor()
    assert client.post("/log-out", headers=headers).status_code == 403
    assert client.post("/log-out", headers={"Origin": "http://localhost"}).status_code == 303


def test_a_large_body_is_refused(page: PageRig) -> None:
    page.account(Role.SET_UP)
    answer = page.stranger().post("/log-in", data={"name": "a" * 100_000})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path", ["/static/../../../../etc/passwd", "/static/x/../app.py", "/static/x/%2e%2e/%2e%2e/app.py", "//etc/passwd"]
)
def test_no_path_leads_to_a_file(page: PageRig, path: str) -> None:
    assert page.visitor().get(path).status_code in (303, 307, 404)


def test_static_files_are_kept_for_ever_by_their_hash(page: PageRig) -> None:
    client = page.stranger()
    page.account(Role.SET_UP)
    (address,) = re.findall(r'href="(/static/\w+/style.css)"', client.get("/log-in").text)
    answer = client.get(address)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/css")
    assert ".card" in answer.text
    assert "immutable" not in client.get("/static/000000000000/style.css").headers["cache-control"]


@pytest.mark.parametrize(("scheme", "is_secure"), [("http", False), ("https", True)])
def test_by_tls_the_language_is_never_sent_without(page: PageRig, scheme: str, is_secure: bool) -> None:
    page.account(Role.SET_UP)
    answer = page.stranger().post(f"{scheme}://localhost/language", data={"language": "de", "next": "/"})
    assert ("Secure" in answer.headers["set-cookie"]) is is_secure


def test_the_language_that_was_chosen_stays(page: PageRig, tmp_path: Path) -> None:
    client = page.visitor()
    client.post("/language", data={"language": "de", "next": "/account"})
    assert "Abmelden" in client.get("/account").text
    assert client.post("/language", data={"language": "xx", "next": "//evil.example"}).headers["location"] == "/"
