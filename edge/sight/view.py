"""Makes the view: the image of an item that the classifier gets. Training uses the same code."""

from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from edge.sight.pyramid import Pyramid, halving_count, resize_linear
from edge.values import Mask
from hardware.frame import Pixels

NEUTRAL = 128
"""Grey level (0..255) of pixels outside the image, and of the faded background."""

WHOLE = (0.0, 0.0, 1.0, 1.0)
"""Box of a whole image, as fractions."""

MIN_CROP_PX = 8.0
"""Smallest side of a crop, in pixels: a mask may be a single pixel wide."""


class ViewSpec(BaseModel):
    """Parameters of the view, stored in the model's manifest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = Field(128, ge=32, le=512)
    """Side of the square view, in pixels."""
    margin: float = Field(0.10, ge=0.0, le=1.0)
    """Margin around the item on each side, as a fraction of the item's longer side."""
    look_margins: tuple[Annotated[float, Field(ge=0.0, le=1.0)], ...] = Field((), max_length=7)
    """Margins of the views after the first, in turn with ``margin``; empty uses ``margin`` for all."""
    stretch: float = Field(4 / 3, ge=1.0, le=2.0)
    """Largest stretch of the crop to fill the square view, whose few pixels are all needed. 1 keeps the aspect ratio."""
    toning: float = Field(0.5, ge=0.0, le=1.0)
    """How far the background is faded to neutral grey: 0 keeps it, 1 removes it."""
    feather: float = Field(0.03, ge=0.0, le=0.2)
    """Width of the soft edge of the mask, as a fraction of the view's side, since masks are not exact."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle given by its centre and size, in pixels. It may extend beyond the image."""

    centre_x: float
    centre_y: float
    width: float
    height: float

    @classmethod
    def around(
        cls, box: tuple[float, float, float, float], width: int, height: int, *, margin: float, stretch: float
    ) -> "Crop":
        """Crop around a box.

        The shorter side grows until it is at most ``stretch`` times shorter than the longer one. The crop is shifted, then
        clipped, to stay inside the image, and extends beyond it only if the image is too narrow for ``stretch``.

        Args:
            box: (x0, y0, x1, y1) as fractions of the image, 0..1.
            width, height: size of the image, in pixels.
            margin: margin on each side, as a fraction of the box's longer side.
            stretch: largest ratio between the sides, >= 1.
        """
        x0, y0, x1, y1 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
        longer = max(x1 - x0, y1 - y0) * (1 + 2 * margin)
        padding = 2 * margin * max(x1 - x0, y1 - y0)
        crop_width = min(max(x1 - x0 + padding, longer / stretch, MIN_CROP_PX), width)
        crop_height = min(max(y1 - y0 + padding, longer / stretch, MIN_CROP_PX), height)
        centre_x = min(max((x0 + x1) / 2, crop_width / 2), width - crop_width / 2)
        centre_y = min(max((y0 + y1) / 2, crop_height / 2), height - crop_height / 2)
        shortest = max(crop_width, crop_height) / stretch
        return cls(centre_x, centre_y, max(crop_width, shortest), max(crop_height, shortest))

    def scaled(self, scale_x: float, scale_y: float) -> "Crop":
        """The same crop of an image that is scaled by these factors."""
        return Crop(self.centre_x * scale_x, self.centre_y * scale_y, self.width * scale_x, self.height * scale_y)


def crop_and_resize(picture: Pixels | Pyramid, crop: Crop, size: int) -> Pixels:
    """Cut out a crop and scale it to a square.

    Args:
        picture: uint8 (height, width) or (height, width, channels), or its pyramid.
        crop: in pixels of the image. Pixels outside the image become neutral grey.
        size: side of the result, in pixels.

    Returns:
        uint8 (size, size) or (size, size, channels).
    """
    pyramid = picture if isinstance(picture, Pyramid) else Pyramid(picture)
    halved = halving_count(round(crop.width), round(crop.height), size, size)
    (width, height), crop = pyramid.size(halved), crop.scaled(0.5**halved, 0.5**halved)
    x0, y0 = round(crop.centre_x - crop.width / 2), round(crop.centre_y - crop.height / 2)
    x1 = max(round(crop.centre_x + crop.width / 2), x0 + 1)
    y1 = max(round(crop.centre_y + crop.height / 2), y0 + 1)
    if x0 >= width or y0 >= height or x1 <= 0 or y1 <= 0:
        return np.full((size, size, *pyramid.pixels.shape[2:]), NEUTRAL, np.uint8)
    inside = pyramid.part(halved, x=slice(max(x0, 0), min(x1, width)), y=slice(max(y0, 0), min(y1, height)))
    scale_x, scale_y = size / (x1 - x0), size / (y1 - y0)
    left, top = round((max(x0, 0) - x0) * scale_x), round((max(y0, 0) - y0) * scale_y)
    right, bottom = round((min(x1, width) - x0) * scale_x), round((min(y1, height) - y0) * scale_y)
    target = (max(right - left, 1), max(bottom - top, 1))
    small = resize_linear(inside, *target)
    if target == (size, size):
        return small
    out = np.full((size, size, *small.shape[2:]), NEUTRAL, np.uint8)
    left, top = min(left, size - target[0]), min(top, size - target[1])
    out[top : top + target[1], left : left + target[0]] = small
    return out


def fade_background(view: Pixels, cover: Pixels, strength: float) -> Pixels:
    """Fade the background of a view to neutral grey.

    Args:
        view: RGB uint8 (size, size, 3).
        cover: uint8 (size, size), 0 background, 255 item, soft in between.
        strength: 0 keeps the background, 1 replaces it.
    """
    # One channel as long as all three are the same.
    fading = cv2.convertScaleAbs(255 - cover, alpha=strength)
    grey = cv2.convertScaleAbs(fading, alpha=NEUTRAL / 255)
    kept = cv2.multiply(view, cv2.cvtColor(255 - fading, cv2.COLOR_GRAY2RGB), scale=1 / 255)
    faded: Pixels = cv2.add(kept, cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB))
    return faded


def make_view(picture: Pixels | Pyramid, mask: Mask | None, spec: ViewSpec, number: int) -> Pixels:
    """Make view ``number`` of an item: test-time augmentation for the vote.

    The frames of an item at rest are nearly identical. Views with different margins and mirrorings are not, and their
    vote is more accurate than one view: the margins alternate, and after each round comes the next mirroring (none,
    left-right, upside-down, both).

    Args:
        picture: RGB uint8 (height, width, 3), or its pyramid, which several views can share.
        mask: mask of the item; None shows the whole image, whose views are only mirrored.
        spec: parameters of the view.
        number: number of the view, from 0; the first is ``object_view``.

    Returns:
        RGB uint8 (size, size, 3).
    """
    margins = (spec.margin,) if mask is None else (spec.margin, *spec.look_margins)
    turn, place = divmod(number, len(margins))
    return _mirrored(object_view(picture, mask, spec, margin=margins[place]), turn)


def object_view(picture: Pixels | Pyramid, mask: Mask | None, spec: ViewSpec, *, margin: float | None = None) -> Pixels:
    """Make the view of an item, centred on faded background.

    Args:
        picture: RGB uint8 (height, width, 3), or its pyramid.
        mask: mask of the item; None (nothing found, or the item fills the image) makes the ``full_view``.
        spec: parameters of the view.
        margin: replaces ``spec.margin``; None keeps it.

    Returns:
        RGB uint8 (size, size, 3).
    """
    if mask is None:
        return full_view(picture, spec)
    height, width = _pixels(picture).shape[:2]
    margin = spec.margin if margin is None else margin
    crop = Crop.around(mask.box, width, height, margin=margin, stretch=spec.stretch)
    view = crop_and_resize(picture, crop, spec.size)
    if spec.toning == 0.0:
        return view
    # Outside the image the crop is neutral already, and the fill value of the cover (128) there changes nothing.
    cover_height, cover_width = mask.cover.shape
    cover = crop_and_resize(mask.cover, crop.scaled(cover_width / width, cover_height / height), spec.size)
    blur = max(1, round(spec.feather * spec.size)) * 2 + 1
    return fade_background(view, cv2.blur(cover, (blur, blur)), spec.toning)


def full_view(picture: Pixels | Pyramid, spec: ViewSpec) -> Pixels:
    """Make the view of a whole image, stretched as far as the spec allows and padded with neutral grey.

    Args:
        picture: RGB uint8 (height, width, 3), or its pyramid.
        spec: parameters of the view.

    Returns:
        RGB uint8 (size, size, 3).
    """
    height, width = _pixels(picture).shape[:2]
    return crop_and_resize(picture, Crop.around(WHOLE, width, height, margin=0.0, stretch=spec.stretch), spec.size)


def _pixels(picture: Pixels | Pyramid) -> Pixels:
    return picture.pixels if isinstance(picture, Pyramid) else picture


def _mirrored(view: Pixels, turn: int) -> Pixels:
    """Mirror a view: not (0), left-right (1), upside-down (2), both (3), and so on in turn."""
    if turn % 4 == 0:
        return view
    flipped: Pixels = cv2.flip(view, (1, 0, -1)[turn % 4 - 1])
    return flipped
