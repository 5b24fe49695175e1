"""A video file that is there whole or not at all."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

import cv2

from edge.errors import PictureError
from hardware.frame import Pixels
from hardware.native_stderr import native_stderr_discarded

CODECS: Mapping[str, str] = MappingProxyType({".webm": "VP80", ".mp4": "avc1"})
"""Ending of the name -> codec, by OpenCV's four letters: the one that browsers play in such a file. VP8 is in OpenCV's
wheels, and took 2.9 s of processor time for 150 frames of a film, VP9 44 s; H.264 only where the machine has an encoder."""


class FilmFile:
    """Writes a video beside its place, and moves it there when it is complete. Frames all have the same, even size.

    Args:
        path: the file; its name ends with one of ``CODECS``, and its folder exists.
        fps: frames per second.
        size: width and height, in pixels.

    Raises:
        PictureError: it cannot be written there, or this OpenCV lacks the codec.
    """

    def __init__(self, path: Path, *, fps: float, size: tuple[int, int]) -> None:
        codec = CODECS.get(path.suffix.lower())
        if codec is None:
            raise PictureError(f"film {path}: expected a name that ends with {' or '.join(CODECS)}")
        if path.is_dir():
            raise PictureError(f"film {path}: is a folder, expected a file")
        self._path = path
        # FFmpeg goes by the end of the name.
        self._part = path.with_name(f".{path.stem}.part{path.suffix}")
        try:
            self._part.unlink(missing_ok=True)
            self._part.touch(exist_ok=False)
        except OSError as error:
            raise PictureError(f"film {path}: cannot be written: {error.strerror or error}") from error
        with native_stderr_discarded():
            self._writer = cv2.VideoWriter(str(self._part), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), fps, size)
        if not self._writer.isOpened():
            self.discard()
            other = next(iter(CODECS))
            hint = "" if path.suffix.lower() == other else f"; name it {path.with_suffix(other).name}, which needs none"
            raise PictureError(f"film {path}: OpenCV finds no encoder for {codec} here{hint}")

    def write(self, picture: Pixels) -> None:
        """Append a frame, RGB uint8 (height, width, 3)."""
        self._writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))

    def finish(self) -> None:
        """Close the file and give it its name; what had that name before is replaced.

        Raises:
            PictureError: the name cannot be given.
        """
        self._writer.release()
        try:
            os.replace(self._part, self._path)
        except OSError as error:
            self.discard()
            raise PictureError(f"film {self._path}: cannot be written: {error.strerror or error}") from error

    def discard(self) -> None:
        """Delete what was written; what had the file's name before stays."""
        self._writer.release()
        with suppress(OSError):
            self._part.unlink()
