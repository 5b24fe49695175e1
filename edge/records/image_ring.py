"""Stores the newest images of items, within a byte budget."""

import logging
import os
from collections import deque
from contextlib import suppress
from pathlib import Path

import cv2

from hardware.frame import Pixels

log = logging.getLogger(__name__)

JPEG_QUALITY = 88
"""JPEG quality, 0..100: two thirds of the size of 95, and details that matter for labelling an image remain visible."""


class ImageRing:
    """Writes JPEG files, and deletes the oldest when the budget is exceeded.

    Images are optional: an error skips the image, and is logged once until writing works again.

    Args:
        folder: folder of the images; created if necessary.
        budget_bytes: maximum total size; 0 stores no images.
    """

    def __init__(self, folder: Path, *, budget_bytes: int) -> None:
        self._folder = folder
        self._budget_bytes = budget_bytes
        # Names, not paths, to save memory: there may be a hundred thousand.
        self._files: deque[tuple[str, int]] = deque()
        self._bytes = 0
        self._failing = False
        if budget_bytes > 0:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                for leftover in folder.glob(".*.part"):
                    leftover.unlink()
                known = [(path, path.stat()) for path in folder.glob("*.jpg")]
            except OSError as error:
                log.warning("image ring %s: no images are stored: %s", folder, error)
                self._budget_bytes = 0
                return
            # By name, which increases, not by modification time, which may go back with the clock.
            for path, stat in sorted(known, key=lambda entry: entry[0].name):
                self._files.append((path.name, stat.st_size))
                self._bytes += stat.st_size

    def add(self, name: str, pixels: Pixels) -> str | None:
        """Store an image.

        Args:
            name: file name without the suffix. Names must increase alphabetically with age: after a restart the first
                are deleted first.
            pixels: RGB uint8 (height, width, 3).

        Returns:
            The file name; None if the image was not stored.
        """
        if self._budget_bytes <= 0:
            return None
        ok, encoded = cv2.imencode(
            ".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        )
        if not ok or encoded.nbytes > self._budget_bytes:
            return None
        path = self._folder / f"{name}.jpg"
        part = self._folder / f".{name}.part"
        try:
            while self._files and self._bytes + encoded.nbytes > self._budget_bytes:
                oldest, size = self._files.popleft()
                (self._folder / oldest).unlink(missing_ok=True)
                self._bytes -= size
            part.write_bytes(encoded.tobytes())
            os.replace(part, path)
        except OSError as error:
            self._warn(path, error)
            with suppress(OSError):
                part.unlink()
            return None
        if self._failing:
            self._failing = False
            log.warning("image ring %s: images are stored again", self._folder)
        self._files.append((path.name, encoded.nbytes))
        self._bytes += encoded.nbytes
        return path.name

    def _warn(self, path: Path, error: OSError) -> None:
        """Log the first of a series of errors."""
        if not self._failing:
            self._failing = True
            log.warning("image ring %s: %s was not stored: %s", self._folder, path.name, error)
