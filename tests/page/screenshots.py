"""Takes the pictures of the pages for the docs: ``python -m tests.page.screenshots FOLDER`` (``make screenshots``)."""

import argparse
import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.page.chromium import DESKTOP, PHONE, Scheme, Screen, chromium, open_context
from tests.page.owner import visit_first
from tests.page.rooms import ROOMS, Room
from tests.page.simulated_bin import BinWithPage, simulated_bin

ITEMS = 60

COLOURS = 256

WIDEST = 960
"""Width to which pictures of a desktop are made smaller, in pixels: larger ones take the repository too much."""


def main() -> None:
    """Sort some items, and take a picture of each page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures are put")
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
                for screen, scheme in screens:
                    _take(browser, one, room, screen, scheme, session, arguments.folder)


def _take(
    browser: Browser, one: BinWithPage, room: Room, screen: Screen, scheme: Scheme, session: Path, folder: Path
) -> None:
    with open_context(browser, screen, scheme, session=None if room.is_open else session) as context:
        page = context.new_page()
        room.show(page, one.address)
        page.wait_for_function(PICTURES_ARE_THERE)
        _write(folder / f"{room.name}-{screen.name}-{scheme}.png", page.screenshot())


PICTURES_ARE_THERE = """() => [...document.images]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().top < innerHeight)
  .every((one) => one.complete)"""


def _write(path: Path, content: bytes) -> None:
    """Write a picture of the screen with few colours."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    picture.thumbnail((WIDEST, WIDEST), Image.Resampling.LANCZOS)
    picture.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
