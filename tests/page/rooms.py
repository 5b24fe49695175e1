"""The pages, one row each: who adds one adds a row here, and it is looked at in every way."""

from dataclasses import dataclass

from playwright.sync_api import Page, expect


@dataclass(frozen=True, slots=True)
class Room:
    """A page.

    Attributes:
        name: in names of tests and pictures.
        path: where it is.
        is_open: whether it is shown to whoever is not logged in.
        ready: what is seen once its scripts have done their work; None: it has none to wait for.
    """

    name: str
    path: str
    is_open: bool = False
    ready: str | None = None

    def show(self, page: Page, address: str) -> None:
        """Open it, and wait for what its scripts do; ``address``: of the bin's page."""
        page.goto(address + self.path)
        if self.ready is not None:
            expect(page.locator(self.ready).first).to_be_visible()


LATE = "#late[aria-busy=false]"
"""What takes the bin seconds, once it has come."""

ROOMS = (
    Room("log-in", "/log-in", is_open=True),
    Room("thanks", "/thanks", is_open=True, ready=".screenful.sorted"),
    Room("live", "/", ready='#outline[points]:not([points=""])'),
    Room("items", "/items"),
    Room("review", "/review", ready="#tools"),
    Room("teach", "/teach", ready=LATE),
    Room("try", "/try"),
    Room("figures", "/figures", ready="#plot-bins canvas"),
    Room("set-up", "/set-up", ready="#jogs"),
    Room("checks", "/set-up/checks", ready=LATE),
    Room("configuration", "/set-up/configuration", ready=LATE),
    Room("account", "/account"),
    Room("accounts", "/accounts"),
    Room("changes", "/changes"),
)
