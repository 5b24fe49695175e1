"""The image ring: the newest pictures of items, within a byte budget."""

import logging
import os
from collections import deque
from contextlib import suppress
from pathlib import Path

import cv2

from hardware.frame import Pixels

log = logging.getLogger(__name__)


class ImageRing:
    """Writes JPEG files and removes the oldest when the budget is exceeded.

    A picture is a help, never a reason to stop: what cannot be written is left out, and logged once until it works again.

    Args:
        folder: made where it is missing.
        budget_bytes: all pictures together stay below it; 0 keeps none.
    """

    def __init__(self, folder: Path, *, budget_bytes: int) -> None:
        self._folder = folder
        self._budget_bytes = budget_bytes
        # Names, not paths: there may be a hundred thousand.
        self._kept: deque[tuple[str, int]] = deque()
        self._bytes = 0
        self._failing = False
        if budget_bytes > 0:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                for leftover in folder.glob(".*.part"):
                    leftover.unlink()
                known = [(path, path.stat()) for path in folder.glob("*.jpg")]
            except OSError as error:
                log.warning("image ring %s: no pictures are kept: %s", folder, error)
                self._budget_bytes = 0
                return
            # By name, which counts up, and not by the files' times: a clock that was set back would turn the order round.
            for path, stat in sorted(known, key=lambda entry: entry[0].name):
                self._kept.append((path.name, stat.st_size))
                self._bytes += stat.st_size

    def add(self, name: str, pixels: Pixels) -> str | None:
        """Keep a picture (RGB uint8) under ``name`` + .jpg; the file's name, or None when it was not kept.

        Names in their alphabetical order are the order of age: the first are the first to go after a restart.
        """
        if self._budget_bytes <= 0:
            return None
        ok, encoded = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])
        if not ok or encoded.nbytes > self._budget_bytes:
            return None
        path = self._folder / f"{name}.jpg"
        part = self._folder / f".{name}.part"
        try:
            while self._kept and self._bytes + encoded.nbytes > self._budget_bytes:
                oldest, size = self._kept.popleft()
                (self._folder / oldest).unlink(missing_ok=True)
                self._bytes -= size
            part.write_bytes(encoded.tobytes())
            os.replace(part, path)
        except OSError as error:
            self._tell(path, error)
            with suppress(OSError):
                part.unlink()
            return None
        if self._failing:
            self._failing = False
            log.warning("image ring %s: pictures are kept again", self._folder)
        self._kept.append((path.name, encoded.nbytes))
        self._bytes += encoded.nbytes
        return path.name

    def _tell(self, path: Path, error: OSError) -> None:
        if not self._failing:
            self._failing = True
            log.warning("image ring %s: %s was not kept: %s", self._folder, path.name, error)
