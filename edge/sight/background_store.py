"""Saves the background model across restarts, so that an item on the tray at start-up is not learnt as background."""

import io
import logging
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.files.bounded import read_bounded, unpack_bounded
from edge.files.owner import make_folder
from edge.files.state_files import MOST_DISPOSABLE, is_in_the_way, set_aside, write_whole
from edge.sight.background import BackgroundModel

log = logging.getLogger(__name__)

SAVE_S = 1800.0
"""Interval between saves while the model adapts, in seconds: a few megabytes written to the SD card per day."""

MAX_NOISE = 100.0
"""Upper bound of a plausible noise, in Lab units: the range of L."""

MAX_LAB = 200.0
"""Upper bound of a plausible mean, in Lab units: beyond the range of L, a and b."""

TRAY_NAME = "tray.txt"
"""Entry of the file that says which tray it is of. NumPy leaves it alone."""

MOST_LETTERS = 500
"""Longest text that says which tray it is."""

MAX_FILE_BYTES = 4_000_000
"""Largest file and largest array that is read, in bytes: many times what the largest working image takes."""


class BackgroundStore:
    """A file with the newest background model. Errors are logged once; the bin works without the file.

    Args:
        file: path of the .npz file. Its folder is created if necessary.
        tray: which tray it is, in words. Looks like it or not, what was saved of another one is not used; "": it is not known.
        run: has a write done; by default at once, in the caller's thread. A worn card takes seconds, and the control loop must
            not wait for it.
    """

    def __init__(
        self, file: Path, *, tray: str = "", run: Callable[[Callable[[], None]], None] = lambda write: write()
    ) -> None:
        self._file = file
        self._tray = tray[:MOST_LETTERS]
        self._run = run
        self._saved: BackgroundModel | None = None
        self._save_time_s: float | None = None
        self._failing = False

    def load(self, shape: tuple[int, ...]) -> BackgroundModel | None:
        """Read the model of the last run. A damaged file is set aside.

        Args:
            shape: shape of the working image, (height, width, 3).

        Returns:
            The model; None if there is no file, it is damaged, or it was saved of another tray or for another shape.
        """
        try:
            tray, background = _decode(read_bounded(self._file, MAX_FILE_BYTES))
        except FileNotFoundError:
            if is_in_the_way(self._file):
                self._set_aside("leads nowhere")
            return None
        except Exception as error:
            # What numpy and zipfile raise on damaged bytes has no common base.
            self._set_aside(str(error) or type(error).__name__)
            return None
        if tray and self._tray and tray != self._tray:
            log.warning("tray %s: is of another tray (%s), the empty tray is learnt again", self._file, tray)
            return None
        if background.mean.shape != shape:
            log.warning("tray %s: was saved with another camera setting, the empty tray is learnt again", self._file)
            return None
        self._saved = background
        return background

    def save_if_due(self, background: BackgroundModel | None, time_s: float) -> None:
        """Save the model if it has changed and the last save is old enough. Call it while the tray is empty.

        Args:
            background: the current model; None before it is learnt.
            time_s: monotonic time, in seconds.
        """
        if background is None or background is self._saved:
            return
        if self._save_time_s is None or time_s - self._save_time_s >= SAVE_S:
            self._save_time_s = time_s
            self._run(lambda: self.save(background))

    def save(self, background: BackgroundModel) -> None:
        """Write the model to the file: whole, and on the disk when this returns. A link is replaced, not followed."""
        data = io.BytesIO()
        np.savez_compressed(data, mean=background.mean.astype(np.float16), noise=background.noise)
        with zipfile.ZipFile(data, "a") as archive:
            archive.writestr(zipfile.ZipInfo(TRAY_NAME), self._tray)
        try:
            make_folder(self._file.parent)
            if self._file.is_dir() and not self._file.is_symlink():
                self._set_aside("is a folder")
            write_whole(self._file, data.getvalue(), durable=True)
        except OSError as error:
            if not self._failing:
                log.warning("tray %s: cannot be written: %s", self._file, error)
            self._failing = True
            return
        self._failing = False
        self._saved = background

    def _set_aside(self, reason: str) -> None:
        try:
            kept = f"kept as {set_aside(self._file, most=MOST_DISPOSABLE).name}"
        except OSError as error:
            kept = f"and cannot be set aside: {error}"
        log.warning("tray %s: cannot be read, %s, the empty tray is learnt again: %s", self._file, kept, reason)


def _decode(data: bytes) -> tuple[str, BackgroundModel]:
    """Which tray the bytes of a file are of, "" where they do not say, and the model in them.

    Raises:
        Exception: of any kind, if they are damaged.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        mean, noise = (_array(archive, name) for name in ("mean.npy", "noise.npy"))
        # Files of earlier releases do not say it.
        has_name = TRAY_NAME in archive.namelist()
        tray = unpack_bounded(archive, TRAY_NAME, 4 * MOST_LETTERS).decode() if has_name else ""
    background = BackgroundModel(mean.astype(np.float32), float(noise))
    if not (np.isfinite(background.mean).all() and np.abs(background.mean).max(initial=0.0) <= MAX_LAB):
        raise ValueError(f"mean: expected numbers from -{MAX_LAB:g} to {MAX_LAB:g}")
    if not 0 < background.noise < MAX_NOISE:
        raise ValueError(f"noise: expected a number between 0 and {MAX_NOISE:g}, got {background.noise:g}")
    return tray, background


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[np.floating]:
    """One array of floats; its size is checked before memory is taken for it."""
    content = io.BytesIO(unpack_bounded(archive, name, MAX_FILE_BYTES))
    if np.lib.format.read_magic(content) != (1, 0):
        raise ValueError(f"{name}: expected version 1.0 of the format")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(content)
    if dtype.kind != "f" or is_fortran:
        raise ValueError(f"{name}: expected floats in C order")
    return np.frombuffer(content.read(), dtype).reshape(shape)
