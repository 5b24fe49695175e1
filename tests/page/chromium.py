"""Debian's Chromium, and what it complains of."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright

PROGRAM = Path("/usr/bin/chromium")

WAIT_MS = 60_000
"""Longest wait for what is to appear, in milliseconds: on a machine that does other things as well."""

Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Screen:
    """What is looked at, and how.

    Attributes:
        name: of the kind of device.
        width, height: in CSS pixels.
        is_phone: touched, without a mouse.
    """

    name: str
    width: int
    height: int
    is_phone: bool


PHONE = Screen("phone", 390, 844, is_phone=True)
DESKTOP = Screen("desktop", 1280, 800, is_phone=False)


@dataclass
class Complaints:
    """What the browser complained of: script errors, refusals by the policy, requests that failed.

    Attributes:
        found: in the order in which they came.
        expected: parts of complaints that a test provokes, and that are left out.
    """

    found: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Listen to a page from now on."""
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._add(f"script: {error}"))
        page.on("response", self._look)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._add(f"console: {message.text} ({message.location.get('url')})")

    def _look(self, response: Response) -> None:
        if response.status >= 400:
            self._add(f"{response.status}: {response.url}")

    def _add(self, text: str) -> None:
        if not any(part in text for part in self.expected):
            self.found.append(text)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=PROGRAM,
            args=[
                "--no-sandbox",  # as root it has none
                "--disable-gpu",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        try:
            yield browser
        finally:
            browser.close()


def open_context(
    browser: Browser, screen: Screen, scheme: Scheme = "light", *, session: Path | None = None, locale: str = "en-GB"
) -> BrowserContext:
    """A browser window with cookies of its own.

    Args:
        browser: whose.
        screen: its size and kind.
        scheme: the colours that are wished for.
        session: file with the cookies of somebody who is logged in; None: nobody is.
        locale: the language that is wished for.
    """
    context = browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        has_touch=screen.is_phone,
        is_mobile=screen.is_phone,
        color_scheme=scheme,
        reduced_motion="reduce",
        storage_state=session,
        locale=locale,
    )
    context.set_default_timeout(WAIT_MS)
    return context
