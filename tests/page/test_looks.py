"""Every page on a phone and on a desk, light and dark: fit for everybody, within its screen, without complaints."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.page.chromium import DESKTOP, PHONE, Scheme, Screen
from tests.page.conftest import OpenPage
from tests.page.rooms import ROOMS, Room
from tests.page.simulated_bin import BinWithPage

pytestmark = pytest.mark.browser

SMALLEST_TARGET_PX = 44

TARGETS = "button, select, summary, nav a, a.button, header a, input:not([type=hidden]):not([type=checkbox]):not([type=radio])"
"""What is touched; links within a sentence are not meant."""

SMALL = """([selector, least]) => [...document.querySelectorAll(selector)]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
  .filter(([, box]) => box.height > 0 && (box.height < least || box.width < least))
  .map(([html, box]) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${html}`)"""

CUT = """(selector) => [...document.querySelectorAll(selector)]
  .filter((one) => one.checkVisibility() && one.tagName !== "INPUT" && one.tagName !== "SELECT")
  .filter((one) => one.scrollWidth > Math.ceil(one.getBoundingClientRect().width) + 1)
  .map((one) => one.outerHTML.slice(0, 120))"""
"""What is touched and has words that are wider than itself."""

OPEN_ALL = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"


def findings(page: Page) -> list[str]:
    """What axe finds: rule, what it asks for, and where."""
    violations: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for one in violations
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=lambda one: one.name)
@pytest.mark.parametrize("room", ROOMS, ids=lambda one: one.name)
def test_a_page_is_fit_for_everybody(
    open_page: OpenPage, the_bin: BinWithPage, room: Room, screen: Screen, scheme: Scheme
) -> None:
    page = open_page(screen, scheme, is_owner=not room.is_open)
    room.show(page, the_bin.address)
    page.evaluate(OPEN_ALL)
    assert findings(page) == []
    assert page.evaluate(SMALL, [TARGETS, SMALLEST_TARGET_PX]) == []
    assert page.evaluate(CUT, TARGETS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= screen.width


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=lambda one: one.name)
@pytest.mark.parametrize("room", ROOMS, ids=lambda one: one.name)
def test_a_page_is_there_in_german(open_page: OpenPage, the_bin: BinWithPage, room: Room, screen: Screen) -> None:
    page = open_page(screen, is_owner=not room.is_open, locale="de-DE")
    room.show(page, the_bin.address)
    assert page.locator("html").get_attribute("lang") == "de"
    page.evaluate(OPEN_ALL)
    assert page.evaluate(SMALL, [TARGETS, SMALLEST_TARGET_PX]) == []
    assert page.evaluate(CUT, TARGETS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= screen.width
