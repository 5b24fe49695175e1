"""The moving picture's drawing tools: shapes and text at twice the size, scaled down once, so that edges are smooth."""

from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from hardware.frame import Pixels

Colour = tuple[int, int, int]

OVERSAMPLING = 2
"""Pixels drawn for each pixel shown, per side."""

BACKGROUND: Colour = (15, 20, 26)
CARD: Colour = (26, 33, 42)
EDGE: Colour = (52, 63, 77)
INK: Colour = (236, 241, 246)
DIM: Colour = (139, 152, 168)
GREEN: Colour = (62, 201, 122)
AMBER: Colour = (245, 183, 61)
RED: Colour = (240, 86, 78)


@cache
def font(size_px: int) -> ImageFont.FreeTypeFont:
    """Pillow's own typeface (Aileron), so that every machine draws the same picture."""
    loaded = ImageFont.load_default(size_px * OVERSAMPLING)
    assert isinstance(loaded, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return loaded


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the finished picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


class Canvas:
    """One frame of the moving picture. All coordinates are pixels of the finished picture.

    Args:
        width, height: of the finished picture, in pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._image = Image.new("RGB", (width * OVERSAMPLING, height * OVERSAMPLING), BACKGROUND)
        self._draw = ImageDraw.Draw(self._image)

    def card(self, box: Box, *, fill: Colour | None = CARD, edge: Colour | None = EDGE, radius: float = 12) -> None:
        """A rounded rectangle."""
        self._draw.rounded_rectangle(
            _scaled(box.left, box.top, box.right, box.bottom),
            radius * OVERSAMPLING,
            fill=fill,
            outline=edge,
            width=OVERSAMPLING,
        )

    def bar(self, box: Box, share: float, colour: Colour) -> None:
        """A horizontal bar that is filled to a share (0..1)."""
        radius = box.height / 2
        self.card(box, fill=EDGE, edge=None, radius=radius)
        if share > 0:
            width = max(box.width * share, box.height)
            self.card(Box(box.left, box.top, width, box.height), fill=colour, edge=None, radius=radius)

    def text(self, x: float, y: float, text: str, *, size: int = 14, colour: Colour = INK, anchor: str = "ls") -> float:
        """Text at a point of its baseline (anchors as in Pillow). Returns its width in pixels."""
        self._draw.text((x * OVERSAMPLING, y * OVERSAMPLING), text, fill=colour, font=font(size), anchor=anchor)
        return font(size).getlength(text) / OVERSAMPLING

    def line(self, points: list[tuple[float, float]], colour: Colour, *, width: float = 1) -> None:
        """A polyline with round joints."""
        scaled = [(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points]
        self._draw.line(scaled, fill=colour, width=round(width * OVERSAMPLING), joint="curve")

    def dot(self, x: float, y: float, radius: float, colour: Colour, *, edge: Colour | None = None) -> None:
        """A filled circle."""
        corners = _scaled(x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(corners, fill=colour, outline=edge, width=OVERSAMPLING)

    def polygon(self, points: list[tuple[float, float]], colour: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon([(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points], fill=colour)

    def paste(self, picture: Image.Image, box: Box, *, radius: float = 0) -> None:
        """A picture, scaled to a box; its alpha channel counts, and its corners may be rounded."""
        size = (round(box.width * OVERSAMPLING), round(box.height * OVERSAMPLING))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
        mask = picture.getchannel("A") if picture.mode == "RGBA" else None
        if radius:
            mask = Image.new("L", size, 0)
            ImageDraw.Draw(mask).rounded_rectangle((0, 0, *size), radius * OVERSAMPLING, fill=255)
        self._image.paste(picture.convert("RGB"), _scaled(box.left, box.top)[:2], mask)

    def finished(self) -> Image.Image:
        """The picture at its own size."""
        return self._image.resize(self._size, Image.Resampling.LANCZOS)


def picture(pixels: Pixels) -> Image.Image:
    """RGB or RGBA pixels as a picture."""
    return Image.fromarray(pixels)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two; ``share`` (0..1) of the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _scaled(*values: float) -> tuple[int, ...]:
    return tuple(round(value * OVERSAMPLING) for value in values)
