"""The front page stays one screen with one moving picture, and says what the models cannot do."""

import struct

from tests.docs.markdown import relative_links
from tests.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MOVING_PICTURE = ROOT / "docs" / "demo.webp"

MOST_LINES = 120
MOST_BYTES = 7 * 1024
MOST_PICTURE_BYTES = 1_500_000


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= MOST_LINES
    assert len(README.encode()) <= MOST_BYTES


def test_it_shows_the_moving_picture() -> None:
    assert "docs/demo.webp" in list(relative_links(README))
    assert MOVING_PICTURE.stat().st_size <= MOST_PICTURE_BYTES


def test_the_moving_picture_moves_and_starts_again() -> None:
    content = MOVING_PICTURE.read_bytes()
    assert content[:4] == b"RIFF"
    assert content[8:12] == b"WEBP"
    animation = content.index(b"ANIM")
    (loops,) = struct.unpack_from("<H", content, animation + 12)
    assert loops == 0, "0 means without end"
    assert content.count(b"ANMF") > 100


def test_it_says_what_the_models_cannot_do() -> None:
    assert "right about a third of the time" in README
    assert "Nothing has been tried on a physical Raspberry Pi yet" in README
