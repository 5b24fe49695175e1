"""The parts of a wiring picture: boxes with terminals, and what sits in a wire."""

from collections.abc import Sequence

from edge.wiring.header import HeaderWire
from edge.wiring.sheet import GREY, Sheet

BOARD, BOARD_EDGE = "#eaf2ea", "#3d6b45"
PI_LEFT, PI_RIGHT = 16, 136
"""Where the Raspberry Pi stands in every wiring picture."""


def raspberry_pi(sheet: Sheet, top: float, bottom: float, wires: Sequence[tuple[HeaderWire, float]]) -> None:
    """The Raspberry Pi with the pins that a picture needs.

    Args:
        sheet: where to draw.
        top, bottom: of its box.
        wires: each with the height at which it leaves the box.
    """
    sheet.rect(PI_LEFT, top, PI_RIGHT - PI_LEFT, bottom - top, fill=BOARD, stroke=BOARD_EDGE)
    sheet.text((PI_LEFT + PI_RIGHT) / 2, top + 20, "Raspberry Pi", anchor="middle", bold=True)
    for wire, y in wires:
        sheet.text(PI_RIGHT - 30, y + 5, wire.label, anchor="end", size=14)
        sheet.circle(PI_RIGHT - 14, y, 10, fill=wire.drawn)
        dark = wire.drawn not in ("#ffffff", "#f2d21b", "#f5a623", "#e58e26")
        sheet.text(
            PI_RIGHT - 14, y + 4.5, str(wire.pin), size=12, anchor="middle", fill="#ffffff" if dark else "#222222"
        )


def box(
    sheet: Sheet,
    x: float,
    y: float,
    width: float,
    height: float,
    title: str,
    *,
    left: Sequence[tuple[str, float]] = (),
    right: Sequence[tuple[str, float]] = (),
    note: str = "",
) -> None:
    """A part with its terminals, each with the height at which its wire comes in."""
    sheet.rect(x, y, width, height)
    sheet.text(x + width / 2, y + 20, title, anchor="middle", bold=True)
    if note:
        sheet.text(x + width / 2, y + 38, note, anchor="middle", size=13, fill=GREY)
    for name, at in left:
        sheet.text(x + 8, at + 5, name)
    for name, at in right:
        sheet.text(x + width - 8, at + 5, name, anchor="end")


def resistor(sheet: Sheet, x: float, y: float, value: str, *, upright: bool = False, beside: bool = True) -> None:
    """A resistor with its middle at a place in a wire; its value above it, or to the right of an upright one."""
    if upright:
        sheet.rect(x - 7, y - 17, 14, 34, fill="#ffffff", stroke="#222222", radius=0)
        sheet.text(x + 12 if beside else x - 12, y + 5, value, anchor="start" if beside else "end")
    else:
        sheet.rect(x - 17, y - 7, 34, 14, fill="#ffffff", stroke="#222222", radius=0)
        sheet.text(x, y - 11, value, anchor="middle")


def fuse(sheet: Sheet, x: float, y: float, value: str) -> None:
    """A fuse with its middle at a place in a level wire."""
    sheet.rect(x - 17, y - 7, 34, 14, fill="#ffffff", stroke="#222222", radius=0)
    sheet.line((x - 17, y), (x + 17, y), width=1.5)
    sheet.text(x, y - 11, value, anchor="middle")


def contact(sheet: Sheet, x: float, y: float, *, is_closed: bool, half: float = 18) -> None:
    """A switch in a level wire, drawn as it is at rest, with its middle at a place."""
    sheet.line((x - half, y), (x + half, y), colour="#ffffff", width=9)
    sheet.circle(x - half, y, 4, fill="#ffffff")
    sheet.circle(x + half, y, 4, fill="#ffffff")
    end = (x + half + 3, y - 5) if is_closed else (x + half - 3, y - half + 2)
    sheet.line((x - half, y - 2), end, width=2.5)


def diode(sheet: Sheet, x: float, y: float, *, points_left: bool = False, fill: str = "#222222") -> None:
    """A diode in a level wire: the triangle points the way the current may go, the bar is its band (cathode)."""
    way = -1 if points_left else 1
    sheet.polygon((x - 9 * way, y - 9), (x - 9 * way, y + 9), (x + 7 * way, y), fill=fill)
    sheet.line((x + 8 * way, y - 10), (x + 8 * way, y + 10), width=3)


def capacitor(sheet: Sheet, x: float, y: float, value: str, *, plus_below: bool = True) -> None:
    """An upright electrolytic capacitor, with its value to the right and its plus marked."""
    sheet.rect(x - 16, y - 6, 32, 12, fill="#ffffff", stroke="#ffffff", radius=0)
    sheet.line((x - 15, y - 6), (x + 15, y - 6), width=3)
    sheet.line((x - 15, y + 6), (x + 15, y + 6), width=3)
    sheet.text(x - 14, y + 22 if plus_below else y - 12, "+", anchor="end")
    sheet.text(x + 20, y + 5, value)
