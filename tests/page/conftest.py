"""One simulated bin that has sorted some items and goes on, somebody who may do everything, and a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="driven by Playwright, which make test-page installs")

from playwright.sync_api import Browser, Page

from tests.page.chromium import DESKTOP, Complaints, Scheme, Screen, chromium, open_context
from tests.page.owner import visit_first
from tests.page.simulated_bin import BinWithPage, simulated_bin

ITEMS = 60
"""Enough for every kind of decision to be there."""

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="session")
def the_bin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BinWithPage]:
    with simulated_bin(tmp_path_factory.mktemp("bin")) as one:
        one.sort(ITEMS)
        one.start_loop()
        yield one


@pytest.fixture(scope="session")
def session(the_bin: BinWithPage, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """File with the cookies of the owner, who has come with the code of the first visit."""
    file = tmp_path_factory.mktemp("session") / "cookies.json"
    with open_context(browser, DESKTOP) as context:
        visit_first(context.new_page(), the_bin.start_page())
        context.storage_state(path=file)
    return file


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Of the browser; a test fails where there are any at its end."""
    one = Complaints()
    yield one
    assert one.found == []


@pytest.fixture
def open_page(browser: Browser, session: Path, complaints: Complaints) -> Iterator[OpenPage]:
    """Opens a window in which the owner is logged in, or nobody."""
    contexts = []

    def open_one(screen: Screen = DESKTOP, scheme: Scheme = "light", *, is_owner: bool = True, **how: str) -> Page:
        context = open_context(browser, screen, scheme, session=session if is_owner else None, **how)
        contexts.append(context)
        page = context.new_page()
        complaints.watch(page)
        return page

    yield open_one
    for context in contexts:
        context.close()
