"""The keyboard alone is enough, and shows where it is."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.chromium import DESKTOP, PHONE, Screen, open_context
from tests.page.conftest import OpenPage
from tests.page.password import NAME, PASSWORD
from tests.page.rooms import ROOMS, Room
from tests.page.simulated_bin import BinWithPage, simulated_bin

pytestmark = pytest.mark.browser

MOST_STOPS = 400

STOP = """() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return null;
  const look = getComputedStyle(one), box = one.getBoundingClientRect();
  return {
    name: one.outerHTML.slice(0, 120),
    shows: look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2 && box.width > 0 && box.bottom > 0
      && box.top < innerHeight,
  };
}"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector}: not reached by {MOST_STOPS} times Tab")


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=lambda one: one.name)
@pytest.mark.parametrize("room", ROOMS, ids=lambda one: one.name)
def test_every_stop_of_the_tab_key_shows_where_it_is(
    open_page: OpenPage, the_bin: BinWithPage, room: Room, screen: Screen
) -> None:
    page = open_page(screen, is_owner=not room.is_open)
    room.show(page, the_bin.address)
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            break
        stops.append(stop)
    assert stops
    assert [stop["name"] for stop in stops if not stop["shows"]] == []


def test_a_phone_has_every_place_within_reach(open_page: OpenPage, the_bin: BinWithPage) -> None:
    page = open_page(PHONE)
    page.goto(the_bin.address)
    bar = page.get_by_role("navigation")
    assert bar.get_by_role("link").all_inner_texts() == ["Live", "Items", "Review", "Teach"]
    tab_to(page, ".places summary")
    page.keyboard.press("Enter")
    assert bar.get_by_role("link").all_inner_texts()[4:] == ["Try", "Figures", "Set up"]
    tab_to(page, '.places details [href="/set-up"]')
    page.keyboard.press("Enter")
    page.wait_for_url(the_bin.address + "/set-up")
    expect(page.locator(".places summary")).to_have_attribute("aria-current", "true")


def test_a_flap_is_moved_and_goes_home(open_page: OpenPage, the_bin: BinWithPage) -> None:
    page = open_page()
    page.goto(the_bin.address + "/set-up")
    tab_to(page, 'button[value="pause"]')
    page.keyboard.press("Enter")
    expect(page.get_by_text("The bin is paused.")).to_be_visible()
    tab_to(page, ".hold[data-to=open]")
    page.keyboard.down(" ")
    expect(page.locator("[data-fact=flaps]")).to_have_text("moved by hand, and still out:")
    page.keyboard.up(" ")
    page.locator("body").press("Home")
    page.locator('button[value="go_on"]').focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The bin is not paused.")).to_be_visible()
    expect(page.locator("[data-fact=flaps]")).not_to_have_text("moved by hand, and still out:")


def test_the_trays_region_is_moved(open_page: OpenPage, the_bin: BinWithPage) -> None:
    page = open_page()
    page.goto(the_bin.address + "/set-up")
    expect(page.locator(".corner").first).to_be_visible()
    tab_to(page, '[data-corner="right-bottom"]')
    right = page.locator("input[name=right]")
    was = float(right.input_value())
    for key in ("ArrowLeft", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    assert float(right.input_value()) == pytest.approx(was - 5.5)
    page.get_by_role("button", name="Look at the change").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What changes")).to_be_visible()
    expect(page.locator("pre").first).to_contain_text("region: [0, 0, 0.945, 1]")
    page.get_by_role("link", name="Leave it").press("Enter")


def test_the_first_stop_leads_past_the_navigation(open_page: OpenPage, the_bin: BinWithPage) -> None:
    page = open_page()
    page.goto(the_bin.address + "/items")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


def test_first_visit_and_log_in(browser: Browser, tmp_path: Path) -> None:
    with simulated_bin(tmp_path) as one, open_context(browser, DESKTOP) as context:
        page = context.new_page()
        page.goto(one.start_page())
        for field, text in (("name", NAME), ("password", PASSWORD), ("again", PASSWORD)):
            tab_to(page, f"input[name={field}]")
            page.keyboard.type(text)
        page.keyboard.press("Enter")
        page.wait_for_url(one.address + "/")
        context.clear_cookies()
        page.goto(one.address + "/items")
        page.keyboard.type(NAME)  # the first field has the focus
        tab_to(page, "input[name=password]")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(one.address + "/items")


def test_review(open_page: OpenPage, the_bin: BinWithPage) -> None:
    page = open_page()
    page.goto(the_bin.address + "/review")
    shown = page.locator(".decision:visible")
    first = shown.get_attribute("data-event")
    page.keyboard.press("2")
    expect(page.locator("#said")).not_to_be_empty()
    assert shown.get_attribute("data-event") != first
    page.keyboard.press("u")
    assert shown.get_attribute("data-event") == first


def test_correct_an_item(open_page: OpenPage, the_bin: BinWithPage) -> None:
    page = open_page()
    page.goto(the_bin.address + "/items")
    item = page.locator(".item", has_text=page.locator(".item .facts").first.inner_text()).first
    tab_to(page, ".item summary")
    page.keyboard.press("Enter")
    tab_to(page, ".item select")
    was = item.locator("select").input_value()
    page.keyboard.press("ArrowDown" if was != item.locator("option").last.inner_text() else "ArrowUp")
    becomes = item.locator("select").input_value()
    assert becomes != was
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(item).to_contain_text(f"It was {becomes}.")
