"""Takes the pictures of the pages for the docs: ``python -m tests.page.screenshots FOLDER`` (``make screenshots``)."""

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.page.chromium import DESKTOP, PHONE, Scheme, Screen, chromium, open_context
from tests.page.owner import visit_first
from tests.page.rooms import ROOMS, Room
from tests.page.simulated_bin import BinWithPage, simulated_bin

ITEMS = 60

SCREENS: tuple[tuple[Screen, Scheme], ...] = ((PHONE, "light"), (DESKTOP, "dark"))
"""How each page is shown; with ``--all`` in every way."""


def main() -> None:
    """Sort some items, and take a picture of each page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures are put")
    parser.add_argument("--all", action="store_true", help="each page on both screens, light and dark")
    parser.add_argument("--room", action="append", default=[], help="these pages alone, by name")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    screens = [(screen, scheme) for screen in (PHONE, DESKTOP) for scheme in ("light", "dark")]
    with tempfile.TemporaryDirectory() as state, simulated_bin(Path(state), speed=1) as one, chromium() as browser:
        one.sort(ITEMS)
        one.start_loop()
        session = Path(state) / "cookies.json"
        with open_context(browser, DESKTOP) as context:
            visit_first(context.new_page(), one.start_page())
            context.storage_state(path=session)
        for room in ROOMS:
            if not arguments.room or room.name in arguments.room:
                for screen, scheme in screens if arguments.all else SCREENS:
                    _take(browser, one, room, screen, scheme, session, arguments.folder)


def _take(
    browser: Browser, one: BinWithPage, room: Room, screen: Screen, scheme: Scheme, session: Path, folder: Path
) -> None:
    with open_context(browser, screen, scheme, session=None if room.is_open else session) as context:
        page = context.new_page()
        room.show(page, one.address)
        page.screenshot(path=folder / f"{room.name}-{screen.name}-{scheme}.png")


if __name__ == "__main__":
    main()
