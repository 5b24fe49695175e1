"""The navigation lists what a visitor may use, and says where they are."""

import re

import pytest

from edge.page.access.roles import Role
from edge.page.navigation import Place
from tests.builders.page import PageRig

FURTHER = re.compile(r"<details>.*?</details>", re.DOTALL)
"""What a phone shows behind "More"."""


def links(html: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', html)


@pytest.mark.parametrize(
    ("role", "further"),
    [(Role.LOOK, []), (Role.TEACH, ["/try", "/figures"]), (Role.SET_UP, ["/try", "/figures", "/set-up"])],
)
def test_a_phone_has_five_places_and_the_rest_behind_the_last(page: PageRig, role: Role, further: list[str]) -> None:
    html = page.visitor(role).get("/").text
    bar = html.partition("<nav")[2].partition("</nav>")[0]
    behind = "".join(FURTHER.findall(bar))
    assert links(behind) == further
    beside = links(FURTHER.sub("", bar))
    assert beside[-len(further) :] == further or not further  # where there is room
    assert bar.count('class="wide-only"') == len(further)


def test_where_somebody_is_is_said_also_below_a_page(page: PageRig) -> None:
    client = page.visitor()
    assert '<a href="/items" aria-current="page">' in client.get("/items").text
    below = client.get("/set-up/checks").text
    assert '<a href="/set-up" aria-current="true">' in below
    assert '<summary aria-current="true">' in below
    assert "<summary aria-current" not in client.get("/items").text


@pytest.mark.parametrize(("path", "current"), [("/", "page"), ("/items", None)])
def test_nothing_is_below_the_first_page(path: str, current: str | None) -> None:
    assert Place("/", "Live").current(path) == current


def test_names_that_only_begin_alike_are_no_pages_below() -> None:
    assert Place("/try", "Try").current("/tryst") is None
