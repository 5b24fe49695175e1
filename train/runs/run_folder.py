"""A run's folder: what was asked for, where it stands, and what it made."""

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
    """Where a run stands after a whole number of epochs.

    Attributes:
        epoch: epochs done.
        stage: "head" or "all": what the checkpoint's optimizer belongs to.
        best: the best validation accuracy so far, and its loss.
        best_epoch: the epoch that had it, counted from 1; 0 before the first.
        checkpoint: file name of the checkpoint, "" before the first.
        history: one row of figures an epoch.
        finished: nothing is left to do.
    """

    epoch: int = 0
    stage: str = ""
    best: list[float] = field(default_factory=lambda: [-1.0, 1e9])
    best_epoch: int = 0
    checkpoint: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)
    finished: bool = False


class RunFolder:
    """Files of one run. Everything is written whole or not at all, so that a kill at any moment can be resumed."""

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
        """Begin a run, or take an unfinished one with the same settings up again.

        Raises:
            SettingsError: the folder holds a run with other settings; the text names them.
        """
        # A run that failed before its pictures were split (a mistyped folder, say) has nothing that settings belong to.
        if self.settings_file.exists() and self.split_file.exists():
            differences = Settings.load(self.settings_file).differences(settings)
            if differences:
                raise SettingsError(
                    f"run {self.path}: was begun with other settings ({'; '.join(differences)}); "
                    "give the same ones, --resume alone, or another --out"
                )
            return self.load_state()
        self.path.mkdir(parents=True, exist_ok=True)
        settings.save(self.settings_file)
        return TrainingState()

    def load_settings(self) -> Settings:
        """The settings that the run was begun with.

        Raises:
            RunError: there is no run.
        """
        if not self.settings_file.is_file():
            raise RunError(f"run {self.path}: no settings.json inside; expected a folder made by sorter-train fit")
        return Settings.load(self.settings_file)

    def load_state(self) -> TrainingState:
        """Where the run stands; a fresh ``TrainingState`` before the first epoch ended.

        Raises:
            RunError: the file is damaged.
        """
        if not self._progress_file.exists():
            return TrainingState()
        try:
            return TrainingState(**json.loads(self._progress_file.read_text()))
        except (ValueError, TypeError) as error:
            raise RunError(
                f"run {self.path}: progress.json is damaged: {error}; begin anew with another --out"
            ) from error

    def load_labels(self) -> tuple[str, ...]:
        """The labels in the order of the model's outputs.

        Raises:
            RunError: missing or damaged.
        """
        try:
            return tuple(str(label) for label in json.loads(self.labels_file.read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise RunError(f"run {self.path}: labels.json cannot be read: {error}") from error

    def load_best(self) -> keras.Model:
        """The best model so far.

        Raises:
            RunError: there is none yet.
        """
        if not self.best_file.is_file():
            raise RunError(f"run {self.path}: no best.keras yet; finish at least one epoch of sorter-train fit")
        return keras.saving.load_model(self.best_file, compile=False)

    def save_checkpoint(self, model: keras.Model, progress: TrainingState) -> None:
        """Keep model, optimizer and progress; the old checkpoint goes only when the new one is named."""
        old, name = progress.checkpoint, f"checkpoint-{progress.epoch:04d}.keras"
        save_model(model, self.path / name)
        progress.checkpoint = name
        self.save_state(progress)
        if old and old != name:
            (self.path / old).unlink(missing_ok=True)

    def save_state(self, progress: TrainingState) -> None:
        """Write where the run stands, and ``history.csv``."""
        write_text(self._progress_file, json.dumps(asdict(progress), indent=1) + "\n")
        if progress.history:
            text = io.StringIO()
            writer = csv.DictWriter(text, list(progress.history[-1]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(progress.history)
            write_text(self.path / "history.csv", text.getvalue())


def save_model(model: keras.Model, path: Path) -> None:
    """Save as ``.keras``, atomically."""
    temporary = path.with_name(f".{path.name}.tmp.keras")  # Keras goes by the ending
    model.save(temporary)
    os.replace(temporary, path)
