"""Stored clips: a video file, or a folder of frames sorted by name."""

from collections.abc import Iterator
from pathlib import Path

import cv2

from edge.errors import InputMissingError, PictureError
from edge.sight.picture import find_pictures, read_picture
from hardware.frame import Pixels


def read_clip(path: Path) -> Iterator[Pixels]:
    """Yield the clip's frames, RGB uint8 (height, width, 3), each read on demand.

    Raises:
        InputMissingError: the file or folder does not exist, or has no picture in it.
        PictureError: a frame cannot be decoded, or the frames differ in size.
    """
    if not path.exists():
        raise InputMissingError(f"clip {path}: no such file or folder; expected a video or a folder of frames")
    size: tuple[int, ...] | None = None
    for number, pixels in enumerate(_from_folder(path) if path.is_dir() else _from_video(path)):
        size = size or pixels.shape
        if pixels.shape != size:
            raise PictureError(
                f"clip {path}: frame {number} has {pixels.shape[1]}x{pixels.shape[0]} pixels, the first "
                f"{size[1]}x{size[0]}; expected frames from one camera"
            )
        yield pixels


def _from_folder(path: Path) -> Iterator[Pixels]:
    return (read_picture(picture) for picture in find_pictures(path))


def _from_video(path: Path) -> Iterator[Pixels]:
    capture = cv2.VideoCapture(str(path))
    try:
        empty = True
        while True:
            arrived, picture = capture.read()
            if not arrived:
                break
            empty = False
            yield cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        if empty:
            raise PictureError(f"clip {path}: no frame in it; expected a video that OpenCV can decode")
    finally:
        capture.release()
