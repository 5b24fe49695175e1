"""Pictures and views in memory that processes share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels
from train.data.cache import CachedPicture


@dataclass(frozen=True, slots=True)
class PictureSlice:
    """Place of a picture in the shared memory.

    Attributes:
        picture: without its pixels and cover.
        shape: of the pixels, (height, width, 3).
        pixels: offset of the pixels, in bytes.
        cover: offset of the cover, in bytes; None: the picture has none.
    """

    picture: CachedPicture
    shape: tuple[int, ...]
    pixels: int
    cover: int | None


def lay_out(pictures: Sequence[CachedPicture]) -> tuple[list[PictureSlice], int]:
    """Places of pictures one behind the other, and the size of all in bytes."""
    slices, end = [], 0
    nothing = np.zeros((0,), np.uint8)
    for cached in pictures:
        pixels, end = end, end + cached.pixels.size
        cover = None
        if cached.cover is not None:
            cover, end = end, end + cached.cover.size
        slices.append(PictureSlice(replace(cached, pixels=nothing, cover=None), cached.pixels.shape, pixels, cover))
    return slices, end


def write_bytes(memory: NDArray[np.uint8], at: int, values: NDArray[np.uint8]) -> None:
    """Copy ``values`` to an offset in bytes."""
    memory[at : at + values.size] = values.ravel()


def as_bytes(memory: SharedMemory) -> NDArray[np.uint8]:
    """The memory as an array without a copy; it cannot be closed while the array exists.

    Raises:
        ValueError: the memory is closed.
    """
    if memory.buf is None:
        raise ValueError(f"shared memory {memory.name} is closed")
    return np.frombuffer(memory.buf, np.uint8)


def slot_views(slot: SharedMemory, batch: int, size: int, small: int) -> tuple[Pixels, Pixels]:
    """The views of a batch in a slot, without a copy: uint8 (batch, size, size, 3) and (batch, small, small, 3)."""
    large, rest = np.split(as_bytes(slot), [batch * size**2 * 3])
    return large.reshape(batch, size, size, 3), rest.reshape(batch, small, small, 3)


def shared_picture(buffer: NDArray[np.uint8], place: PictureSlice) -> CachedPicture:
    """The picture at a place, its arrays without a copy."""
    height, width = place.shape[:2]
    pixels = buffer[place.pixels : place.pixels + height * width * 3].reshape(place.shape)
    cover = None if place.cover is None else buffer[place.cover : place.cover + height * width].reshape(height, width)
    return replace(place.picture, pixels=pixels, cover=cover)
