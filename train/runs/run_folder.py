"""A run's folder: its settings, state, checkpoint and best model."""

import csv
import io
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras

from train.errors import RunError, SettingsError
from train.files import write_text
from train.runs.settings import Settings


@dataclass(slots=True)
class TrainingState:
    """State of a run after a whole number of epochs.

    Attributes:
        epoch: number of finished epochs, >= 0.
        stage: "head" or "all": stage of the checkpoint's optimizer; "" before the first epoch.
        best: the best validation accuracy so far, 0..1, and its loss; [-1, 1e9] before the first epoch.
        best_epoch: the epoch of ``best``, counted from 1; 0 before the first.
        checkpoint: file name of the checkpoint, "" before the first.
        history: one row of figures for each epoch.
        finished: all epochs are done, or training stopped early.
    """

    epoch: int = 0
    stage: str = ""
    best: list[float] = field(default_factory=lambda: [-1.0, 1e9])
    best_epoch: int = 0
    checkpoint: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)
    finished: bool = False


class RunFolder:
    """Files of one run. All are written atomically, so that a run can be resumed after a kill at any moment."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings_file = path / "settings.json"
        self.split_file = path / "split.json"
        self.best_file = path / "best.keras"
        self.view_file = path / "view.json"
        self.bias_file = path / "bias.json"
        self.labels_file = path / "labels.json"
        self._progress_file = path / "progress.json"

    def start_or_resume(self, settings: Settings) -> TrainingState:
        """Start a run, or resume an unfinished one with the same settings.

        Raises:
            SettingsError: the folder holds a run with other settings; the message names them.
            RunError: progress.json is damaged.
        """
        # A run that failed before its pictures were split (a mistyped folder, say) may be started again with other settings.
        if self.settings_file.exists() and self.split_file.exists():
            differences = Settings.load(self.settings_file).differences(settings)
            if differences:
                raise SettingsError(
                    f"run {self.path}: was started with other settings ({'; '.join(differences)}); "
                    "give the same ones, --resume alone, or another --out"
                )
            return self.load_state()
        self.path.mkdir(parents=True, exist_ok=True)
        settings.save(self.settings_file)
        return TrainingState()

    def load_settings(self) -> Settings:
        """Read the settings that the run was started with.

        Raises:
            RunError: there is no run.
        """
        if not self.settings_file.is_file():
            raise RunError(f"run {self.path}: no settings.json in it; expected a folder made by sorter-train fit")
        return Settings.load(self.settings_file)

    def load_state(self) -> TrainingState:
        """Read the state of the run; a fresh ``TrainingState`` before the end of the first epoch.

        Raises:
            RunError: the file is damaged.
        """
        if not self._progress_file.exists():
            return TrainingState()
        try:
            return TrainingState(**json.loads(self._progress_file.read_text()))
        except (ValueError, TypeError) as error:
            raise RunError(
                f"run {self.path}: progress.json is damaged: {error}; start again with another --out"
            ) from error

    def load_labels(self) -> tuple[str, ...]:
        """Read the labels in the order of the model's outputs.

        Raises:
            RunError: labels.json is missing or damaged.
        """
        try:
            return tuple(str(label) for label in json.loads(self.labels_file.read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise RunError(f"run {self.path}: labels.json cannot be read: {error}") from error

    def load_best(self) -> keras.Model:
        """Load the best model so far.

        Raises:
            RunError: there is none yet.
        """
        if not self.best_file.is_file():
            raise RunError(f"run {self.path}: no best.keras yet; finish at least one epoch of sorter-train fit")
        return keras.saving.load_model(self.best_file, compile=False)

    def save_checkpoint(self, model: keras.Model, progress: TrainingState) -> None:
        """Save model, optimizer and state; the old checkpoint is deleted after the state names the new one."""
        old, name = progress.checkpoint, f"checkpoint-{progress.epoch:04d}.keras"
        save_model(model, self.path / name)
        progress.checkpoint = name
        self.save_state(progress)
        if old and old != name:
            (self.path / old).unlink(missing_ok=True)

    def save_state(self, progress: TrainingState) -> None:
        """Write the state of the run, and ``history.csv``."""
        write_text(self._progress_file, json.dumps(asdict(progress), indent=1) + "\n")
        if progress.history:
            text = io.StringIO()
            writer = csv.DictWriter(text, list(progress.history[-1]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(progress.history)
            write_text(self.path / "history.csv", text.getvalue())


def save_model(model: keras.Model, path: Path) -> None:
    """Save as ``.keras``, atomically."""
    temporary = path.with_name(f".{path.name}.tmp.keras")  # Keras chooses the format by the suffix
    model.save(temporary)
    os.replace(temporary, path)
