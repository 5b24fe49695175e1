"""Drawing to measure: millimetres on the sheet, and lines that say how long something is."""

from dataclasses import dataclass
from math import atan2, cos, pi, sin

from edge.wiring.sheet import GREY, Point, Sheet

WOOD, WOOD_EDGE, METAL = "#efe0c5", "#8a6a3b", "#9aa4ad"


@dataclass(frozen=True)
class Scale:
    """Where millimetres lie on a sheet.

    Attributes:
        x, y: of the origin, in the sheet's units.
        per_mm: the sheet's units for a millimetre.
    """

    x: float
    y: float
    per_mm: float

    def at(self, x_mm: float, y_mm: float) -> Point:
        """A place on the sheet; downwards is positive."""
        return self.x + x_mm * self.per_mm, self.y + y_mm * self.per_mm


def arrow(sheet: Sheet, begin: Point, end: Point, *, colour: str = GREY, width: float = 1.5) -> None:
    """A line with a head at its end."""
    sheet.line(begin, end, colour=colour, width=width)
    angle = atan2(end[1] - begin[1], end[0] - begin[0])
    wings = [(end[0] - 9 * cos(angle + turn), end[1] - 9 * sin(angle + turn)) for turn in (-pi / 8, pi / 8)]
    sheet.polygon(end, *wings, fill=colour, stroke=colour)


def dimension(sheet: Sheet, begin: Point, end: Point, text: str, *, is_left: bool = False) -> None:
    """A level or upright measure with its number above it, or to the side of an upright one."""
    middle = ((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2)
    arrow(sheet, middle, begin)
    arrow(sheet, middle, end)
    if begin[1] == end[1]:
        sheet.text(middle[0], middle[1] - 6, text, size=13, anchor="middle")
    else:
        sheet.text(
            middle[0] + (-7 if is_left else 7), middle[1] + 5, text, size=13, anchor="end" if is_left else "start"
        )


def plank(sheet: Sheet, begin: Point, end: Point, *, thick: float = 6, is_ghost: bool = False) -> None:
    """A board seen from its edge; a ghost shows where it goes."""
    if is_ghost:
        sheet.line(begin, end, colour=WOOD_EDGE, width=2, dash="6 4")
        return
    sheet.line(begin, end, colour=WOOD_EDGE, width=thick + 2)
    sheet.line(begin, end, colour=WOOD, width=thick - 1)


def hinge(sheet: Sheet, place: Point) -> None:
    """A hinge seen along its pin."""
    sheet.circle(*place, 5, fill=METAL)
