"""Comparison of runs: settings, accuracy, size, speed."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from train.data.selection import pictures_in_part
from train.errors import DataError, SettingsError
from train.measuring.evaluation_metrics import EvaluationMetrics
from train.measuring.metrics import ClassificationScore
from train.measuring.plots import learning_curves
from train.measuring.predictions import predict_samples
from train.measuring.predictor import predictor_from_run
from train.measuring.samples import photograph_samples
from train.network.model import predict
from train.page import figure_svg, render
from train.runs.run_folder import RunFolder
from train.runs.settings import NAMES, Settings

BATCH = 32
"""Views in a batch when a model is timed."""
ROUNDS = 5
"""Number of timings of a model; the shortest counts, since other programs can only make it longer."""


@dataclass(frozen=True, slots=True, eq=False)
class RunSummary:
    """Settings and figures of one run.

    Attributes:
        name: of its folder.
        settings: of the run.
        history: one row of figures for each epoch, at least one.
        finished: all epochs are done, or training stopped early.
        test: score on the test part of its own split through its own view; None: not tested, see ``note``.
        test_keys: keys of the pictures of ``test``.
        note: why it was not tested; "" otherwise.
        parameters: number of the model's weights.
        file_bytes: size of best.keras, in bytes.
        ms_per_picture: prediction time in batches of ``BATCH`` on this machine, in milliseconds.
    """

    name: str
    settings: Settings
    history: list[dict[str, Any]]
    finished: bool
    test: ClassificationScore | None
    test_keys: frozenset[str]
    note: str
    parameters: int
    file_bytes: int
    ms_per_picture: float

    @property
    def best_epoch(self) -> dict[str, Any]:
        """The epoch of the saved model: highest validation accuracy, among equals the lowest loss."""
        return max(self.history, key=lambda row: (row["val_accuracy"], -row["val_loss"]))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        report: dict[str, Any] = {
            "epochs": len(self.history),
            "epochs_asked": self.settings.epochs,
            "best_epoch": self.best_epoch["epoch"],
            "val_accuracy": self.best_epoch["val_accuracy"],
            "val_macro_f1": self.best_epoch["val_macro_f1"],
            "test": self.test.as_dict() if self.test else None,
            "parameters": self.parameters,
            "bytes": self.file_bytes,
            "ms_per_picture": round(self.ms_per_picture, 3),
        }
        return report | ({"note": self.note} if self.note else {})


def summarize_run(folder: RunFolder, name: str, progress: Progress | None = None) -> RunSummary:
    """Read a run and evaluate its best model.

    Raises:
        RunError: there is no run, or it has no model yet.
    """
    settings, run = folder.load_settings(), folder.load_state()
    model = folder.load_best()
    test, test_keys, note = _test_score(folder, settings, progress)
    size = folder.best_file.stat().st_size
    parameters = int(model.count_params())
    return RunSummary(
        name, settings, run.history, run.finished, test, test_keys, note, parameters, size, _ms_per_picture(model)
    )


def setting_differences(rows: Sequence[RunSummary]) -> dict[str, list[Any]]:
    """Setting -> its value in each run, where they are not all the same."""
    values = {name: [getattr(row.settings, name) for row in rows] for name in NAMES}
    return {name: each for name, each in values.items() if any(one != each[0] for one in each)}


def comparison_notes(rows: Sequence[RunSummary]) -> list[str]:
    """Reasons why figures cannot be compared."""
    lines = [f"{row.name}: {row.note}" for row in rows if row.note]
    lines += [
        f"{row.name}: {len(row.history)} of {row.settings.epochs} epochs so far" for row in rows if not row.finished
    ]
    if len({row.test_keys for row in rows if row.test}) > 1:
        lines.append("the runs have different test pictures: their test figures cannot be compared")
    return lines


def run_names(folders: Sequence[RunFolder]) -> list[str]:
    """A name for each run: that of its folder, or the whole path where two folders have the same name.

    Raises:
        SettingsError: a run is given twice.
    """
    paths = [folder.path.resolve() for folder in folders]
    if len(set(paths)) != len(paths):
        raise SettingsError(f"compare: a run is given twice among {[str(folder.path) for folder in folders]}")
    short = [path.name for path in paths]
    return [one if short.count(one) == 1 else str(path) for one, path in zip(short, paths, strict=True)]


def comparison_as_dict(rows: Sequence[RunSummary]) -> dict[str, Any]:
    """All figures, for JSON."""
    return {
        "runs": {row.name: row.as_dict() for row in rows},
        "settings": {
            name: dict(zip([row.name for row in rows], each, strict=True))
            for name, each in setting_differences(rows).items()
        },
        "notes": comparison_notes(rows),
    }


def comparison_rows(rows: Sequence[RunSummary]) -> Iterator[tuple[str, list[str]]]:
    """Name of a figure -> its text for each run."""
    tests = [row.test for row in rows]
    yield "best epoch", [f"{row.best_epoch['epoch']} of {len(row.history)}" for row in rows]
    yield "validation accuracy", [f"{100 * row.best_epoch['val_accuracy']:.1f} %" for row in rows]
    yield "validation macro F1", [f"{100 * row.best_epoch['val_macro_f1']:.1f} %" for row in rows]
    yield (
        "test accuracy",
        [f"{100 * one.accuracy:.1f} % ± {100 * one.standard_error:.1f}" if one else "–" for one in tests],
    )
    yield "test macro F1", [f"{100 * one.macro_f1:.1f} %" if one else "–" for one in tests]
    yield "test pictures", [str(one.pictures) if one else "–" for one in tests]
    yield "parameters", [f"{row.parameters / 1e6:.2f} M" for row in rows]
    yield "file", [f"{row.file_bytes / 1e6:.1f} MB" for row in rows]
    yield "time per picture", [f"{row.ms_per_picture:.2f} ms" for row in rows]


def print_comparison(rows: Sequence[RunSummary], console: Console) -> None:
    """Print a table with a column for each run: figures, then the settings that differ."""
    table = Table("", *(row.name for row in rows))
    for name, texts in comparison_rows(rows):
        table.add_row(name, *texts)
    table.add_section()
    for name, values in setting_differences(rows).items():
        table.add_row(name, *map(format_setting, values))
    console.print(table)
    for note in comparison_notes(rows):
        console.print(note, highlight=False, soft_wrap=True)


def comparison_page(rows: Sequence[RunSummary]) -> str:
    """The same figures as an HTML page, with all learning curves in one plot."""
    curves = learning_curves({row.name: row.history for row in rows})
    return render(
        "compare.html.j2",
        rows=rows,
        figures=[*comparison_rows(rows)],
        settings={
            name: [format_setting(value) for value in values] for name, values in setting_differences(rows).items()
        },
        notes=comparison_notes(rows),
        curves=figure_svg(curves, "learning curves of all runs"),
        batch=BATCH,
    )


def format_setting(value: Any) -> str:
    """A setting's value as text; "–" for an empty one."""
    return ", ".join(map(str, value)) or "–" if isinstance(value, tuple) else str(value) if value != "" else "–"


def _test_score(
    folder: RunFolder, settings: Settings, progress: Progress | None
) -> tuple[ClassificationScore | None, frozenset[str], str]:
    """Score on the split's test part, keys of its pictures, and why there is no score."""
    try:
        pictures = pictures_in_part(folder, "test")
    except DataError as error:
        return None, frozenset(), f"not tested: {error}"
    if not pictures:
        return None, frozenset(), "not tested: its split has no test part"
    predictions = predict_samples(
        predictor_from_run(folder), photograph_samples(pictures), look_count=1, progress=progress
    )
    return EvaluationMetrics.of(predictions, "plain").score, frozenset(picture.key for picture in pictures), ""


def _ms_per_picture(model: keras.Model) -> float:
    """Prediction time per picture in batches of ``BATCH``, in milliseconds."""
    views = np.random.default_rng(0).integers(0, 256, (BATCH, *model.input_shape[1:]), np.uint8)
    predict(model, views, BATCH)  # the first call compiles
    taken = []
    for _ in range(ROUNDS):
        start_s = time.perf_counter()
        predict(model, views, BATCH)
        taken.append(time.perf_counter() - start_s)
    return 1000 * min(taken) / BATCH
