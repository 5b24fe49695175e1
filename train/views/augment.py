"""Augmentation: the item rotated, shifted and relit, on its own background or another, as the bin's view would show it.

Where the crop lies and how its background fades is decided by the code that the bin runs (``edge.sight.view``), with masks as
unreliable as in the bin. The crop alone is drawn, at little more than the view's size: most of a picture is never shown.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.pyramid import resize_linear
from edge.sight.view import NEUTRAL, WHOLE, Crop, crop_and_resize, fade_background
from hardware.frame import Pixels
from train.data.cache import CachedPicture, TrainingPicture
from train.data.images import uint8
from train.runs.settings import Settings
from train.views.backgrounds import random_background
from train.views.cameras import random_camera
from train.views.photometric import degrade, relight
from train.views.pose import ItemPose, draw_pose, is_empty

Cover = NDArray[np.uint8]
Box = tuple[float, float, float, float]

OUTLINE_SIDE = 112
"""Longer side of the mask that the crop is chosen by, in pixels: about that of the masks in the bin."""
WORKING_SCALE = 1.25
"""Side of the picture that light, blur and noise are applied to, by the side of the view: the bin's camera resolves more than
the view shows."""


class Augmenter:
    """Makes training views; equal random states give equal views.

    Args:
        settings: strengths and shares, and the size of the view.
        others: photographs whose background may be used for another item.
        size: side of the views in pixels; None: that of the settings.
    """

    def __init__(self, settings: Settings, others: Sequence[TrainingPicture], size: int | None = None) -> None:
        self._settings = settings
        self._size = size or settings.size
        self._side = round(WORKING_SCALE * self._size)
        self._others = [other for other in others if other.mask_is_reliable and not other.is_sprite]

    def __call__(self, picture: TrainingPicture, random: np.random.Generator) -> Pixels:
        """One view, RGB uint8 (size, size, 3).

        Raises:
            PictureError: the picture is on disk, and its file has gone or is damaged.
        """
        cached, settings = picture.loaded(), self._settings
        pose = draw_pose(cached, random, settings)
        outline = None if cached.cover is None else _outline(pose, cached.cover)
        # An item that is shifted nearly out of the picture leaves no cover.
        has_item = outline is not None and (cached.is_sprite or not is_empty(outline))
        box: Box | None = None
        if outline is not None and has_item and random.random() >= settings.full_share + settings.mask_drop:
            if random.random() < settings.mask_jitter:
                outline = perturb_mask(outline, random)
            box = find_box(outline)
        stretch = float(random.uniform(1.1, 1.5))
        margin = _margin(random) if box else 0.0
        crop = Crop.around(box or WHOLE, pose.width, pose.height, margin=margin, stretch=stretch)
        pixels = relight(pose.render(cached.pixels, crop, self._side, self._side), random, settings)
        if has_item and (cached.is_sprite or (cached.mask_is_reliable and random.random() < settings.ground_share)):
            pixels = self._on_other_ground(pixels, cached, pose, crop, random)
        if random.random() < settings.camera_share:
            pixels = random_camera(pixels, random)
        pixels = _neutral_outside(degrade(pixels, random, settings), crop, pose)
        view = resize_linear(pixels, self._size, self._size)
        toning = _toning(random)
        if box is None or outline is None or toning == 0.0:
            return view
        scaled = crop.scaled(outline.shape[1] / pose.width, outline.shape[0] / pose.height)
        blur = max(1, round(float(random.uniform(0.01, 0.06)) * self._size)) * 2 + 1
        return fade_background(
            view, uint8(cv2.blur(crop_and_resize(outline, scaled, self._size), (blur, blur))), toning
        )

    def _on_other_ground(
        self, pixels: Pixels, cached: CachedPicture, pose: ItemPose, crop: Crop, random: np.random.Generator
    ) -> Pixels:
        assert cached.cover is not None
        cover = pose.render_cover(cached.cover, crop, self._side, self._side)
        ground = random_background(random, self._side, self._others, self._settings.bin_ground_share)
        if random.random() < self._settings.shadow_share:
            ground = shadow(ground, cover, random)
        return composite(pixels, cover, ground)


def _outline(pose: ItemPose, cover: Cover) -> Cover:
    scale = OUTLINE_SIDE / max(pose.width, pose.height)
    return pose.render_cover(cover, pose.whole(), max(1, round(scale * pose.width)), max(1, round(scale * pose.height)))


def _neutral_outside(pixels: Pixels, crop: Crop, pose: ItemPose) -> Pixels:
    """Neutral grey where a crop extends beyond the frame, as in the bin. uint8 (side, side, 3) -> the same, changed."""
    side = pixels.shape[0]
    for axis, (centre, length, end) in enumerate(
        ((crop.centre_y, crop.height, pose.height), (crop.centre_x, crop.width, pose.width))
    ):
        first, last = (round((edge - centre + length / 2) / length * side) for edge in (0, end))
        lines = pixels if axis == 0 else pixels.swapaxes(0, 1)
        lines[: max(first, 0)] = NEUTRAL
        lines[min(max(last, 0), side) :] = NEUTRAL
    return pixels


def composite(pixels: Pixels, cover: Cover, ground: Pixels) -> Pixels:
    """The item of one picture on another background. uint8 (side, side, 3), (side, side), (side, side, 3) -> as the first."""
    # The edge of a hard mask would reveal the composition: it is softened by about two pixels.
    soft = cv2.merge([cv2.GaussianBlur(cover, (5, 5), 0)] * 3)
    item = cv2.multiply(pixels, soft, scale=1 / 255)
    return uint8(cv2.add(item, cv2.multiply(ground, 255 - soft, scale=1 / 255)))


def random_affine(
    cached: CachedPicture, relit: Pixels, random: np.random.Generator, settings: Settings
) -> tuple[Pixels, Cover | None]:
    """Picture and mask laid at random (``train.views.pose``), the whole frame at the picture's scale.

    Args:
        cached: the picture and its mask.
        relit: its pixels, relit; the same shape.
        random: source of the draws.
        settings: zoom and share of cut-off items.

    Returns:
        RGB uint8 (height, width, 3) and its cover uint8 (height, width), or None where there was none.
    """
    pose = draw_pose(cached, random, settings)
    frame = (pose.whole(), pose.width, pose.height)
    cover = None if cached.cover is None else pose.render_cover(cached.cover, *frame)
    if cover is not None and is_empty(cover) and not cached.is_sprite:
        cover = None
    return pose.render(relit, *frame), cover


def find_box(cover: Cover) -> Box | None:
    """The box of a cover's item as fractions of its sides, (x0, y0, x1, y1); None if it is empty. uint8 (height, width)."""
    height, width = cover.shape
    x, y, box_width, box_height = cv2.boundingRect((cover > 127).astype(np.uint8))
    if box_width < 4 or box_height < 4:
        return None
    return (x / width, y / height, (x + box_width) / width, (y + box_height) / height)


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
