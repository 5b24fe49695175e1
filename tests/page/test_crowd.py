"""Whatever happens to the page, the bin sorts on."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.page.chromium import DESKTOP, open_context
from tests.page.crowd import crowd
from tests.page.owner import visit_first
from tests.page.simulated_bin import simulated_bin
from tests.processes import until

pytestmark = pytest.mark.browser

ITEMS = 20

SLOW = 200

VIEWERS = 50


def test_no_item_is_lost_while_the_page_is_crowded(browser: Browser, tmp_path: Path) -> None:
    with simulated_bin(tmp_path, speed=2) as one, open_context(browser, DESKTOP) as context:
        visit_first(context.new_page(), one.start_page())
        session = tmp_path / "cookies.json"
        context.storage_state(path=session)
        with crowd(one.port, session, slow=SLOW, viewers=VIEWERS) as seen:
            assert until(lambda: seen.viewers >= VIEWERS and seen.slow >= SLOW, 60), seen
            one.sort(ITEMS, speed=2)
    assert seen.bytes > 0
