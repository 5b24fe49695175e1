"""A sheet of paper that becomes an SVG: lines, boxes and words, and where each word stands."""

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from textwrap import wrap

BLACK, GREY, PALE = "#222222", "#5d6771", "#f8fafc"
LETTER_WIDTH = 0.6
"""Width of a letter as a share of its size, on the average, in the widest of the usual fonts (DejaVu Sans; Helvetica has 0.53);
bold ones are a tenth wider."""

TITLE_SIZE, CAPTION_SIZE, CAPTION_LEADING = 18, 13, 18

BOLD = 1.1
"""Width of a bold letter as a multiple of a plain one's."""

Point = tuple[float, float]


@dataclass(frozen=True)
class WordBox:
    """Where a word stands, about.

    Attributes:
        text: the word.
        size: of its letters, in the sheet's units.
        left, top, right, bottom: in the sheet's units.
    """

    text: str
    size: float
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "WordBox") -> bool:
        """Whether the two cover each other."""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)

    def is_crossed(self, begin: Point, end: Point) -> bool:
        """Whether a level or upright line runs through it."""
        (left, right), (top, bottom) = sorted((begin[0], end[0])), sorted((begin[1], end[1]))
        return left < self.right and right > self.left and top < self.bottom and bottom > self.top


class Sheet:
    """One picture.

    Args:
        title: stands at its top, and is its name for those who cannot see it.
        width, height: in units; a page shows it as wide as its column, so that letters shrink on a narrow screen.

    Attributes:
        words: where each word stands.
        wires: the level and upright pieces of wires, each with its ends.
    """

    def __init__(self, title: str, *, width: int = 480, height: int) -> None:
        self.title = title
        self.width, self.height = width, height
        self.words: list[WordBox] = []
        self.wires: list[tuple[Point, Point]] = []
        self._elements: list[str] = []
        self.text(16, 28, title, size=TITLE_SIZE, bold=True)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 14,
        anchor: str = "start",
        fill: str = BLACK,
        bold: bool = False,
    ) -> None:
        """Write a line of text with its base line at ``y``."""
        width = width_of(text, size, bold=bold)
        left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
        self.words.append(WordBox(text, size, left, y - 0.75 * size, left + width, y + 0.2 * size))
        weight = ' font-weight="bold"' if bold else ""
        self._elements.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" text-anchor="{anchor}" fill="{fill}"{weight}>'
            f"{escape(text)}</text>"
        )

    def caption(self, y: float, text: str, *, x: float = 16, width: float = 0) -> None:
        """Write grey lines from a base line on, broken where the width ends: the sheet's where it is 0."""
        for place, line in enumerate(wrapped(text, width or self.width - 2 * x)):
            self.text(x, y + place * CAPTION_LEADING, line, size=CAPTION_SIZE, fill=GREY)

    def line(self, *points: Point, colour: str = BLACK, width: float = 2, dash: str = "") -> None:
        """Draw a line through some points."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self._elements.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{_n(width)}" '
            f'stroke-linejoin="round"{dashes}/>'
        )

    def wire(self, *points: Point, colour: str) -> None:
        """Draw a wire: its colour on a thin dark outline, so that white and yellow ones are seen on paper."""
        self.wires += pairwise(points)
        self.line(*points, colour="#555555", width=4.5)
        self.line(*points, colour=colour, width=3)

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = PALE,
        stroke: str = GREY,
        radius: float = 5,
        dash: str = "",
    ) -> None:
        """Draw a box."""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self._elements.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="{_n(radius)}" '
            f'fill="{fill}" stroke="{stroke}" stroke-width="1.5"{dashes}/>'
        )

    def polygon(self, *points: Point, fill: str, stroke: str = BLACK) -> None:
        """Draw a filled shape."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        self._elements.append(f'<polygon points="{path}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>')

    def circle(self, x: float, y: float, radius: float, *, fill: str = "none", stroke: str = BLACK) -> None:
        """Draw a circle."""
        self._elements.append(
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>'
        )

    def dot(self, x: float, y: float) -> None:
        """Draw where wires are joined; wires that cross without it are not."""
        self.circle(x, y, 4, fill=BLACK)

    def svg(self) -> str:
        """The picture as SVG."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" width="{self.width}" '
            f'height="{self.height}" role="img" font-family="Helvetica, Arial, sans-serif">\n'
            f"<title>{escape(self.title)}</title>\n"
            f'<rect width="{self.width}" height="{self.height}" fill="#ffffff"/>\n'
            + "\n".join(self._elements)
            + "\n</svg>\n"
        )


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """About the width of a line of text whose letters have some size."""
    return len(text) * size * LETTER_WIDTH * (BOLD if bold else 1)


def wrapped(text: str, width: float) -> list[str]:
    """The lines of a caption of some width."""
    return wrap(text, int(width / (CAPTION_SIZE * LETTER_WIDTH)))


def _n(value: float) -> str:
    return f"{round(value, 1):g}"
