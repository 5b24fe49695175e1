"""Saves the background model across restarts, so that an item on the tray at start-up is not learnt as background."""

import logging
import os
import zipfile
from pathlib import Path

import numpy as np

from edge.sight.background import BackgroundModel

log = logging.getLogger(__name__)

SAVE_S = 1800.0
"""Interval between saves while the model adapts, in seconds: a few megabytes written to the SD card per day."""

MAX_NOISE = 100.0
"""Upper bound of a plausible noise, in Lab units: the range of L."""


class BackgroundStore:
    """A file with the newest background model. Errors are logged once; the bin works without the file.

    Args:
        file: path of the .npz file. Its folder is created if necessary.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._saved: BackgroundModel | None = None
        self._save_time_s: float | None = None
        self._failing = False

    def load(self, shape: tuple[int, ...]) -> BackgroundModel | None:
        """Read the model of the last run.

        Args:
            shape: shape of the working image, (height, width, 3).

        Returns:
            The model; None if there is no file, it is damaged, or it was saved for another shape.
        """
        try:
            with self._file.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                background = BackgroundModel(arrays["mean"].astype(np.float32), float(arrays["noise"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            log.warning("tray %s: cannot be read, the empty tray is learnt again: %s", self._file, error)
            return None
        usable = background.mean.shape == shape and np.isfinite(background.mean).all()
        if not usable or not 0 < background.noise < MAX_NOISE:
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
            self.save(background)

    def save(self, background: BackgroundModel) -> None:
        """Write the model to the file, atomically."""
        part = self._file.with_name(f".{self._file.name}.part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                np.savez_compressed(file, mean=background.mean.astype(np.float16), noise=background.noise)
            os.replace(part, self._file)
        except OSError as error:
            if not self._failing:
                log.warning("tray %s: cannot be written: %s", self._file, error)
            self._failing = True
            return
        self._failing = False
        self._saved = background
