"""The overview: every pin of the header, and what a bin has wired to it."""

from collections.abc import Iterable, Sequence
from math import ceil

from edge.wiring.header import HEADER, HeaderWire, WiredPart
from edge.wiring.sheet import CAPTION_LEADING, GREY, TITLE_SIZE, Sheet, width_of, wrapped

ROW, TOP = 33, 76
LEAST_WIDTH, HALF_GAP = 480, 14
"""Width of the sheet where the names are short, and half the distance of the two rows of pins."""

TO_NAME, MARGIN, NAME_SIZE = 40, 16, 13
"""From a pin to the name of what is wired to it; the sheet's margin; size of the name's letters."""

SHOWN_TOGETHER = 2
"""Most parts that are named at one pin."""

DARK = ("#222222", "#c0392b", "#2e6fb7", "#3d8b45", "#8e44ad", "#7b4a2d")
"""Colours on which a number is white."""


def header_map(title: str, parts: Sequence[WiredPart], *captions: str) -> Sheet:
    """The header as it lies on the board, with the wires that leave it."""
    users = users_of(parts)
    longest = max((width_of(_names(wires), NAME_SIZE, bold=True) for wires in users.values()), default=0)
    needed = max(2 * (HALF_GAP + TO_NAME + longest + MARGIN), width_of(title, TITLE_SIZE, bold=True) + 2 * MARGIN)
    width = max(LEAST_WIDTH, ceil(needed))
    lines = [len(wrapped(caption, width - 2 * MARGIN)) for caption in captions]
    below = TOP + 20 * ROW + 16
    sheet = Sheet(title, width=width, height=below + sum(lines) * CAPTION_LEADING + 14)
    left_x, right_x = width / 2 - HALF_GAP, width / 2 + HALF_GAP
    sheet.rect(left_x - 16, TOP - 18, right_x - left_x + 32, 20 * ROW + 4, fill="#eaf2ea", stroke="#3d6b45")
    for pin in range(1, 41):
        is_left = pin % 2 == 1
        x, y = left_x if is_left else right_x, TOP + ROW * ((pin - 1) // 2)
        way, anchor = (-1, "end") if is_left else (1, "start")
        wires = users.get(pin, [])
        if wires:
            sheet.wire((x + 11 * way, y), (x + 34 * way, y), colour=wires[0][1].drawn)
        sheet.circle(x, y, 11, fill=wires[0][1].drawn if wires else "#ffffff", stroke="#222222" if wires else GREY)
        dark = bool(wires) and wires[0][1].drawn in DARK
        sheet.text(x, y + 4.5, str(pin), size=12, anchor="middle", fill="#ffffff" if dark else "#222222")
        if not wires:
            sheet.text(x + 20 * way, y + 5, HeaderWire("", pin).label, size=12.5, anchor=anchor, fill="#767f88")
            continue
        place = x + TO_NAME * way
        sheet.text(place, y - 2, _names(wires), size=NAME_SIZE, anchor=anchor, bold=True)
        sheet.text(place, y + 12, wires[0][1].label, size=12.5, anchor=anchor, fill=GREY)
    for number, caption in enumerate(captions):
        sheet.caption(below + sum(lines[:number]) * CAPTION_LEADING, caption)
    return sheet


def users_of(parts: Iterable[WiredPart]) -> dict[int, list[tuple[WiredPart, HeaderWire]]]:
    """Pin of the header -> what is wired to it, in the pins' order."""
    users: dict[int, list[tuple[WiredPart, HeaderWire]]] = {pin: [] for pin in range(1, len(HEADER) + 1)}
    for part in parts:
        for wire in part.wires:
            users[wire.pin].append((part, wire))
    return {pin: wires for pin, wires in users.items() if wires}


def _names(wires: Sequence[tuple[WiredPart, HeaderWire]]) -> str:
    if len(wires) > SHOWN_TOGETHER:
        first = ", ".join(part.name.split()[0] for part, _ in wires[:SHOWN_TOGETHER])
        return f"{first} and {len(wires) - SHOWN_TOGETHER} more"
    if len(wires) > 1:
        return " and ".join(part.name.split()[0] for part, _ in wires)
    part, wire = wires[0]
    return (
        f"{part.name}: {wire.terminal.removesuffix('_button').replace('_', ' ')}" if len(part.wires) > 2 else part.name
    )
