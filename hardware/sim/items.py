"""Items to throw into the simulated bin: sprites, or photographs that are cut out of their ground."""

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.errors import HardwareConfigError
from hardware.sim.cutout import cut_out
from hardware.text_file import TextFileError, read_text

log = logging.getLogger(__name__)

Rgba = NDArray[np.uint8]
"""RGB and alpha (0 clear, 255 solid), uint8 (height, width, 4)."""

PICTURE_PX = 384
"""Longest side of an item's picture, in pixels: an item rarely covers more of the camera's 640x480."""

_CLEAR = 8
"""Alpha up to which a pixel counts as clear: JPEG and resizing leave traces of a few levels."""

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})


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
    """Items without end: all of the folder's in random order, then again in another order; one in memory at a time.

    Args:
        folder: holds a folder per label, with RGBA pictures (sprites) or plain photographs, which are cut out.
        listing: text file with one path per line, relative to ``folder``; only these are used. None: all.
        labels: only items of these are used. None: all.
        size: longest side of a returned picture, in pixels; larger ones are scaled down.
        seed: determines the order.

    Raises:
        HardwareConfigError: no such folder, no label folders in it, no pictures, or a listed one is missing; while
            iterating: none of the pictures can be read.
    """
    paths = _listed(folder, listing) if listing is not None else _found(folder)
    if labels is not None:
        paths = [path for path in paths if path.parts[0] in labels]
        if not paths:
            raise HardwareConfigError(f"items: {folder} has no picture labelled {' or '.join(sorted(labels))}")
    return _endless(folder, paths, size, np.random.default_rng((seed, 0)))


def load_item(path: Path, folder: Path, *, size: int = PICTURE_PX) -> SimItem:
    """The one item of a picture below ``folder``, in the folder of its label.

    Raises:
        HardwareConfigError: there is no such picture, or it cannot be read.
    """
    if path.is_absolute() or ".." in path.parts or len(path.parts) < 2 or not _is_file(folder / path):
        raise HardwareConfigError(f"items: no picture {path} in {folder}; expected e.g. glass/bottle.png")
    rgba = _load(folder / path, size)
    if rgba is None:
        raise HardwareConfigError(f"items: {folder / path} cannot be read as a picture")
    return SimItem(path.parts[0], path.as_posix(), rgba)


def _found(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise HardwareConfigError(f"items: {folder} is not a folder; expected one with a folder of pictures per label")
    labels = sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith((".", "_")))
    if not labels:
        raise HardwareConfigError(f"items: {folder} holds no label folders; expected e.g. {folder.name}/glass/*.jpg")
    paths = [path for label in labels for path in sorted(label.rglob("*")) if path.suffix.lower() in PICTURES]
    if not paths:
        names = ", ".join(label.name for label in labels)
        raise HardwareConfigError(f"items: no pictures ({', '.join(sorted(PICTURES))}) in {folder} under {names}")
    return [path.relative_to(folder) for path in paths]


def _listed(folder: Path, listing: Path) -> list[Path]:
    try:
        lines = [line.strip() for line in read_text(listing).split("\n")]
    except (OSError, TextFileError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise HardwareConfigError(f"items: cannot read the listing {listing}: {reason}") from error
    names = [line for line in lines if line and not line.startswith("#")]
    # Lists that were written on Windows separate folders by a backslash.
    paths = [Path(name if _is_file(folder / name) else name.replace("\\", "/")) for name in names]
    if not paths:
        raise HardwareConfigError(f"items: the listing {listing} names no picture")
    for path in paths:
        if path.is_absolute() or ".." in path.parts or len(path.parts) < 2:
            raise HardwareConfigError(f"items: {listing}: expected label/picture relative to {folder}, got {path}")
        if not _is_file(folder / path):
            raise HardwareConfigError(f"items: {listing} names {path}, which is not in {folder}")
    return paths


def _is_file(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have (too long, with a zero byte) is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _endless(folder: Path, paths: list[Path], size: int, rng: np.random.Generator) -> Iterator[SimItem]:
    while True:
        read = 0
        for index in rng.permutation(len(paths)):
            path = paths[index]
            rgba = _load(folder / path, size)
            if rgba is None:
                log.warning("items: cannot use %s, skipped", folder / path)
                continue
            read += 1
            yield SimItem(path.parts[0], path.as_posix(), rgba)
        if not read:
            raise HardwareConfigError(f"items: none of the {len(paths)} pictures in {folder} can be read")


def _load(path: Path, size: int) -> Rgba | None:
    # Decoded from bytes: imread prints errors to stderr, and cannot open names that are not ASCII everywhere.
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError:
        return None
    picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    if picture is None:
        return None
    if picture.dtype != np.uint8:
        picture = cv2.convertScaleAbs(picture, alpha=255 / np.iinfo(picture.dtype).max)
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    factor = size / max(picture.shape[:2])
    if factor < 1:
        scaled = (max(round(picture.shape[1] * factor), 1), max(round(picture.shape[0] * factor), 1))
        picture = cv2.resize(picture, scaled, interpolation=cv2.INTER_AREA)
    if picture.shape[2] == 4 and picture[..., 3].min() < 255:
        return _trimmed(cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA))
    rgb = cv2.cvtColor(picture[..., :3], cv2.COLOR_BGR2RGB)
    return _trimmed(np.dstack([rgb, cut_out(rgb)]))


def _trimmed(rgba: Rgba) -> Rgba | None:
    x, y, width, height = cv2.boundingRect((rgba[..., 3] > _CLEAR).astype(np.uint8))
    return np.ascontiguousarray(rgba[y : y + height, x : x + width]) if width > 1 and height > 1 else None
