"""A page is small, and is there at once."""

import pytest

from tests.page.chromium import PHONE
from tests.page.conftest import OpenPage
from tests.page.rooms import ROOMS, Room
from tests.page.simulated_bin import BinWithPage
from tests.page.traffic import Traffic

pytestmark = pytest.mark.browser

MOST_FIRST_BYTES = 60_000

MOST_LIVE_BYTES = 100_000
"""Of the live page with its stream, without pictures."""

LIVE_MS = 10_000

LONGEST_PAINT_MS = 500

SLOWER = 4
"""How much slower than this computer a phone is."""

TRIALS = 5

PAINT = "performance.getEntriesByName('first-contentful-paint').map((one) => one.startTime)"


@pytest.mark.parametrize("room", ROOMS, ids=lambda one: one.name)
def test_the_first_load_is_small(open_page: OpenPage, the_bin: BinWithPage, room: Room) -> None:
    page = open_page(PHONE, is_owner=not room.is_open)
    traffic = Traffic(page)
    page.goto(the_bin.address + room.path)
    assert 0 < traffic.other <= MOST_FIRST_BYTES


def test_the_live_page_stays_small(open_page: OpenPage, the_bin: BinWithPage) -> None:
    page = open_page(PHONE)
    traffic = Traffic(page)
    page.goto(the_bin.address)
    page.wait_for_timeout(LIVE_MS)
    assert traffic.messages > 0
    assert traffic.other + traffic.messages <= MOST_LIVE_BYTES


@pytest.mark.parametrize("room", ROOMS, ids=lambda one: one.name)
def test_the_first_paint_is_quick(open_page: OpenPage, the_bin: BinWithPage, room: Room) -> None:
    # The best of a few: what else the computer does only makes it slower.
    times_ms = []
    for _ in range(TRIALS):
        page = open_page(PHONE, is_owner=not room.is_open)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(the_bin.address + room.path)
        page.wait_for_function(f"{PAINT}.length > 0")
        times_ms += page.evaluate(PAINT)
        page.context.close()  # A page that is open draws on, and slows the next.
        if times_ms[-1] <= LONGEST_PAINT_MS:
            break
    assert min(times_ms) <= LONGEST_PAINT_MS, times_ms
