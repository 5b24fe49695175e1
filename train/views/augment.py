"""Augmentation: the item rotated, shifted and relit, on its own background or another, then passed through the bin's view.

The last step is the code that the bin runs (``edge.sight.view``), with masks as unreliable as in the bin.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.view import NEUTRAL, ViewSpec, full_view, object_view
from edge.values import Mask
from hardware.frame import Pixels
from train.data.cache import CachedPicture
from train.data.images import uint8
from train.runs.settings import Settings
from train.views.backgrounds import random_background
from train.views.photometric import degrade, relight

Cover = NDArray[np.uint8]


class Augmenter:
    """Makes training views; equal random states give equal views.

    Args:
        settings: strengths and shares, and the size of the view.
        others: photographs whose background may be used for another item.
        size: side of the views in pixels; None: that of the settings.
    """

    def __init__(self, settings: Settings, others: list[CachedPicture], size: int | None = None) -> None:
        self._settings = settings
        self._size = size or settings.size
        self._others = [other for other in others if other.mask_is_reliable and not other.is_sprite]

    def __call__(self, cached: CachedPicture, random: np.random.Generator) -> Pixels:
        """One view, RGB uint8 (size, size, 3)."""
        settings = self._settings
        # Light first: the neutral grey that later fills the space outside the picture is not tinted in the bin either.
        lit = relight(cached.pixels, random, settings)
        pixels, cover = random_affine(cached, lit, random, settings)
        # An item that is shifted nearly out of the picture leaves no cover.
        if cover is not None and (
            cached.is_sprite or (cached.mask_is_reliable and random.random() < settings.ground_share)
        ):
            pixels = self._on_other_ground(pixels, cover, random)
        pixels = degrade(pixels, random, settings)
        spec = ViewSpec(
            size=self._size,
            margin=_margin(random),
            toning=_toning(random),
            stretch=float(random.uniform(1.1, 1.5)),
            feather=float(random.uniform(0.01, 0.06)),
        )
        if cover is None or random.random() < settings.full_share + settings.mask_drop:
            return full_view(pixels, spec)
        if random.random() < settings.mask_jitter:
            cover = perturb_mask(cover, random)
        return object_view(pixels, as_mask(cover), spec)

    def _on_other_ground(self, pixels: Pixels, cover: Cover, random: np.random.Generator) -> Pixels:
        height, width = cover.shape
        ground = np.ascontiguousarray(random_background(random, max(height, width), self._others)[:height, :width])
        if random.random() < self._settings.shadow_share:
            ground = shadow(ground, cover, random)
        return composite(pixels, cover, ground)


def composite(pixels: Pixels, cover: Cover, ground: Pixels) -> Pixels:
    """The item of one picture on another background. uint8 (side, side, 3), (side, side), (side, side, 3) -> as the first."""
    # The edge of a hard mask would reveal the composition: it is softened by about two pixels.
    soft = cv2.merge([cv2.GaussianBlur(cover, (5, 5), 0)] * 3)
    item = cv2.multiply(pixels, soft, scale=1 / 255)
    return uint8(cv2.add(item, cv2.multiply(ground, 255 - soft, scale=1 / 255)))


def random_affine(
    cached: CachedPicture, relit: Pixels, random: np.random.Generator, settings: Settings
) -> tuple[Pixels, Cover | None]:
    """Picture and mask rotated, flipped, scaled and shifted together.

    Pictures that can be rotated by any angle are put on a square as wide as their longer side; others keep their frame and
    are rotated by multiples of 90 degrees, since the view stretches a whole picture to fill its square.

    Args:
        cached: the picture and its mask.
        relit: its pixels, relit; the same shape.
        random: source of the draws.
        settings: zoom and share of cut-off items.

    Returns:
        RGB uint8 (height, width, 3) and its cover uint8 (height, width), or None where there was none.
    """
    source = cached.cover
    side = max(relit.shape[:2])
    # Background around a whole item can be extended outwards (a reflection would show the item twice). An item that
    # fills its picture is rotated by multiples of 90 degrees and a few degrees more.
    extend = cached.mask_is_reliable and not cached.is_sprite and random.random() < 0.8
    rotates_freely = extend or cached.is_sprite
    if not rotates_freely:
        quarters = int(random.integers(4))
        relit = np.ascontiguousarray(np.rot90(relit, quarters))
        source = None if source is None else np.ascontiguousarray(np.rot90(source, quarters))
    height, width = relit.shape[:2]
    frame = (side, side) if rotates_freely else (width, height)
    angle = random.uniform(0, 360) if rotates_freely else random.normal(0, 4)
    zoom = random.uniform(1 - settings.zoom, 1 + settings.zoom)
    if cached.is_sprite:
        zoom *= random.uniform(0.45, 1.0)
    reach = 0.35 if random.random() < settings.cut_share else 0.06
    shift = random.uniform(-reach, reach, 2) * side
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(angle), float(zoom))
    if random.random() < 0.5:
        matrix[:, :2] = matrix[:, :2] @ np.diag([-1.0, 1.0])
        matrix[:, 2] += matrix[:, :2] @ np.array([-width, 0.0])  # mirror about the centre: x -> width - x
    matrix[:, 2] += np.array([frame[0] - width, frame[1] - height]) / 2 + shift
    pixels = cv2.warpAffine(
        relit,
        matrix,
        frame,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE if extend or not cached.mask_is_reliable else cv2.BORDER_CONSTANT,
        borderValue=(NEUTRAL,) * 3,
    )
    cover = None if source is None else cv2.warpAffine(source, matrix, frame, flags=cv2.INTER_LINEAR)
    if cover is not None and int(cv2.countNonZero(cover)) < 0.002 * cover.size:
        cover = None if not cached.is_sprite else cover
    return uint8(pixels), None if cover is None else uint8(cover)


def as_mask(cover: Cover) -> Mask | None:
    """A cover as the view's mask; None if it is empty."""
    height, width = cover.shape
    x, y, box_width, box_height = cv2.boundingRect((cover > 127).astype(np.uint8))
    if box_width < 4 or box_height < 4:
        return None
    area = float(np.count_nonzero(cover > 127)) / cover.size
    return Mask(cover, (x / width, y / height, (x + box_width) / width, (y + box_height) / height), area)


def perturb_mask(cover: Cover, random: np.random.Generator) -> Cover:
    """A mask with the errors of the bin's masks: dilated, eroded, with a part missing, or with a shadow in it. Same shape."""
    side = cover.shape[0]
    draw = random.random()
    reach = 2 * int(random.integers(1, max(2, round(0.025 * side)))) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    if draw < 0.4:
        return uint8(cv2.dilate(cover, kernel))
    if draw < 0.6:
        shrunk = uint8(cv2.erode(cover, kernel))
        return shrunk if cv2.countNonZero(shrunk) > 0.3 * cv2.countNonZero(cover) else cover
    x, y, width, height = cv2.boundingRect(cover)
    at = (round(x + random.uniform(0, 1) * width), round(y + random.uniform(0, 1) * height))
    axes = (max(2, round(random.uniform(0.08, 0.3) * width)), max(2, round(random.uniform(0.08, 0.3) * height)))
    value = 255 if draw < 0.8 else 0
    out = cover.copy()
    cv2.ellipse(out, at, axes, float(random.uniform(0, 180)), 0, 360, value, cv2.FILLED)
    return out if cv2.countNonZero(out) > 0.3 * cv2.countNonZero(cover) else cover


def shadow(ground: Pixels, cover: Cover, random: np.random.Generator) -> Pixels:
    """The item's soft shadow on the background, to one side. (height, width, 3), (height, width) -> as the first."""
    side = max(cover.shape)
    shift = random.uniform(-0.05, 0.05, 2) * side
    shifted = cv2.warpAffine(cover, np.array([[1, 0, shift[0]], [0, 1, shift[1]]]), cover.shape[::-1])
    width = max(1, round(side * random.uniform(0.01, 0.05)))
    soft = cv2.blur(shifted, (2 * width + 1, 2 * width + 1))
    light = 255 - cv2.convertScaleAbs(soft, alpha=float(random.uniform(0.15, 0.6)))
    return uint8(cv2.multiply(ground, cv2.merge([light] * 3), scale=1 / 255))


def _margin(random: np.random.Generator) -> float:
    """Mostly a narrow margin; sometimes a wide one, as in the further looks of the vote."""
    return float(random.uniform(0.0, 0.28) if random.random() < 0.75 else random.uniform(0.28, 1.0))


def _toning(random: np.random.Generator) -> float:
    """Uniform in 0..1, with the two ends more often: 0 (unchanged background) and 1 (the item alone)."""
    draw = random.random()
    return 0.0 if draw < 0.12 else 1.0 if draw < 0.24 else float(random.uniform(0, 1))
