"""Pictures in memory: decoded once, scaled down, each with the item's mask."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import PictureError
from edge.sight.mask import find_mask
from edge.sight.view import ViewSpec, full_view, object_view
from hardware.frame import Pixels
from train.data.images import uint8
from train.data.pictures import MIN_SIDE, Picture, read_pixels, read_sprite
from train.runs.settings import ViewKind

log = logging.getLogger("train")

Result = TypeVar("Result")

CHUNK = 2048
"""Number of pictures that the reading threads are given at once."""
MOST_LOGGED = 50
"""Number of unreadable pictures that are logged one by one; a folder of HEIC may hold thousands."""
RELIABLE_AREA = (0.03, 0.70)
"""Range of the share of the picture that a reliable mask covers: its item may be composited on another background."""
RELIABLE_BORDER_CONTACT = 0.20
"""Largest share of the picture's border that a reliable mask touches: beyond, it covers background, or the item is cut off."""
SPRITE_MARGIN = 0.12
"""Empty margin around a sprite, as a share of its longer side: a square rotated by 45 degrees needs 0.21, but few items are
square."""


@dataclass(frozen=True, slots=True, eq=False)
class CachedPicture:
    """A picture in memory.

    Attributes:
        pixels: RGB uint8 (height, width, 3).
        cover: uint8 (height, width), 0 background, 255 item; None where no item was found.
        target: index of its label.
        mask_is_reliable: the item may be composited on another background.
        is_sprite: the pixels outside the cover have no meaning, so that the background is always replaced.
        data_set: name of its data set; "" for a sprite.
    """

    pixels: Pixels
    cover: NDArray[np.uint8] | None
    target: int
    mask_is_reliable: bool
    is_sprite: bool = False
    data_set: str = ""

    def loaded(self) -> "CachedPicture":
        """Itself; a picture on disk (``train.data.picture_store``) reads itself into memory here."""
        return self


class TrainingPicture(Protocol):
    """A picture to make views of, in memory or on disk. Attributes as of ``CachedPicture``."""

    @property
    def target(self) -> int:
        """Index of its label."""

    @property
    def mask_is_reliable(self) -> bool:
        """Whether the item may be composited on another background."""

    @property
    def is_sprite(self) -> bool:
        """Whether it is a cut-out."""

    @property
    def data_set(self) -> str:
        """Name of its data set."""

    def loaded(self) -> CachedPicture:
        """The picture in memory. Raises PictureError."""


def _shrink(pixels: Pixels, side: int) -> Pixels:
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(MIN_SIDE, round(width * scale)), max(MIN_SIDE, round(height * scale)))
    return uint8(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def cache_photograph(pixels: Pixels, target: int, side: int, salient: NDArray[np.uint8] | None = None) -> CachedPicture:
    """Cache a photograph. Its mask is found as in the bin, on the whole picture before it is scaled down.

    Args:
        pixels: RGB uint8 (height, width, 3).
        target: index of its label.
        side: longer side in memory, in pixels; smaller pictures keep their size.
        salient: a better mask of the whole picture, uint8 of any size (``train.data.salient_masks``); None: there is none.
    """
    small = _shrink(pixels, side)
    mask = find_mask(pixels) if salient is None else None
    found = salient if mask is None else mask.cover
    if found is None:
        return CachedPicture(small, None, target, mask_is_reliable=False)
    cover = uint8(cv2.resize(found, small.shape[1::-1], interpolation=cv2.INTER_LINEAR))
    border = np.concatenate([found[0], found[-1], found[:, 0], found[:, -1]])
    area = float((found > 127).mean())
    is_reliable = not (mask is not None and mask.is_guess) and (
        RELIABLE_AREA[0] <= area <= RELIABLE_AREA[1] and float((border > 127).mean()) <= RELIABLE_BORDER_CONTACT
    )
    return CachedPicture(small, cover, target, mask_is_reliable=is_reliable)


def cache_sprite(rgba: Pixels, target: int, side: int) -> CachedPicture | None:
    """Cache a cut-out, cropped to its alpha channel, which becomes the mask.

    Args:
        rgba: uint8 (height, width, 4).
        target: index of its label.
        side: longer side in memory, in pixels.

    Returns:
        None where the opaque part is smaller than ``MIN_SIDE`` on a side.
    """
    x, y, width, height = cv2.boundingRect((rgba[..., 3] > 127).astype(np.uint8))
    if min(width, height) < MIN_SIDE:
        return None
    # A margin, so that rotation does not cut corners off.
    room = round(SPRITE_MARGIN * max(width, height))
    framed = cv2.copyMakeBorder(
        rgba[y : y + height, x : x + width], room, room, room, room, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)
    )
    small = _shrink(uint8(framed), side)
    return CachedPicture(
        np.ascontiguousarray(small[..., :3]),
        np.ascontiguousarray(small[..., 3]),
        target,
        mask_is_reliable=True,
        is_sprite=True,
    )


def load_pictures(
    pictures: Sequence[Picture], labels: Sequence[str], side: int, *, sprites: bool = False
) -> tuple[list[CachedPicture], list[Picture], dict[Picture, str]]:
    """Read pictures into memory.

    What cannot be read is left out.

    Args:
        pictures: files, of labels that are among ``labels``.
        labels: in the order of the model's outputs.
        side: longer side in memory, in pixels.
        sprites: the files are cut-outs with an alpha channel.

    Returns:
        The cached pictures, the files they were read from (same order), and the files that could not be read, with the
        reason.
    """
    index = {label: position for position, label in enumerate(labels)}

    def one(picture: Picture) -> CachedPicture:
        return read_cached(picture, index[picture.label], side, sprite=sprites)

    return read_all(one, pictures)


def read_cached(
    picture: Picture, target: int, side: int, *, sprite: bool = False, salient: NDArray[np.uint8] | None = None
) -> CachedPicture:
    """Read one picture into memory. Arguments as of ``cache_photograph`` and ``load_pictures``.

    Raises:
        PictureError: it cannot be read. The message does not name the file.
    """
    if not sprite:
        return replace(cache_photograph(read_pixels(picture), target, side, salient), data_set=picture.data_set)
    cached = cache_sprite(read_sprite(picture), target, side)
    if cached is None:
        raise PictureError(f"its opaque part is smaller than {MIN_SIDE} pixels on a side")
    return replace(cached, data_set=picture.data_set)


def make_view(pixels: Pixels, spec: ViewSpec, kind: ViewKind = "object") -> Pixels:
    """The view of a whole photograph, as the bin makes it without a background model. uint8 (size, size, 3)."""
    return full_view(pixels, spec) if kind == "full" else object_view(pixels, find_mask(pixels), spec)


def load_views(
    pictures: Sequence[Picture], labels: Sequence[str], spec: ViewSpec, kind: ViewKind = "object"
) -> tuple[NDArray[np.uint8], NDArray[np.int64], dict[Picture, str]]:
    """Views of pictures, for validation.

    Returns:
        uint8 (n, size, size, 3), label indices (n,), and the pictures that could not be read (left out), with the reason.
    """
    index = {label: position for position, label in enumerate(labels)}

    def one(picture: Picture) -> Pixels:
        return make_view(read_pixels(picture), spec, kind)

    views, readable, unreadable = read_all(one, pictures)
    stacked = np.stack(views) if views else np.zeros((0, spec.size, spec.size, 3), np.uint8)
    return stacked, np.asarray([index[picture.label] for picture in readable], np.int64), unreadable


def log_unreadable(unreadable: Mapping[Picture, str]) -> None:
    """Log the pictures that could not be read, each with its reason."""
    for number, (picture, reason) in enumerate(unreadable.items()):
        if number == MOST_LOGGED:
            log.warning("left out, cannot be read: %d more", len(unreadable) - MOST_LOGGED)
            break
        log.warning("left out, cannot be read: %s: %s", picture.path, reason)


def read_all(
    read: Callable[[Picture], Result], pictures: Sequence[Picture]
) -> tuple[list[Result], list[Picture], dict[Picture, str]]:
    """What ``read`` gives for each picture, those pictures, and the others with the reason."""

    def one(picture: Picture) -> Result | PictureError:
        try:
            return read(picture)
        except PictureError as error:
            return error

    found: list[Result] = []
    readable: list[Picture] = []
    unreadable: dict[Picture, str] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # In parts: the pool keeps a record of everything that it was given and that nobody has taken.
        for at in range(0, len(pictures), CHUNK):
            chunk = pictures[at : at + CHUNK]
            for result, picture in zip(pool.map(one, chunk), chunk, strict=True):
                if isinstance(result, PictureError):
                    unreadable[picture] = str(result)
                else:
                    found.append(result)
                    readable.append(picture)
    return found, readable, unreadable
