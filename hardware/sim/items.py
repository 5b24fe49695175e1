"""Items to throw into the simulated bin: sprites, or photographs that are cut out of their ground."""

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.errors import HardwareConfigError
from hardware.pictures.errors import PictureFileError
from hardware.pictures.reader import read_rgba
from hardware.sim.cutout import cut_out
from hardware.sim.item_folder import ItemFolder, is_file, label_in_path, read_item_folder

log = logging.getLogger(__name__)

Rgba = NDArray[np.uint8]
"""RGB and alpha (0 clear, 255 solid), uint8 (height, width, 4)."""

PICTURE_PX = 384
"""Longest side of an item's picture, in pixels: an item rarely covers more of the camera's 640x480."""

_CLEAR = 8
"""Alpha up to which a pixel counts as clear: JPEG and resizing leave traces of a few levels."""


@dataclass(frozen=True, slots=True, eq=False)
class SimItem:
    """An item with its picture.

    Attributes:
        label: its true label.
        name: path of its picture, relative to the items' folder.
        rgba: the picture, trimmed to the item.
    """

    label: str
    name: str
    rgba: Rgba


def load_items(
    folder: Path,
    *,
    listing: Path | None = None,
    labels: Collection[str] | None = None,
    size: int = PICTURE_PX,
    seed: int = 0,
) -> Iterator[SimItem]:
    """Items without end, as ``endless_items``, of a folder.

    Args:
        folder, listing: see ``read_item_folder``.
        labels: only items of these are used. None: all.
        size: longest side of a returned picture, in pixels; larger ones are scaled down.
        seed: determines the order.

    Raises:
        HardwareConfigError: as ``read_item_folder``, or there is no picture of these labels; while iterating: none of the
            pictures can be read.
    """
    source = read_item_folder(folder, listing)
    return endless_items(source if labels is None else source.of_labels(labels), size=size, seed=seed)


def endless_items(source: ItemFolder, *, size: int = PICTURE_PX, seed: int = 0) -> Iterator[SimItem]:
    """Items without end: all in random order, then again in another order; one in memory at a time.

    A picture that cannot be read is tried each time, and told the first time.

    Args:
        source: RGBA pictures (sprites) or plain photographs, which are cut out.
        size: longest side of a returned picture, in pixels; larger ones are scaled down.
        seed: determines the order.

    Raises:
        HardwareConfigError: while iterating: none of the pictures can be read.
    """
    rng = np.random.default_rng((seed, 0))
    paths = list(source.labels)
    told: set[str] = set()
    while True:
        read = 0
        for index in rng.permutation(len(paths)):
            path = paths[index]
            try:
                rgba = _load(source.root / path, size)
            except PictureFileError as error:
                if str(error) not in told:
                    told.add(str(error))
                    log.warning("items: skipped: %s", error)
                continue
            read += 1
            yield SimItem(source.labels[path], path.as_posix(), rgba)
        if not read:
            raise HardwareConfigError(f"items: none of the {len(paths)} pictures in {source.root} can be read")


def load_item(path: Path, folder: Path, *, size: int = PICTURE_PX) -> SimItem:
    """The one item of a picture below ``folder``, in the folder of its label.

    Raises:
        HardwareConfigError: there is no such picture, or it cannot be read.
    """
    if path.is_absolute() or ".." in path.parts or len(path.parts) < 2 or not is_file(folder / path):
        raise HardwareConfigError(f"items: no picture {path} in {folder}; expected e.g. glass/bottle.png")
    try:
        return SimItem(label_in_path(path), path.as_posix(), _load(folder / path, size))
    except PictureFileError as error:
        raise HardwareConfigError(f"items: {error}") from error


def _load(path: Path, size: int) -> Rgba:
    """The item in a picture, trimmed. Raises PictureFileError."""
    rgba = read_rgba(path)
    factor = size / max(rgba.shape[:2])
    if factor < 1:
        scaled = (max(round(rgba.shape[1] * factor), 1), max(round(rgba.shape[0] * factor), 1))
        rgba = cv2.resize(rgba, scaled, interpolation=cv2.INTER_AREA)
    if rgba[..., 3].min() == 255:
        rgba = np.dstack([rgba[..., :3], cut_out(np.ascontiguousarray(rgba[..., :3]))])
    x, y, width, height = cv2.boundingRect((rgba[..., 3] > _CLEAR).astype(np.uint8))
    if width <= 1 or height <= 1:
        reason = f"the item in it is only {width}x{height} pixels" if width else "nothing in it but transparency"
        raise PictureFileError(path, reason)
    return np.ascontiguousarray(rgba[y : y + height, x : x + width])
