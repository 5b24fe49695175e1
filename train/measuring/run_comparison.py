"""Comparison of runs and model files: settings, accuracy, size, speed."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from train.measuring.predictor import PredictLogits, predictor_from_bundle, predictor_from_run
from train.measuring.samples import photograph_samples
from train.measuring.share_interval import ShareInterval
from train.measuring.share_text import WIDE, share_text
from train.measuring.shared_test import SharedTest
from train.network.model import predict
from train.page import figure_svg, render
from train.runs.run_folder import RunFolder
from train.runs.settings import NAMES, Settings

BATCH = 32
"""Views in a batch when a model is timed."""
ROUNDS = 5
"""Number of timings of a model; the shortest counts, since other programs can only make it longer."""

NONE = "–"
"""Text of a figure that there is not."""


@dataclass(frozen=True, slots=True, eq=False)
class RunSummary:
    """Settings and figures of one run, or of a model file.

    Attributes:
        name: of its folder or file.
        settings: of the run; None for a model file.
        history: one row of figures for each epoch, at least one; none for a model file.
        finished: all epochs are done, or training stopped early.
        test: score on the test part of its own split through its own view; None: not tested, see ``note``.
        test_keys: keys of the pictures of ``test``.
        note: why it was not tested; "" otherwise.
        parameters: number of the model's weights; None for a model file.
        file_bytes: size of best.keras or of the model file, in bytes.
        ms_per_picture: prediction time in batches of ``BATCH`` on this machine, in milliseconds.
    """

    name: str
    settings: Settings | None
    history: list[dict[str, Any]]
    finished: bool
    test: ClassificationScore | None
    test_keys: frozenset[str]
    note: str
    parameters: int | None
    file_bytes: int
    ms_per_picture: float

    @property
    def best_epoch(self) -> dict[str, Any] | None:
        """The epoch of the saved model: highest validation accuracy, among equals the lowest loss; None for a model file."""
        return max(self.history, key=lambda row: (row["val_accuracy"], -row["val_loss"]), default=None)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        report: dict[str, Any] = {}
        if self.settings is not None and self.best_epoch is not None:
            report = {
                "epochs": len(self.history),
                "epochs_asked": self.settings.epochs,
                "best_epoch": self.best_epoch["epoch"],
                "val_accuracy": self.best_epoch["val_accuracy"],
                "val_macro_f1": self.best_epoch["val_macro_f1"],
            }
        report |= {
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
    milliseconds = _ms_per_picture(lambda views: predict(model, views, BATCH), settings.size)
    return RunSummary(name, settings, run.history, run.finished, test, test_keys, note, parameters, size, milliseconds)


def summarize_bundle(path: Path, name: str) -> RunSummary:
    """Read a model file; it has no pictures of its own to be tested on.

    Raises:
        RunError: it is missing or damaged, or there is no runtime for it.
    """
    predictor = predictor_from_bundle(path)
    milliseconds = _ms_per_picture(predictor.logits, predictor.view.spec.size)
    return RunSummary(name, None, [], True, None, frozenset(), "", None, path.stat().st_size, milliseconds)


def needs_shared_test(rows: Sequence[RunSummary]) -> bool:
    """Whether the rows' own test figures cannot be compared: a model file is among them, or the test pictures differ."""
    return len(rows) > 1 and (
        any(row.settings is None for row in rows) or len({row.test_keys for row in rows if row.test}) > 1
    )


def setting_differences(rows: Sequence[RunSummary]) -> dict[str, list[Any]]:
    """Setting -> its value in each run, where they are not all the same; "" for a model file."""
    values = {name: [getattr(row.settings, name) if row.settings else "" for row in rows] for name in NAMES}
    runs = [position for position, row in enumerate(rows) if row.settings]
    return {name: each for name, each in values.items() if any(each[one] != each[runs[0]] for one in runs)}


def comparison_notes(rows: Sequence[RunSummary], shared: SharedTest | None) -> list[str]:
    """Reasons why figures cannot be compared."""
    lines = [f"{row.name}: {row.note}" for row in rows if row.note]
    if shared is None and needs_shared_test(rows) and any(row.test for row in rows):
        lines.append(
            "no comparison on the same pictures: no label of the test pictures is known to all of them; models can only be "
            "compared on labels that they share"
        )
    if len({row.settings is None for row in rows}) > 1:
        lines.append(
            "size and time: float32 for runs, int8 for model files; to compare them, make a model file by sorter-convert"
        )
    if rows and all(row.settings is None for row in rows):
        lines.append(
            "model files alone have no test pictures in common: name a run first, or use sorter-train evaluate"
        )
    lines += [
        f"{row.name}: {len(row.history)} of {row.settings.epochs} epochs so far"
        for row in rows
        if row.settings and not row.finished
    ]
    if len({row.test_keys for row in rows if row.test}) > 1:
        lines.append("the runs have different test pictures: their own test figures cannot be compared")
    return lines


def model_names(paths: Sequence[Path]) -> list[str]:
    """A name for each run or model file: that of its folder or file, or the whole path where two have the same name.

    Raises:
        SettingsError: one is given twice.
    """
    paths = [path.resolve() for path in paths]
    if len(set(paths)) != len(paths):
        raise SettingsError(f"compare: one is given twice among {[str(path) for path in paths]}")
    short = [path.name for path in paths]
    return [one if short.count(one) == 1 else str(path) for one, path in zip(short, paths, strict=True)]


def comparison_as_dict(rows: Sequence[RunSummary], shared: SharedTest | None) -> dict[str, Any]:
    """All figures, for JSON."""
    return {
        "runs": {row.name: row.as_dict() for row in rows},
        "settings": {
            name: dict(zip([row.name for row in rows], each, strict=True))
            for name, each in setting_differences(rows).items()
        },
        "same_pictures": shared.as_dict() if shared else None,
        "notes": comparison_notes(rows, shared),
    }


def comparison_rows(rows: Sequence[RunSummary], shared: SharedTest | None) -> Iterator[tuple[str, list[str]]]:
    """Name of a figure -> its text for each run."""
    tests, best = [row.test for row in rows], [row.best_epoch for row in rows]
    if shared:
        yield f"same {shared.pictures} pictures, vote", [shared.text(row.name) for row in rows]
    yield (
        "best epoch",
        [f"{one['epoch']} of {len(row.history)}" if one else NONE for row, one in zip(rows, best, strict=True)],
    )
    yield "validation accuracy", [f"{100 * one['val_accuracy']:.1f} %" if one else NONE for one in best]
    yield "validation macro F1", [f"{100 * one['val_macro_f1']:.1f} %" if one else NONE for one in best]
    yield (
        "own test accuracy",
        [share_text(_right(one)) if one else NONE for one in tests],
    )
    yield (
        "own test macro F1",
        [f"{100 * one.macro_f1:.1f} %" if one and _right(one).width <= WIDE else NONE for one in tests],
    )
    yield "own test pictures", [str(one.pictures) if one else NONE for one in tests]
    yield "parameters", [f"{row.parameters / 1e6:.2f} M" if row.parameters else NONE for row in rows]
    # A run is measured by Keras before it is converted, a model file as the bin runs it: no two kinds side by side unmarked.
    kinds = ["float32" if row.settings else "int8" for row in rows]
    yield "file", [f"{row.file_bytes / 1e6:.1f} MB, {kind}" for row, kind in zip(rows, kinds, strict=True)]
    yield "time per picture", [f"{row.ms_per_picture:.2f} ms, {kind}" for row, kind in zip(rows, kinds, strict=True)]


def _right(score: ClassificationScore) -> ShareInterval:
    return ShareInterval.of(int(np.trace(score.confusion)), int(score.confusion.sum()))


def print_comparison(rows: Sequence[RunSummary], shared: SharedTest | None, console: Console) -> None:
    """Print what the same pictures say, and a table with a column for each run: figures, then the settings that differ."""
    table = Table("", *(row.name for row in rows))
    for name, texts in comparison_rows(rows, shared):
        table.add_row(name, *texts)
    table.add_section()
    for name, values in setting_differences(rows).items():
        table.add_row(name, *map(format_setting, values))
    console.print(table)
    for line in [*(shared.sentences() if shared else []), *comparison_notes(rows, shared)]:
        console.print(line, highlight=False, soft_wrap=True)


def comparison_page(rows: Sequence[RunSummary], shared: SharedTest | None) -> str:
    """The same figures as an HTML page, with all learning curves in one plot."""
    histories = {row.name: row.history for row in rows if row.history}
    return render(
        "compare.html.j2",
        rows=rows,
        figures=[*comparison_rows(rows, shared)],
        sentences=shared.sentences() if shared else [],
        settings={
            name: [format_setting(value) for value in values] for name, values in setting_differences(rows).items()
        },
        notes=comparison_notes(rows, shared),
        curves=figure_svg(learning_curves(histories), "learning curves of all runs") if histories else None,
        batch=BATCH,
    )


def format_setting(value: Any) -> str:
    """A setting's value as text; "–" for an empty one."""
    return ", ".join(map(str, value)) or NONE if isinstance(value, tuple) else str(value) if value != "" else NONE


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


def _ms_per_picture(predict_views: PredictLogits, size: int) -> float:
    """Prediction time per picture in batches of ``BATCH``, in milliseconds."""
    views = np.random.default_rng(0).integers(0, 256, (BATCH, size, size, 3), np.uint8)
    predict_views(views)  # the first call compiles
    taken = []
    for _ in range(ROUNDS):
        start_s = time.perf_counter()
        predict_views(views)
        taken.append(time.perf_counter() - start_s)
    return 1000 * min(taken) / BATCH
