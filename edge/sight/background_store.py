"""The empty tray, kept over a restart: an item that lies there when the bin starts must not be learnt as the tray."""

import logging
import os
import zipfile
from pathlib import Path

import numpy as np

from edge.sight.background import BackgroundModel

log = logging.getLogger(__name__)

SAVE_S = 1800.0
"""So often the empty tray is written while it follows light and dirt, in seconds: a few megabytes a day for the SD card."""


class BackgroundStore:
    """A file with the last empty tray that was seen. What fails is logged once; the bin does without.

    Args:
        file: numpy's .npz; its folder is made where it is missing.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept: BackgroundModel | None = None
        self._saved_s: float | None = None
        self._failing = False

    def load(self, shape: tuple[int, ...]) -> BackgroundModel | None:
        """The tray of the last run, or None where there is none for pictures of this shape (height, width, 3)."""
        try:
            with self._file.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                ground = BackgroundModel(kept["mean"].astype(np.float32), float(kept["noise"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            log.warning("tray %s: cannot be used, the empty tray is learnt anew: %s", self._file, error)
            return None
        if ground.mean.shape != shape or not np.isfinite(ground.mean).all() or not 0 < ground.noise < 100:
            log.warning("tray %s: is of another camera setting, the empty tray is learnt anew", self._file)
            return None
        self._kept = ground
        return ground

    def save_if_due(self, ground: BackgroundModel | None, time_s: float) -> None:
        """Keep the tray as it is known now; written when it is time.

        Args:
            ground: the empty tray, while it is empty.
            time_s: monotonic time, in seconds.
        """
        if ground is None or ground is self._kept:
            return
        if self._saved_s is None or time_s - self._saved_s >= SAVE_S:
            self._saved_s = time_s
            self.save(ground)

    def save(self, ground: BackgroundModel) -> None:
        """Write it, whole or not at all."""
        part = self._file.with_name(f".{self._file.name}.part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                np.savez_compressed(file, mean=ground.mean.astype(np.float16), noise=ground.noise)
            os.replace(part, self._file)
        except OSError as error:
            if not self._failing:
                log.warning("tray %s: cannot be written: %s", self._file, error)
            self._failing = True
            return
        self._failing = False
        self._kept = ground
