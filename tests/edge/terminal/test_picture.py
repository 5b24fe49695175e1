"""Pictures in the terminal: which protocol it has, and what is written for it."""

import base64
import io
import re

import cv2
import numpy as np
import pytest
from rich.console import Console

from edge.terminal.picture import CHUNK, UPPER_HALF, PictureProtocol, TerminalPicture, picture_protocol

XTERM = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


def console(colours: str = "truecolor", *, terminal: bool = True, **options: bool) -> Console:
    return Console(  # type: ignore[call-overload,no-any-return]
        file=io.StringIO(),
        force_terminal=terminal,
        color_system=colours,
        width=80,
        height=40,
        _environ=XTERM,
        **options,
    )


def written(picture: TerminalPicture) -> str:
    on = console()
    on.print(picture)
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue()


def photograph() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Red above, blue below; noisy, so that it does not compress well."""
    pixels = np.zeros((480, 640, 3), np.uint8)
    pixels[:240, :, 0] = pixels[240:, :, 2] = 200
    return pixels + np.random.default_rng(1).integers(0, 50, pixels.shape, np.uint8)


@pytest.mark.parametrize(
    ("environment", "protocol"),
    [
        (XTERM, PictureProtocol.BLOCKS),
        (XTERM | {"KITTY_WINDOW_ID": "1"}, PictureProtocol.KITTY),
        ({"TERM": "xterm-kitty"}, PictureProtocol.KITTY),
        ({"TERM": "xterm-ghostty"}, PictureProtocol.KITTY),
        (XTERM | {"TERM_PROGRAM": "iTerm.app"}, PictureProtocol.ITERM),
        (XTERM | {"TERM_PROGRAM": "WezTerm"}, PictureProtocol.ITERM),
        (XTERM | {"LC_TERMINAL": "iTerm2"}, PictureProtocol.ITERM),
        (XTERM | {"TERM_PROGRAM": "Apple_Terminal"}, PictureProtocol.BLOCKS),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/tmux", "KITTY_WINDOW_ID": "1"}, PictureProtocol.BLOCKS),
        ({"TERM": "screen-256color", "LC_TERMINAL": "iTerm2"}, PictureProtocol.BLOCKS),
    ],
)
def test_terminals_are_known_by_what_they_say_of_themselves(
    environment: dict[str, str], protocol: PictureProtocol
) -> None:
    assert picture_protocol(console(), environment) is protocol


def test_where_no_picture_can_be_shown_there_is_none() -> None:
    kitty = {"TERM": "xterm-kitty"}
    assert picture_protocol(console(terminal=False), kitty) is None, "a file or a pipe"
    assert picture_protocol(console(no_color=True), kitty) is None, "NO_COLOR"
    assert picture_protocol(console("standard"), XTERM) is None, "sixteen colours"
    assert picture_protocol(console("256"), XTERM) is PictureProtocol.BLOCKS


def test_half_blocks_have_the_pictures_shape_and_colours() -> None:
    lines = written(TerminalPicture(photograph(), rows=6, protocol=PictureProtocol.BLOCKS)).splitlines()
    shown = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in lines]
    assert shown == [UPPER_HALF * 16] * 6, "a cell is twice as high as wide"
    colours = [re.findall(r"38;2;(\d+);(\d+);(\d+);48;2", line) for line in lines]
    assert all(int(red) > 180 and int(blue) < 60 for red, _, blue in colours[0])
    assert all(int(red) < 60 and int(blue) > 180 for red, _, blue in colours[-1])


def test_an_even_area_takes_few_bytes() -> None:
    grey = np.full((480, 640, 3), 128, np.uint8)
    picture = TerminalPicture(grey, rows=16, protocol=PictureProtocol.BLOCKS)
    assert len(written(picture)) < 16 * 43 * 3 + 16 * 60, "three bytes for a half block, one code for each line"


def test_kitty_gets_a_png_in_chunks_that_it_accepts() -> None:
    text = written(TerminalPicture(photograph(), rows=16, protocol=PictureProtocol.KITTY))
    codes = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    assert codes[0][0] == "a=T,f=100,c=43,r=16,q=2,C=1,m=1"
    assert [keys for keys, _ in codes[1:]] == ["m=1"] * (len(codes) - 2) + ["m=0"]
    assert max(len(data) for _, data in codes) <= CHUNK
    png = cv2.imdecode(np.frombuffer(base64.b64decode("".join(data for _, data in codes)), np.uint8), cv2.IMREAD_COLOR)
    assert png[0, 0, 2] > 180 > 60 > png[0, 0, 0], "red, as OpenCV reads it"


def test_iterm_gets_a_jpeg_of_the_size_that_it_is_told() -> None:
    text = written(TerminalPicture(photograph(), rows=8, protocol=PictureProtocol.ITERM))
    ((columns, rows, size, data),) = re.findall(
        r"\x1b]1337;File=inline=1;width=(\d+);height=(\d+);size=(\d+):([^\x07]*)\x07", text
    )
    jpeg = base64.b64decode(data)
    assert (int(columns), int(rows), int(size)) == (21, 8, len(jpeg))
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[0, 0, 2] > 180


@pytest.mark.parametrize("protocol", [PictureProtocol.KITTY, PictureProtocol.ITERM])
def test_room_is_made_before_the_picture_and_the_cursor_ends_below_it(protocol: PictureProtocol) -> None:
    text = written(TerminalPicture(photograph(), rows=8, protocol=protocol))
    assert text.startswith("\n" * 8 + "\x1b[8A\x1b7\x1b")
    assert text.endswith("\x1b8\x1b[8B")
