"""The first item of a simulated run as a picture above the live page: what a newcomer's bin sees."""

import cv2
import numpy as np
from rich.console import Console, Group
from rich.text import Text

from edge.terminal.picture import PictureProtocol, TerminalPicture, picture_protocol
from edge.values import Item, SortEvent

MOST_ROWS, LEAST_ROWS = 16, 8
"""Height of the picture in rows of the terminal, without its caption: with fewer, nothing can be recognised."""

CAPTION_ROWS = 2
"""The caption, and an empty row below it."""

BOX_RGB = (255, 200, 0)
"""Colour of the box around the item: seen on the grey tray and on most items."""

BOX_WIDTH = 0.008
"""Width of the box's line, as a fraction of the picture's: seen in half blocks as well."""


def picture_rows(console: Console, page_rows: int) -> int:
    """Rows that a picture takes above the page; 0: none is shown, for the terminal is too small or shows no pictures.

    Args:
        console: on the terminal.
        page_rows: least height of the page.
    """
    rows = min(MOST_ROWS, console.height - page_rows - CAPTION_ROWS)
    return rows if rows >= LEAST_ROWS and picture_protocol(console) is not None else 0


def item_picture(item: Item, event: SortEvent, *, rows: int, protocol: PictureProtocol) -> Group:
    """The frame on which an item was decided, with a box around the item, and what was decided.

    Args:
        item: as it was seen.
        event: its decision.
        rows: height on the terminal, without the caption.
        protocol: how the terminal shows pictures.
    """
    pixels = np.array(item.frame.pixels)
    left, top, right, bottom = item.box_xyxy
    cv2.rectangle(pixels, (left, top), (right - 1, bottom - 1), BOX_RGB, max(1, round(BOX_WIDTH * item.frame.width)))
    caption = Text(f"item {event.number}: {event.label} {event.confidence:.2f}, to the bin {event.bin}", style="dim")
    return Group(TerminalPicture(pixels, rows=rows, protocol=protocol), caption, Text())
