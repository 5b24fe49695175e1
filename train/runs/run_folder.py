"""A run's folder: its settings, state, checkpoint and best model."""

import csv
import io
import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeGuard

import keras
from pydantic import Field, NonNegativeInt, TypeAdapter, ValidationError

from train.errors import RunError, SettingsError
from train.files import UnreadableFileError, read_json, write_text
from train.runs.settings import REMEDY, Settings

FIGURES = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_macro_f1")
"""Figures of an epoch that pages and tables show."""

START_FROM_BEST = "start again with another --out, from best.keras if you like (--weights RUN/best.keras)"


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

    epoch: NonNegativeInt = 0
    stage: str = ""
    best: Annotated[list[float], Field(min_length=2, max_length=2)] = field(default_factory=lambda: [-1.0, 1e9])
    best_epoch: NonNegativeInt = 0
    checkpoint: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)
    finished: bool = False

    def finish_untrained(
        self, stage: str, loss: float, accuracy: float, figures: dict[str, float], seconds: float
    ) -> None:
        """Finish with weights that no epoch has made.

        Args:
            stage: where they come from.
            loss, accuracy: on training views.
            figures: ``TrainingData.validation_metrics``.
            seconds: that it took.
        """
        row: dict[str, Any] = {
            "epoch": 1,
            "stage": stage,
            "loss": round(loss, 5),
            "accuracy": round(accuracy, 5),
            "rate": 0.0,
            **figures,
            "seconds": round(seconds, 1),
        }
        self.epoch, self.best_epoch, self.finished = 1, 1, True
        self.history, self.best = [row], [row["val_accuracy"], row["val_loss"]]

    @classmethod
    def from_json(cls, raw: object) -> "TrainingState":
        """What ``RunFolder.save_state`` wrote.

        Raises:
            UnreadableFileError: it is something else.
        """
        try:
            state = TypeAdapter(cls).validate_python(raw)
        except ValidationError as error:
            problem = error.errors()[0]
            raise UnreadableFileError(f"{'.'.join(map(str, problem['loc'])) or 'it'}: {problem['msg']}") from error
        if state.checkpoint != Path(state.checkpoint).name:
            raise UnreadableFileError(f"checkpoint: expected a file's name without a folder, got {state.checkpoint!r}")
        for row in state.history:
            missing = [name for name in FIGURES if not isinstance(row.get(name), int | float)]
            if missing:
                raise UnreadableFileError(f"history: a row lacks {missing[0]}, a number")
        return state


class RunFolder:
    """Files of one run. All are written atomically, so that a run can be resumed after a kill at any moment."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings_file = path / "settings.json"
        self.split_file = path / "split.json"
        self.best_file = path / "best.keras"
        self.start_file = path / "start.keras"
        self.view_file = path / "view.json"
        self.bias_file = path / "bias.json"
        self.labels_file = path / "labels.json"
        self.data_file = path / "data.json"
        self.pictures_folder = path / "pictures"
        self._progress_file = path / "progress.json"

    def clear_pictures(self) -> None:
        """Remove the pictures that were stored for training; a run that is resumed would store them again."""
        shutil.rmtree(self.pictures_folder, ignore_errors=True)

    def start_or_resume(self, settings: Settings) -> TrainingState:
        """Start a run, or resume an unfinished one with the same settings.

        Raises:
            SettingsError: the folder holds a run with other settings; the message names them.
            RunError: progress.json is damaged, or the run has lost its split.
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
        if self.load_state().epoch:
            raise RunError(
                f"run {self.path}: split.json is gone, and another draw would mix what it was trained and tested on; start "
                "again with another --out"
            )
        self.path.mkdir(parents=True, exist_ok=True)
        settings.save(self.settings_file)
        return TrainingState()

    def load_settings(self) -> Settings:
        """Read the settings that the run was started with.

        Raises:
            RunError: there is no run.
            SettingsError: the file is damaged.
        """
        if not self.settings_file.is_file():
            raise RunError(f"run {self.path}: no settings.json in it; expected a folder made by sorter-train fit")
        settings = Settings.load(self.settings_file)
        if not settings.data:
            raise SettingsError(f"{self.settings_file}: names no data that the run was trained on; {REMEDY}")
        return settings

    def load_state(self) -> TrainingState:
        """Read the state of the run; a fresh ``TrainingState`` before the end of the first epoch.

        Raises:
            RunError: the file is damaged.
        """
        if not self._progress_file.exists():
            return TrainingState()
        try:
            return TrainingState.from_json(read_json(self._progress_file))
        except UnreadableFileError as error:
            raise RunError(
                f"run {self.path}: progress.json is damaged: {error}; start again with another --out"
            ) from error

    def load_labels(self) -> tuple[str, ...]:
        """Read the labels in the order of the model's outputs.

        Raises:
            RunError: labels.json is missing or damaged.
        """
        try:
            labels = read_json(self.labels_file)
            if not _is_labels(labels):
                raise UnreadableFileError("expected a list of two or more different labels")
        except UnreadableFileError as error:
            raise RunError(f"run {self.path}: labels.json cannot be used: {error}; {REMEDY}") from error
        return tuple(labels)

    def load_data_hashes(self) -> dict[str, str]:
        """Read ``data.json``: name of a data set -> SHA-256 (hexadecimal) of the pictures that were trained on.

        Raises:
            RunError: the file is missing or damaged.
        """
        try:
            hashes = read_json(self.data_file)
            if not isinstance(hashes, dict) or not all(isinstance(one, str) for one in hashes.values()):
                raise UnreadableFileError("expected an object of data set and hash")
        except UnreadableFileError as error:
            raise RunError(f"run {self.path}: data.json cannot be used: {error}; {REMEDY}") from error
        return hashes

    def load_best(self) -> keras.Model:
        """Load the best model so far.

        Raises:
            RunError: there is none yet.
        """
        if not self.best_file.is_file():
            raise RunError(f"run {self.path}: no best.keras yet; finish at least one epoch of sorter-train fit")
        return self._load(self.best_file, compile=False)

    def load_start(self) -> keras.Model:
        """Load the model as it was before the first epoch: a probed head on the weights that training started from.

        Raises:
            RunError: the run did not start from a probe.
        """
        if not self.start_file.is_file():
            raise RunError(
                f"run {self.path}: no start.keras in it; expected a run with head_start = probe (--set head_start=probe)"
            )
        return self._load(self.start_file, compile=False)

    def load_checkpoint(self, progress: TrainingState) -> keras.Model:
        """Load the model and its optimizer as they were after the last whole epoch.

        Raises:
            RunError: the file is missing or damaged.
        """
        file = self.path / progress.checkpoint
        if not file.is_file():
            raise RunError(f"run {self.path}: {progress.checkpoint} is gone, it cannot be resumed; {START_FROM_BEST}")
        return self._load(file, compile=True, remedy=START_FROM_BEST)

    def _load(self, file: Path, *, compile: bool, remedy: str = REMEDY) -> keras.Model:
        size, labels = self.load_settings().size, len(self.load_labels())
        try:
            model = keras.saving.load_model(file, compile=compile)
            shapes = (tuple(model.input_shape[1:]), tuple(model.output_shape[1:]))
        except Exception as error:  # what Keras, zipfile and HDF5 raise on damaged bytes has no common base
            raise RunError(
                f"run {self.path}: {file.name} cannot be read, it is cut, damaged or of another program: {first_line(error)}; "
                f"{remedy}"
            ) from error
        if shapes != ((size, size, 3), (labels,)):
            raise RunError(
                f"run {self.path}: {file.name} is of another run: it takes {shapes[0]} and gives {shapes[1]}, settings.json "
                f"and labels.json say {(size, size, 3)} and {(labels,)}; {remedy}"
            )
        return model

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


def first_line(error: Exception) -> str:
    """What an error of a library says, cut to one line."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _is_labels(raw: object) -> TypeGuard[list[str]]:
    return (
        isinstance(raw, list)
        and all(isinstance(label, str) and label for label in raw)
        and len(set(raw)) == len(raw) >= 2
    )


def save_model(model: keras.Model, path: Path) -> None:
    """Save as ``.keras``, atomically."""
    temporary = path.with_name(f".{path.name}.tmp.keras")  # Keras chooses the format by the suffix
    model.save(temporary)
    os.replace(temporary, path)
