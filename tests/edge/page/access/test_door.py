"""The door as a visitor meets it: first visit, log-in, roles, forms, and the ways out."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from edge.page.access.attempts import FREE
from edge.page.access.first_visit import OPEN_S, FirstVisit
from edge.page.access.needs import local_path
from edge.page.access.roles import Role
from edge.page.access.session import IDLE_S, RENEW_S
from edge.page.access.visitors import COOKIE
from hardware.clock import ManualClock
from tests.builders.page import PASSWORD, PageRig

HERE = "127.0.0.1"


def sign_up(page: PageRig, client: TestClient, **changes: str) -> int:
    form = {"code": page.door.first_visit.code, "name": "ada", "password": PASSWORD, "again": PASSWORD}
    return client.post("/first-visit", data=form | changes).status_code


def log_in(client: TestClient, name: str = "set-up", password: str = PASSWORD) -> int:
    return client.post("/log-in", data={"name": name, "password": password, "next": "/account"}).status_code


def test_the_first_visit_makes_an_account_that_may_do_everything(page: PageRig) -> None:
    client = page.stranger(HERE)
    assert client.get("/account").headers["location"] == "/first-visit"
    assert sign_up(page, client, code=page.door.first_visit.code.lower().replace("-", " ")) == 303
    assert client.get("/accounts").status_code == 200
    assert [one.role for one in page.door.accounts.all()] == [Role.SET_UP]
    assert page.door.audit.newest(1)[0]["what"] == "made the first account"


def test_there_is_only_one_first_visit(page: PageRig) -> None:
    assert sign_up(page, page.stranger(HERE)) == 303
    assert sign_up(page, page.stranger(HERE), name="eve") == 303
    assert [one.name for one in page.door.accounts.all()] == ["ada"]


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "AAAA-AAAA"},
        {"code": ""},
        {"again": "another one"},
        {"password": "short", "again": "short"},
        {"name": ""},
    ],
)
def test_a_first_visit_that_is_wrong_makes_nothing(page: PageRig, changes: dict[str, str]) -> None:
    client = page.stranger(HERE)
    assert sign_up(page, client, **changes) == 400
    assert len(page.door.accounts) == 0
    assert client.get("/account").status_code == 303


def test_codes_cannot_be_guessed(page: PageRig) -> None:
    client = page.stranger(HERE)
    for _ in range(FREE):
        sign_up(page, client, code="AAAA-AAAA")
    assert sign_up(page, client) == 400
    assert len(page.door.accounts) == 0
    page.clock.advance(5)
    assert sign_up(page, client) == 303


@pytest.mark.parametrize(("address", "welcome"), [("10.99.99.99", False), ("169.254.1.2", True), (HERE, True)])
def test_the_first_visit_comes_from_near(page: PageRig, address: str, welcome: bool) -> None:
    assert (page.stranger(address).get("/first-visit").status_code == 200) is welcome


def test_after_an_hour_the_first_visit_comes_from_the_bin_itself(page: PageRig) -> None:
    page.clock.advance(OPEN_S)
    assert page.stranger("169.254.1.2").get("/first-visit").status_code == 403
    assert page.stranger(HERE).get("/first-visit").status_code == 200


def test_a_proxy_on_the_bin_does_not_make_its_visitors_near(page: PageRig) -> None:
    page.clock.advance(OPEN_S)
    answer = page.stranger(HERE).get("/first-visit", headers={"X-Forwarded-For": "8.8.8.8"})
    assert answer.status_code == 403


def test_codes_are_new_each_time_and_easy_to_read() -> None:
    codes = {FirstVisit(ManualClock()).code for _ in range(100)}
    assert len(codes) == 100
    assert all(re.fullmatch("[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}", code) for code in codes)


def test_who_logs_in_goes_on_to_where_they_wanted(page: PageRig) -> None:
    page.account(Role.LOOK)
    client = page.stranger()
    first = client.get("/account?x=1")
    assert first.headers["location"] == "/log-in?next=%2Faccount%3Fx%3D1"
    assert "/account?x=1" in client.get(first.headers["location"]).text
    assert log_in(client, "look") == 303
    assert "look" in client.get("/account").text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(page: PageRig) -> None:
    page.account(Role.SET_UP)
    client = page.stranger()
    answer = client.post("/log-in", data={"name": "set-up", "password": PASSWORD})
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert "secure" not in flags
    client.base_url = "https://localhost"
    assert (
        "secure" in client.post("/log-in", data={"name": "set-up", "password": PASSWORD}).headers["set-cookie"].lower()
    )


def test_a_wrong_password_and_a_wrong_name_are_told_alike(page: PageRig) -> None:
    page.account(Role.SET_UP)
    client = page.stranger()
    answers = [
        client.post("/log-in", data={"name": name, "password": "wrong password"}) for name in ("set-up", "no-such")
    ]
    assert {one.status_code for one in answers} == {403}
    assert len({one.text.replace("no-such", "set-up") for one in answers}) == 1


def test_guessing_takes_longer_and_longer(page: PageRig) -> None:
    page.account(Role.SET_UP)
    client = page.stranger()
    assert [log_in(client, password="wrong") for _ in range(FREE)] == [403] * FREE
    answer = client.post("/log-in", data={"name": "set-up", "password": PASSWORD})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    page.clock.advance(2)
    assert log_in(client) == 303


@pytest.mark.parametrize("form", [{}, {"name": "set-up"}, {"name": "x" * 1000, "password": "y" * 5000}])
def test_a_form_that_lacks_something_is_a_wrong_one(page: PageRig, form: dict[str, str]) -> None:
    page.account(Role.SET_UP)
    assert page.stranger().post("/log-in", data=form).status_code == 403


def test_a_file_in_place_of_a_text_is_a_wrong_one(page: PageRig) -> None:
    page.account(Role.SET_UP)
    assert page.stranger().post("/log-in", files={"password": ("x", b"y")}).status_code == 403


@pytest.mark.parametrize(
    ("role", "path", "allowed"),
    [
        (Role.LOOK, "/accounts", False),
        (Role.TEACH, "/accounts", False),
        (Role.SET_UP, "/accounts", True),
        (Role.LOOK, "/account", True),
    ],
)
def test_a_role_may_do_what_it_may(page: PageRig, role: Role, path: str, allowed: bool) -> None:
    assert page.visitor(role).get(path).status_code == (200 if allowed else 403)


def test_a_form_without_the_sessions_token_changes_nothing(page: PageRig) -> None:
    client = page.visitor()
    del client.headers["X-CSRF-Token"]
    form = {"name": "eve", "role": "set up", "password": PASSWORD}
    assert client.post("/accounts/add", data=form).status_code == 403
    assert client.post("/accounts/add", data=form | {"csrf": "0" * 64}).status_code == 403
    assert client.post("/accounts/add", data=form | {"csrf": "ü"}).status_code == 403
    (token,) = set(re.findall('name="csrf" value="([^"]+)"', client.get("/accounts").text))
    assert client.post("/accounts/add", data=form | {"csrf": token}).status_code == 303


def test_a_token_of_another_session_is_no_good(page: PageRig) -> None:
    one, other = page.visitor(), page.visitor()
    one.headers["X-CSRF-Token"] = other.headers["X-CSRF-Token"]
    assert one.post("/log-out").status_code == 403


def test_after_the_log_out_a_copy_of_the_cookie_is_no_good(page: PageRig) -> None:
    client = page.visitor()
    cookie = client.cookies[COOKIE]
    assert client.post("/log-out").status_code == 303
    thief = page.stranger()
    thief.cookies.set(COOKIE, cookie)
    assert thief.get("/account").status_code == 303


@pytest.mark.parametrize("path", ["/account/log-out-everywhere", "/account/password"])
def test_everywhere_means_every_browser(page: PageRig, path: str) -> None:
    one, other = page.visitor(Role.LOOK), page.visitor(Role.LOOK)
    form = {"old": PASSWORD, "password": "a new long one", "again": "a new long one"}
    assert one.post(path, data=form).status_code == 303
    assert other.get("/account").status_code == 303
    # Who changed the password stays in.
    assert one.get("/account").status_code == (200 if path.endswith("password") else 303)


def test_ones_password_is_changed_with_the_old_one(page: PageRig) -> None:
    client = page.visitor()
    form = {"old": "wrong", "password": "a new long one", "again": "a new long one"}
    assert client.post("/account/password", data=form).status_code == 400
    assert client.post("/account/password", data=form | {"old": PASSWORD, "again": "other"}).status_code == 400
    assert client.post("/account/password", data=form | {"old": PASSWORD}).status_code == 303
    assert page.door.accounts.check("set-up", "a new long one") is not None


def test_a_session_in_use_is_renewed_and_one_that_is_not_ends(page: PageRig) -> None:
    client = page.visitor()
    page.clock.advance(RENEW_S + 1)
    assert COOKIE in client.get("/account").headers["set-cookie"]
    assert "set-cookie" not in client.get("/account").headers
    page.clock.advance(IDLE_S + 1)
    assert client.get("/account").status_code == 303


def test_a_log_out_is_not_undone_by_a_renewal(page: PageRig) -> None:
    client = page.visitor()
    page.clock.advance(RENEW_S + 1)
    client.post("/log-out")
    assert client.get("/account").status_code == 303


def test_accounts_are_made_changed_and_removed_and_each_change_is_listed(page: PageRig) -> None:
    client = page.visitor()
    for action, form in (
        ("add", {"name": "bob", "role": "look", "password": PASSWORD}),
        ("role", {"name": "bob", "role": "teach"}),
        ("password", {"name": "bob", "password": "a new long one"}),
        ("remove", {"name": "bob"}),
    ):
        assert client.post(f"/accounts/{action}", data=form).status_code == 303, action
    listed = client.get("/changes").text
    assert all(text in listed for text in ("made account bob", "let account bob teach", "removed account bob"))
    assert PASSWORD not in listed
    assert page.door.accounts.get("bob") is None


@pytest.mark.parametrize(
    ("action", "form", "status"),
    [
        ("remove", {"name": "set-up"}, 400),
        ("add", {"name": "<b>", "role": "look", "password": PASSWORD}, 400),
        ("role", {"name": "set-up", "role": "king"}, 400),
        ("nothing", {"name": "set-up"}, 404),
    ],
)
def test_what_cannot_be_done_to_an_account_is_said(
    page: PageRig, action: str, form: dict[str, str], status: int
) -> None:
    answer = page.visitor().post(f"/accounts/{action}", data=form)
    assert answer.status_code == status
    assert "<b>" not in answer.text


def test_a_damaged_session_key_is_made_anew(page: PageRig, tmp_path: Path) -> None:
    key = tmp_path / "page" / "session.key"
    client = page.visitor()
    cookie = client.cookies[COOKIE]
    key.write_bytes(b"short")
    again = PageRig(tmp_path)
    assert again.door.visitor(cookie) is None
    assert len(key.read_bytes()) == 32
    assert key.stat().st_mode & 0o077 == 0
    cookie = again.door.open_session(again.account(Role.LOOK))
    assert PageRig(tmp_path).door.visitor(cookie) is not None


@pytest.mark.parametrize(
    "text",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "evil",
        "",
        "/a\r\nSet-Cookie: x",
        "/\t/evil.example",
    ],
)
def test_a_log_in_leads_nowhere_else(text: str) -> None:
    assert local_path(text) == "/"
    assert local_path("/items?label=glass") == "/items?label=glass"
