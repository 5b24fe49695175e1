"""What the owner does with the bin now and then: teach a label, try a picture, set up the tray and its light."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.builders.pictures import item_picture, save
from tests.page.chromium import PHONE, Complaints
from tests.page.conftest import OpenPage
from tests.page.simulated_bin import BinWithPage
from tests.page.test_looks import findings
from tests.processes import until

pytestmark = pytest.mark.browser

LABEL = "what lies there"


SORTS_S = 120.0
"""Longest time until the bin has sorted another item by what it was taught, in seconds."""


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def newest_item(page: Page, address: str) -> str:
    """What the page says of the item that was sorted last, and why."""
    page.goto(f"{address}/items")
    return page.locator(".item").first.text_content() or ""


def test_a_label_is_taught_and_used(open_page: OpenPage, the_bin: BinWithPage) -> None:
    page = open_page(PHONE)
    page.goto(the_bin.address + "/teach")
    page.get_by_label("Label").fill(LABEL)
    press(page, "Begin")
    looks = page.locator("#looks img")  # of what lies there, by itself: things go on to come
    expect(looks.nth(2)).to_be_visible()
    assert int(page.locator("#count").inner_text()) >= 3
    assert findings(page) == []
    press(page, "Keep them")
    expect(page.locator(".said")).to_contain_text("taught")
    expect(page.locator("#late")).to_contain_text(LABEL)
    try:
        press(page, "See what it has learnt")
        use = page.get_by_role("button", name="Use it from now on")
        expect(use).to_be_visible()
        assert findings(page) == []
        use.click()
        expect(page.locator(".said")).to_contain_text("In use")
        # The bin sorts by it: its label is among those that an item gets probabilities for.
        assert until(lambda: LABEL in newest_item(page, the_bin.address), SORTS_S)
    finally:
        page.goto(the_bin.address + "/teach?whole=1")
        press(page, "Back to the one before")
        expect(page.locator(".said")).to_contain_text("The one before is in use again")
        press(page, "Undo the last change")
        expect(page.locator(".said")).to_contain_text("The last change was undone.")
        expect(page.locator("#late")).not_to_contain_text(LABEL)


def test_a_picture_is_tried(open_page: OpenPage, the_bin: BinWithPage, tmp_path: Path) -> None:
    page = open_page(PHONE)
    page.goto(the_bin.address + "/try")
    picture = save(tmp_path / "thing.png", item_picture(width=640, height=480))
    page.get_by_label("or choose one").set_input_files(picture)
    press(page, "What is it?")
    answer = page.locator(".trial")
    expect(answer).to_be_visible()
    for picture_of in ("What the model saw", "What it looked at"):
        shown = answer.get_by_role("img", name=picture_of, exact=True)
        expect(shown).to_have_js_property("complete", True)
        assert shown.evaluate("(one) => one.naturalWidth") > 0
    assert answer.locator("meter").count() > 1
    assert findings(page) == []


def test_what_is_no_picture_is_refused(
    open_page: OpenPage, the_bin: BinWithPage, complaints: Complaints, tmp_path: Path
) -> None:
    complaints.expected += ["400: ", "status of 400"]
    page = open_page(PHONE)
    page.goto(the_bin.address + "/try")
    text = tmp_path / "thing.jpg"
    text.write_text("no picture", encoding="utf-8")
    page.get_by_label("or choose one").set_input_files(text)
    press(page, "What is it?")
    expect(page.get_by_role("alert")).to_contain_text("no picture that can be used")


def test_the_light_is_judged_while_the_bin_is_paused(open_page: OpenPage, the_bin: BinWithPage) -> None:
    page = open_page(PHONE)
    page.goto(the_bin.address + "/set-up")
    look = page.get_by_role("button", name="Look at the light")
    expect(look).to_be_disabled()
    press(page, "Pause")
    expect(page.get_by_text("The bin is paused.")).to_be_visible()
    try:
        look.click()
        expect(page.get_by_text("Brightness")).to_be_visible()
        assert findings(page) == []
    finally:
        press(page, "Go on")
    expect(page.get_by_text("The bin is not paused.")).to_be_visible()


def test_a_key_is_changed_and_the_version_before_comes_back(open_page: OpenPage, the_bin: BinWithPage) -> None:
    was = the_bin.config.read_bytes()
    page = open_page(PHONE)
    page.goto(the_bin.address + "/set-up/configuration")
    section = page.locator("details", has=page.get_by_text("camera", exact=True))
    section.locator("summary").click()
    section.get_by_label("fps").fill("14")
    section.get_by_role("button", name="Look at the change").click()
    expect(page.locator("pre").first).to_contain_text("+  fps: 14")
    assert findings(page) == []
    press(page, "Write it")
    expect(page.get_by_text("It is written.")).to_be_visible()
    assert b"  fps: 14" in the_bin.config.read_bytes()
    page.get_by_role("button", name="Back to this one").first.click()
    expect(page.get_by_text("It is written.")).to_be_visible()
    assert the_bin.config.read_bytes() == was
