"""A picture in the terminal: by kitty's or iTerm2's protocol where the terminal has one, else in coloured half blocks."""

import base64
import os
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import groupby

import cv2
from rich.color import Color
from rich.console import Console, ConsoleOptions
from rich.control import Control
from rich.segment import ControlType, Segment
from rich.style import Style

from hardware.frame import Pixels

CHUNK = 4096
"""Most characters of a picture in one of kitty's escape codes; its protocol allows no more."""

SHARPER = 6
"""Pixels of a picture across a column of the terminal, where its protocol shows pixels: about as many as a column has, and few
enough for a connection to take the picture at once."""

JPEG_QUALITY = 85

CELL_RATIO = 2.0
"""Height of a terminal's cell over its width, about."""

SHADE = 8
"""Difference between two shades, of 256, where even areas are to take few bytes: hardly anybody sees less."""

UPPER_HALF = "\u2580"


class PictureProtocol(StrEnum):
    """How a terminal shows pictures."""

    KITTY = "kitty"
    ITERM = "iterm"
    BLOCKS = "blocks"


def picture_protocol(console: Console, environment: Mapping[str, str] = os.environ) -> PictureProtocol | None:
    """How the terminal shows pictures; None: not at all, or it is none.

    Args:
        console: on the terminal.
        environment: what terminals say of themselves.
    """
    if not console.is_terminal or console.no_color or console.is_dumb_terminal:
        return None
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    # A multiplexer draws the screen itself, and knows nothing of pictures.
    if not environment.get("TMUX") and not term.startswith(("screen", "tmux")):
        if environment.get("KITTY_WINDOW_ID") or term in ("xterm-kitty", "xterm-ghostty"):
            return PictureProtocol.KITTY
        if program in ("iTerm.app", "WezTerm") or environment.get("LC_TERMINAL") == "iTerm2":
            return PictureProtocol.ITERM
    # The sixteen colours of older terminals show no photograph.
    return PictureProtocol.BLOCKS if console.color_system in ("truecolor", "256") else None


class TerminalPicture:
    """A picture that Rich prints.

    Args:
        pixels: RGB, uint8, shape (height, width, 3).
        rows: height on the terminal, in rows, >= 1.
        protocol: how the terminal shows pictures.
    """

    def __init__(self, pixels: Pixels, *, rows: int, protocol: PictureProtocol) -> None:
        height, width = pixels.shape[:2]
        self._rows, self._protocol = rows, protocol
        self._columns = max(1, round(CELL_RATIO * rows * width / height))
        scale = 1 if protocol is PictureProtocol.BLOCKS else SHARPER
        # Half blocks are as high as wide; so is what a protocol's pixels are scaled to.
        size = (self._columns * scale, 2 * rows * scale)
        self._pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        if self._protocol is PictureProtocol.BLOCKS:
            yield from self._blocks()
            return
        # Room first, so that nothing scrolls while the picture is placed; then below it, wherever the terminal left the cursor.
        up, down = (Control((code, self._rows)) for code in (ControlType.CURSOR_UP, ControlType.CURSOR_DOWN))
        yield Segment("\n" * self._rows)
        yield up.segment
        yield _code(f"\x1b7{self._escape_codes()}\x1b8")
        yield down.segment

    def _blocks(self) -> Iterator[Segment]:
        shades = self._pixels // SHADE * SHADE
        for upper, lower in zip(shades[::2].tolist(), shades[1::2].tolist(), strict=True):
            # One code for neighbours of the same colours: an even tray takes a fifth of the bytes.
            for (above, below), same in groupby(zip(upper, lower, strict=True)):
                style = Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below))
                yield Segment(UPPER_HALF * len(list(same)), style)
            yield Segment.line()

    def _escape_codes(self) -> str:
        pixels = cv2.cvtColor(self._pixels, cv2.COLOR_RGB2BGR)
        if self._protocol is PictureProtocol.ITERM:
            encoded = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))[1].tobytes()
            data = base64.b64encode(encoded).decode()
            size = f"width={self._columns};height={self._rows};size={len(encoded)}"
            return f"\x1b]1337;File=inline=1;{size}:{data}\x07"
        # PNG is the only compressed format that kitty takes.
        data = base64.b64encode(cv2.imencode(".png", pixels // SHADE * SHADE)[1].tobytes()).decode()
        chunks = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
        # a=T: show at once; f=100: PNG; q=2: answer nothing; C=1: leave the cursor; m=1: more follows.
        first = f"a=T,f=100,c={self._columns},r={self._rows},q=2,C=1,"
        last = len(chunks) - 1
        return "".join(
            f"\x1b_G{'' if number else first}m={int(number < last)};{chunk}\x1b\\"
            for number, chunk in enumerate(chunks)
        )


def _code(text: str) -> Segment:
    """Text that steers the terminal, as Rich passes it on."""
    return Segment(text, None, [(ControlType.BELL,)])
