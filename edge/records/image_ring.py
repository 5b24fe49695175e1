"""Stores the newest images of items, within a byte budget and as far as the disk has room for the events."""

import logging
import os
import re
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice, takewhile
from pathlib import Path

import cv2

from edge.files.owner import make_folder, rights_of_owner
from edge.files.state_files import MOST_DISPOSABLE, is_in_the_way, set_aside, write_whole
from hardware.frame import Pixels

log = logging.getLogger(__name__)

JPEG_QUALITY = 88
"""JPEG quality, 0..100: two thirds of the size of 95, and details that matter for labelling an image remain visible."""

GIVE_UP_BYTES = 1_000_000
"""Size of the images that ``give_up`` deletes at once, in bytes: many times what an event takes, and few images."""

MOST_REMOVED = 200
"""Number of images without an event that ``remove`` deletes at once: an event may wait for it."""

MOST_REFUSED = 10
"""Number of images that cannot be deleted (another user's) that ``give_up`` passes over: an event waits meanwhile."""

_NAME = re.compile(r"s(\d{8})-\d{6}\.jpg")


def free_bytes(folder: Path) -> int:
    """Free space of the file system that a folder is on, in bytes, without what is reserved for root.

    Raises:
        OSError: it cannot be measured.
    """
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


class ImageRing:
    """Writes JPEG files, and deletes the oldest when the budget is exceeded, or the free space falls below the reserve.

    Every file ``*.jpg`` in the folder counts, whoever put it there; links, folders and hidden files do not. Images are
    optional: an error skips the image, and is logged once until writing works again. Any thread may use it.

    Args:
        folder: folder of the images; created if necessary. Anything else of its name is set aside.
        budget_bytes: maximum total size; 0 stores no images.
        reserve_bytes: free space of the disk that images leave to the events.
        measure_free: returns the free space of a folder's disk, in bytes.
    """

    def __init__(
        self,
        folder: Path,
        *,
        budget_bytes: int,
        reserve_bytes: int = 0,
        measure_free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._folder = folder
        self._budget_bytes = budget_bytes
        self._reserve_bytes = reserve_bytes
        self._measure_free = measure_free
        # Names, not paths, to save memory: there may be a hundred thousand. The oldest comes first.
        self._sizes: dict[str, int] = {}
        self._bytes = 0
        self._failing = False
        self._keeps_deleted = False
        self._mutex = threading.Lock()
        if budget_bytes > 0:
            try:
                self._find_images()
            except OSError as error:
                log.warning("image ring %s: no images are stored: %s", folder, error)
                self._budget_bytes = 0

    @property
    def last_session(self) -> int:
        """Highest session that an image is named after, see ``image_name``; 0 if there is none."""
        with self._mutex:
            return max([0, *(int(match[1]) for match in map(_NAME.fullmatch, self._sizes) if match)])

    def add(self, name: str, pixels: Pixels) -> str | None:
        """Store an image; it takes the place of one of the same name.

        Args:
            name: file name without the suffix. Names must increase alphabetically with age: after a restart the first
                are deleted first.
            pixels: RGB uint8 (height, width, 3).

        Returns:
            The file name; None if the image was not stored.

        Raises:
            ValueError: the name is not the name of a visible file.
        """
        if not name or name.startswith(".") or "/" in name or "\0" in name:
            raise ValueError(f"name: expected the name of a file without its suffix, got {name!r}")
        if self._budget_bytes <= 0:
            return None
        ok, encoded = cv2.imencode(
            ".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        )
        if not ok or encoded.nbytes > self._budget_bytes:
            return None
        path = self._folder / f"{name}.jpg"
        with self._mutex:
            try:
                self._make_room(encoded.nbytes, keep=path.name)
                write_whole(path, encoded.tobytes(), durable=False)
            except OSError as error:
                self._warn(path, error)
                return None
            if self._failing:
                self._failing = False
                log.warning("image ring %s: images are stored again", self._folder)
            self._bytes += encoded.nbytes - self._sizes.pop(path.name, 0)
            self._sizes[path.name] = encoded.nbytes
        return path.name

    def remove(self, names: Iterable[str], *, before: str | None) -> None:
        """Delete images whose events were deleted. One that cannot be deleted is left, and the first is told of in the log.

        Args:
            names: their file names.
            before: images whose names come before this one in the alphabet, and so are older, are deleted as well: at most
                ``MOST_REMOVED`` at once; None: none.
        """
        with self._mutex:
            chosen = set(names)
            if before is not None:
                older = takewhile(lambda name: name < before, self._sizes)
                chosen.update(islice(older, MOST_REMOVED))
            for name in chosen & self._sizes.keys():
                try:
                    with rights_of_owner(self._folder):
                        (self._folder / name).unlink(missing_ok=True)
                except OSError as error:
                    if not self._keeps_deleted:
                        self._keeps_deleted = True
                        log.warning("image ring %s: %s was not deleted with its event: %s", self._folder, name, error)
                    continue
                self._bytes -= self._sizes.pop(name)

    def give_up(self) -> bool:
        """Delete the oldest images, so that an event fits on a full disk; returns whether there were any that could be."""
        with self._mutex:
            for _ in range(MOST_REFUSED):
                with suppress(OSError):  # the next try begins with another one
                    return self._delete(GIVE_UP_BYTES) > 0
            return False

    def is_disk_full(self) -> bool:
        """Whether the images' disk has no more room than ``give_up`` would make."""
        try:
            return self._measure_free(self._folder) < GIVE_UP_BYTES
        except OSError:
            return False

    def _find_images(self) -> None:
        if os.path.lexists(self._folder) and not self._folder.is_dir():
            log.warning(
                "image ring %s: is no folder, kept as %s", self._folder, set_aside(self._folder, most=MOST_DISPOSABLE)
            )
        make_folder(self._folder)
        with os.scandir(self._folder) as entries:
            for entry in entries:
                try:
                    if not entry.is_file(follow_symlinks=False):
                        continue
                    if entry.name.startswith(".") and entry.name.endswith(".part"):
                        with rights_of_owner(self._folder):
                            os.unlink(entry.path)
                    elif entry.name.endswith(".jpg") and not entry.name.startswith("."):
                        self._sizes[entry.name] = entry.stat(follow_symlinks=False).st_size
                except OSError as error:
                    log.warning("image ring %s: %s is left out: %s", self._folder, entry.name, error)
        # By name, which increases, not by modification time, which may go back with the clock.
        self._sizes = dict(sorted(self._sizes.items()))
        self._bytes = sum(self._sizes.values())
        with suppress(OSError):  # then the next image is not stored, and that is told
            self._delete(max(self._bytes - self._budget_bytes, self._missing_bytes(0)))

    def _make_room(self, size: int, *, keep: str) -> None:
        """Delete the oldest images until one of ``size`` bytes fits; raises OSError if it does not then."""
        make_folder(self._folder)  # somebody may have removed it
        replaced = self._sizes.pop(keep, 0)
        if replaced:
            self._sizes[keep] = replaced  # the newest from now on
        excess = self._bytes - replaced + size - self._budget_bytes
        missing = self._missing_bytes(size)
        if self._delete(max(excess, missing)) < missing:
            raise OSError(f"less than {self._reserve_bytes / 1e6:g} MB are free (event_log.reserve_mb)")

    def _missing_bytes(self, size: int) -> int:
        """Space to be freed so that ``size`` bytes leave the reserve free."""
        return self._reserve_bytes + size - self._measure_free(self._folder) if self._reserve_bytes else 0

    def _delete(self, size: int) -> int:
        """Delete the oldest images until they make ``size`` bytes; returns how many bytes they made."""
        deleted = 0
        while deleted < size and self._sizes:
            oldest = next(iter(self._sizes))
            known = self._sizes.pop(oldest)
            self._bytes -= known
            path = self._folder / oldest
            if is_in_the_way(path):
                continue  # somebody has put something else in its place
            try:
                with rights_of_owner(self._folder):
                    path.unlink(missing_ok=True)
            except OSError:
                # Not tried again before the others are.
                self._sizes[oldest] = known
                self._bytes += known
                if deleted:
                    break
                raise
            deleted += known
        return deleted

    def _warn(self, path: Path, error: OSError) -> None:
        """Log the first of a series of errors."""
        if not self._failing:
            self._failing = True
            log.warning("image ring %s: %s was not stored: %s", self._folder, path.name, error)
