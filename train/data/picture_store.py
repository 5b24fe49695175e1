"""Pictures on disk as training needs them: decoded, scaled down, with their masks; one file each, read when a view is made.

However many there are, memory holds a few hundred bytes of each; the operating system keeps in its page cache what fits.
"""

import hashlib
import os
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import PictureError
from train.data.cache import CachedPicture, read_all, read_cached
from train.data.pictures import Picture
from train.data.salient_masks import SalientMasks

VERSION = 1
"""To be raised when the same picture would be stored otherwise than before: the shape of the files, or how masks are found."""
HEADER = struct.Struct("<HH??xx")
"""Height, width, whether there is a cover, whether the mask is reliable. Then the pixels, then the cover, uint8."""


@dataclass(frozen=True, slots=True)
class DiskPicture:
    """A picture on disk; a ``train.data.cache.TrainingPicture``.

    Attributes:
        file: where its pixels and its cover are.
        target, mask_is_reliable, is_sprite, data_set: as of ``CachedPicture``.
    """

    file: str
    target: int
    mask_is_reliable: bool
    is_sprite: bool
    data_set: str

    def loaded(self) -> CachedPicture:
        """The picture in memory.

        Raises:
            PictureError: its file has gone or is damaged.
        """
        try:
            content = np.fromfile(self.file, np.uint8)
        except OSError as error:
            raise PictureError(
                f"{self.file}: {error.strerror or error}; start the run again to store it anew"
            ) from error
        pixels, cover = _unpack(content, self.file)
        return CachedPicture(pixels, cover, self.target, self.mask_is_reliable, self.is_sprite, self.data_set)


class PictureStore:
    """A folder of pictures. Files are named by what was stored, and how: a picture that is there is not read again.

    Several data sets, runs and processes may share a folder.

    Args:
        folder: made where it is missing.
        side: longer side of a picture, in pixels.
        masks: better masks than those that the bin would find; None: there are none.
    """

    def __init__(self, folder: Path, side: int, masks: SalientMasks | None = None) -> None:
        self._folder, self._side, self._masks = folder, side, masks

    def store(
        self, pictures: Sequence[Picture], labels: Sequence[str], *, sprites: bool = False
    ) -> tuple[list[DiskPicture], list[Picture], dict[Picture, str]]:
        """Store what is not there yet. Arguments and return value as of ``train.data.cache.load_pictures``."""
        index = {label: position for position, label in enumerate(labels)}
        return read_all(lambda picture: self._stored(picture, index[picture.label], sprites), pictures)

    def _stored(self, picture: Picture, target: int, sprite: bool) -> DiskPicture:
        try:
            content = picture.path.read_bytes()
        except OSError as error:
            raise PictureError(error.strerror or str(error)) from error
        salient = self._masks.find(content) if self._masks and not sprite else None
        file = self._file(content, salient, sprite, picture.keep_damaged)
        reliable = _reliability(file)
        if reliable is None:
            cached = read_cached(picture, target, self._side, sprite=sprite, salient=salient)
            _write(file, cached)
            reliable = cached.mask_is_reliable
        return DiskPicture(str(file), target, reliable, sprite, picture.data_set)

    def _file(self, content: bytes, salient: NDArray[np.uint8] | None, sprite: bool, keep_damaged: bool) -> Path:
        digest = hashlib.sha256(f"{VERSION} {self._side} {sprite} {keep_damaged}\n".encode())
        if salient is not None:
            digest.update(hashlib.sha256(salient.tobytes()).digest())
        digest.update(content)
        name = digest.hexdigest()
        return self._folder / name[:2] / f"{name[2:]}.picture"


def _reliability(file: Path) -> bool | None:
    """Whether the mask of a stored picture is reliable; None where there is no whole file."""
    try:
        with open(file, "rb") as stream:
            height, width, has_cover, reliable = HEADER.unpack(stream.read(HEADER.size))
            whole = os.fstat(stream.fileno()).st_size == HEADER.size + height * width * (4 if has_cover else 3)
    except (OSError, struct.error):
        return None
    return bool(reliable) if whole else None


def _write(file: Path, cached: CachedPicture) -> None:
    """Write atomically. Not made durable: after a power cut a file may be short, and is then made again."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # Two pictures with one content may be stored at the same time, here or in another process.
    temporary = file.with_name(f".{file.name}.{os.getpid()}.{threading.get_ident()}")
    height, width = cached.pixels.shape[:2]
    with open(temporary, "wb") as stream:
        stream.write(HEADER.pack(height, width, cached.cover is not None, cached.mask_is_reliable))
        cached.pixels.tofile(stream)
        if cached.cover is not None:
            cached.cover.tofile(stream)
    os.replace(temporary, file)


def _unpack(content: NDArray[np.uint8], file: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    try:
        height, width, has_cover, _ = HEADER.unpack(content[: HEADER.size].tobytes())
        pixels, cover = np.split(content[HEADER.size :], [height * width * 3])
        return pixels.reshape(height, width, 3), cover.reshape(height, width) if has_cover else None
    except (struct.error, ValueError) as error:
        raise PictureError(f"{file}: is damaged; delete it and start the run again to store it anew") from error
