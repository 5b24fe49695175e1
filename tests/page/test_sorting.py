"""The owner watches the bin, puts it right, and is told when it is gone."""

import re

import pytest
from playwright.sync_api import expect

from tests.page.chromium import PHONE
from tests.page.conftest import OpenPage
from tests.page.simulated_bin import BinWithPage

pytestmark = pytest.mark.browser

LONGEST_TAP_MS = 200

TAP_TO_SEEN = """async () => {
  const shown = () => [...document.querySelectorAll(".decision")].find((one) => !one.hidden);
  const first = shown(), begin = performance.now();
  first.querySelector(".answer").click();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return shown() !== first && document.getElementById("said").textContent !== "" ? performance.now() - begin : null;
}"""


def test_an_item_comes_and_is_corrected(open_page: OpenPage, the_bin: BinWithPage) -> None:
    page = open_page(PHONE)
    page.goto(the_bin.address)
    expect(page.locator("#picture")).to_be_visible()
    newest = page.locator("#recent li").first
    was = newest.inner_html()
    expect(newest).not_to_have_js_property("innerHTML", was)
    page.get_by_role("link", name="Items", exact=True).click()
    # It has a name of its own: meanwhile others come.
    name = re.findall(r"item (\S+)", page.locator(".item .facts").first.inner_text())[0]
    item = page.locator(".item", has_text=f"item {name}")
    item.get_by_text("Why?").click()
    choice = item.get_by_label("What was it?")
    labels = choice.locator("option").all_inner_texts()
    other = next(label for label in labels if label != choice.input_value())
    choice.select_option(other)
    item.get_by_role("button", name="Say so").click()
    expect(item).to_contain_text(f"It was {other}.")


def test_a_tap_on_review_is_seen_at_once(open_page: OpenPage, the_bin: BinWithPage) -> None:
    page = open_page(PHONE)
    page.goto(the_bin.address + "/review")
    with page.expect_response("**/review/say") as answer:
        seen_ms = page.evaluate(TAP_TO_SEEN)
    assert answer.value.ok
    assert seen_ms is not None
    assert seen_ms <= LONGEST_TAP_MS


def test_the_bin_is_paused_and_goes_on(open_page: OpenPage, the_bin: BinWithPage) -> None:
    page = open_page(PHONE)
    page.goto(the_bin.address)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_a_bin_that_is_gone_is_told_and_comes_back(open_page: OpenPage, the_bin: BinWithPage) -> None:
    page = open_page(PHONE)
    page.goto(the_bin.address)
    expect(page.locator("#picture")).to_be_visible()
    the_bin.kill_loop()
    try:
        gone = page.get_by_text("It is shown again by itself as soon as it runs.")
        expect(gone).to_be_visible()
        expect(page.locator("#picture")).to_be_hidden()
    finally:
        the_bin.start_loop()
    expect(gone).to_be_hidden()
    expect(page.locator("#picture")).to_be_visible()
