"""The view: the picture that the classifier sees. The training pictures go through the same code."""

from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from edge.sight.pyramid import Pyramid, halvings, resize_linear
from edge.values import Mask
from hardware.frame import Pixels

NEUTRAL = 128
"""Grey level (0..255) of what lies outside the picture, and of ground that is toned away."""


WHOLE = (0.0, 0.0, 1.0, 1.0)
"""The box of a whole picture, in shares."""


class ViewSpec(BaseModel):
    """How the view is made; travels in the model's manifest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = Field(128, ge=32, le=512)
    """Side of the square view, in pixels."""
    margin: float = Field(0.10, ge=0.0, le=1.0)
    """Room around the item on each side, as a share of the item's longer side."""
    look_margins: tuple[Annotated[float, Field(ge=0.0, le=1.0)], ...] = Field((), max_length=7)
    """Margins of the looks after the first, which take turns with ``margin``; empty: ``margin`` for all."""
    stretch: float = Field(4 / 3, ge=1.0, le=2.0)
    """How far the crop may be stretched to fill the square; every pixel of a small view counts. 1 keeps the aspect."""
    toning: float = Field(0.5, ge=0.0, le=1.0)
    """How far the ground is drawn to neutral grey: 0 leaves it, 1 shows the item alone."""
    feather: float = Field(0.03, ge=0.0, le=0.2)
    """Width of the soft edge of the mask, as a share of the view's side; masks are never exact."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle of a picture about a centre, in pixels; it may leave the picture."""

    centre_x: float
    centre_y: float
    width: float
    height: float

    @classmethod
    def around(
        cls, box: tuple[float, float, float, float], width: int, height: int, *, margin: float, stretch: float
    ) -> "Crop":
        """The crop about a box given as shares of a ``width`` x ``height`` picture.

        ``margin`` is room on each side as a share of the box's longer side. The shorter side grows until it is at most
        ``stretch`` times smaller than the longer one: the view is square, and so far the crop is stretched to fill it.
        A crop that would leave the picture is moved, then cut, to stay inside; only a picture too narrow for ``stretch``
        is left.
        """
        x0, y0, x1, y1 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
        longer = max(x1 - x0, y1 - y0) * (1 + 2 * margin)
        room = 2 * margin * max(x1 - x0, y1 - y0)
        crop_width = min(max(x1 - x0 + room, longer / stretch, 8.0), width)
        crop_height = min(max(y1 - y0 + room, longer / stretch, 8.0), height)
        centre_x = min(max((x0 + x1) / 2, crop_width / 2), width - crop_width / 2)
        centre_y = min(max((y0 + y1) / 2, crop_height / 2), height - crop_height / 2)
        least = max(crop_width, crop_height) / stretch
        return cls(centre_x, centre_y, max(crop_width, least), max(crop_height, least))

    def scaled(self, scale_x: float, scale_y: float) -> "Crop":
        """The same part of the same picture in another size."""
        return Crop(self.centre_x * scale_x, self.centre_y * scale_y, self.width * scale_x, self.height * scale_y)


def crop_and_resize(picture: Pixels | Pyramid, crop: Crop, size: int) -> Pixels:
    """A crop scaled to ``size`` x ``size``; neutral grey where it leaves the picture. uint8, any number of channels."""
    pyramid = picture if isinstance(picture, Pyramid) else Pyramid(picture)
    halved = halvings(round(crop.width), round(crop.height), size, size)
    pixels, crop = pyramid.level(halved), crop.scaled(0.5**halved, 0.5**halved)
    height, width = pixels.shape[:2]
    x0, y0 = round(crop.centre_x - crop.width / 2), round(crop.centre_y - crop.height / 2)
    x1 = max(round(crop.centre_x + crop.width / 2), x0 + 1)
    y1 = max(round(crop.centre_y + crop.height / 2), y0 + 1)
    # An end below 0 would count from the far side: a crop left of the picture shows nothing of it.
    inside = pixels[max(y0, 0) : max(min(y1, height), 0), max(x0, 0) : max(min(x1, width), 0)]
    if inside.size == 0:
        return np.full((size, size, *pixels.shape[2:]), NEUTRAL, np.uint8)
    scale_x, scale_y = size / (x1 - x0), size / (y1 - y0)
    left, top = round((max(x0, 0) - x0) * scale_x), round((max(y0, 0) - y0) * scale_y)
    right, bottom = round((min(x1, width) - x0) * scale_x), round((min(y1, height) - y0) * scale_y)
    target = (max(right - left, 1), max(bottom - top, 1))
    small = resize_linear(inside, *target)
    if target == (size, size):
        return small
    out = np.full((size, size, *pixels.shape[2:]), NEUTRAL, np.uint8)
    left, top = min(left, size - target[0]), min(top, size - target[1])
    out[top : top + target[1], left : left + target[0]] = small
    return out


def fade_background(view: Pixels, cover: Pixels, strength: float) -> Pixels:
    """Draw the ground towards neutral grey.

    Args:
        view: RGB uint8 (size, size, 3).
        cover: uint8 (size, size), 0 ground, 255 item, soft in between.
        strength: 0 leaves the ground, 1 replaces it.
    """
    keep = cv2.merge([255 - cv2.convertScaleAbs(255 - cover, alpha=strength)] * 3)
    kept = cv2.multiply(view, keep, scale=1 / 255)
    grey = cv2.convertScaleAbs(255 - keep, alpha=NEUTRAL / 255)
    toned: Pixels = cv2.add(kept, grey)
    return toned


def make_view(picture: Pixels | Pyramid, mask: Mask | None, spec: ViewSpec, number: int) -> Pixels:
    """Look ``number`` (from 0) at an item: RGB uint8 (height, width, 3) -> RGB uint8 (size, size, 3).

    Frames of an item at rest are all alike. Seen closer and from further away, straight and mirrored, each is a look of
    its own, and their vote is worth more than one: the margins take turns, and after each round the next mirroring
    (none, left-right, upside-down, both).

    Args:
        picture: the picture, or its pyramid, which several looks then share.
        mask: where the item is; None shows the whole picture, which has no margin: its looks are only mirrored.
        spec: how the views are made.
        number: of the look; the first is ``object_view``.
    """
    margins = (spec.margin,) if mask is None else (spec.margin, *spec.look_margins)
    turn, place = divmod(number, len(margins))
    return _mirrored(object_view(picture, mask, spec, margin=margins[place]), turn)


def object_view(picture: Pixels | Pyramid, mask: Mask | None, spec: ViewSpec, *, margin: float | None = None) -> Pixels:
    """The item alone, centred, on toned ground. RGB uint8 (height, width, 3) -> RGB uint8 (size, size, 3).

    Without a mask (nothing found, or the item fills the picture) this is ``full_view``. ``margin`` replaces the spec's.
    """
    if mask is None:
        return full_view(picture, spec)
    height, width = _pixels(picture).shape[:2]
    margin = spec.margin if margin is None else margin
    crop = Crop.around(mask.box, width, height, margin=margin, stretch=spec.stretch)
    view = crop_and_resize(picture, crop, spec.size)
    if spec.toning == 0.0:
        return view
    # Outside the picture the crop is neutral already; the cover's own filling (128) there changes nothing.
    cover_height, cover_width = mask.cover.shape
    cover = crop_and_resize(mask.cover, crop.scaled(cover_width / width, cover_height / height), spec.size)
    blur = max(1, round(spec.feather * spec.size)) * 2 + 1
    return fade_background(view, cv2.blur(cover, (blur, blur)), spec.toning)


def full_view(picture: Pixels | Pyramid, spec: ViewSpec) -> Pixels:
    """The whole picture, stretched as far as the spec allows, the rest neutral grey.

    RGB uint8 (height, width, 3) -> RGB uint8 (size, size, 3).
    """
    height, width = _pixels(picture).shape[:2]
    return crop_and_resize(picture, Crop.around(WHOLE, width, height, margin=0.0, stretch=spec.stretch), spec.size)


def _pixels(picture: Pixels | Pyramid) -> Pixels:
    return picture.pixels if isinstance(picture, Pyramid) else picture


def _mirrored(view: Pixels, turn: int) -> Pixels:
    """The view as it is (0), left-right (1), upside-down (2) or both (3) mirrored, and so on in turn."""
    if turn % 4 == 0:
        return view
    flipped: Pixels = cv2.flip(view, (1, 0, -1)[turn % 4 - 1])
    return flipped
