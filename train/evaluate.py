"""Measuring a model through exactly the bin's view."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from edge.view import ViewSpec
from train.cache import Kind, load, load_views
from train.choose import View, load_view
from train.errors import DataError, RunError, SettingsError
from train.material import sprite_pictures
from train.metrics import Score
from train.model import predict
from train.moved import moved_views
from train.pictures import Picture, find_pictures
from train.plots import save_confusion
from train.runfolder import RunFolder
from train.split import Split

Logits = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What is measured: views uint8 (n, size, size, 3) -> logits float32 (n, labels), and the view it wants."""

    name: str
    labels: tuple[str, ...]
    view: View
    logits: Logits


def subject_of_run(folder: RunFolder) -> Subject:
    """A run's best Keras model, with its chosen view. Raises RunError where either is missing."""
    labels, view, model = folder.labels(), load_view(folder), folder.load_best()
    return Subject(f"{folder.path.name} (float32)", labels, view, lambda views: predict(model, views))


def subject_of_bundle(path: Path) -> Subject:
    """An int8 bundle, run by the bin's own classifier.

    Raises:
        RunError: missing, damaged, or there is no runtime for it.
    """
    from edge.bundle import read_bundle  # the runtime is only needed here
    from edge.classifier import Classifier
    from edge.errors import SorterError
    from edge.runtime import find_runtime

    try:
        classifier = Classifier(read_bundle(path), find_runtime())
    except SorterError as error:
        raise RunError(str(error)) from error
    manifest = classifier.manifest
    return Subject(
        f"{path.name} (int8)",
        manifest.labels,
        View(manifest.view_kind, manifest.view),
        lambda views: np.stack([classifier.logits(view) for view in views]),
    )


def measure(subject: Subject, pictures: list[Picture]) -> tuple[Score, list[Picture]]:
    """Score on photographs of labels that the subject knows, and the pictures that could not be read.

    Raises:
        DataError: none could be read.
    """
    views, targets, unreadable = load_views(pictures, subject.labels, subject.view.spec, subject.view.kind)
    if not len(views):
        raise DataError("evaluate: no readable picture of a label that the model knows")
    predicted = subject.logits(views).argmax(axis=1).astype(np.int64)
    return Score.of(targets, predicted, subject.labels), unreadable


def measure_sprites(subject: Subject, folder: RunFolder) -> Score | None:
    """Score on the run's held-out sprites, laid on trays; None where the run has none."""
    settings = folder.settings()
    _, held = sprite_pictures(settings, subject.labels)
    kept, _, _ = load(held, subject.labels, settings.cache_side, sprites=True)
    views, targets = moved_views(kept, subject.view.spec, subject.view.kind)
    if not len(views):
        return None
    return Score.of(targets, subject.logits(views).argmax(axis=1).astype(np.int64), subject.labels)


def run(options: argparse.Namespace) -> int:
    """The ``evaluate`` command. Returns the exit code.

    Raises:
        TrainError: nothing to measure, or nothing to measure on.
    """
    is_run = options.model.is_dir()
    folder = RunFolder(options.model)
    subject = subject_of_run(folder) if is_run else subject_of_bundle(options.model)
    if options.view:
        subject = Subject(subject.name, subject.labels, _parsed_view(options.view, subject.view.spec), subject.logits)
    settings = folder.settings() if is_run else None
    renamed = {**(settings.renamed if settings else {}), **_renamed(options.map)}
    roots = [Path(root) for root in (options.data or (settings.data if settings else []))]
    if not roots and not options.also:
        raise DataError("evaluate: nothing to measure on; give --data DIR, or --also NAME=DIR")
    split_file = options.split or (folder.split_file if is_run and not options.data else None)
    results: dict[str, Score] = {}
    notes: dict[str, str] = {}
    if roots:
        pictures = find_pictures(roots, renamed=renamed)
        part, pictures = _part(options.part, split_file, pictures)
        _add(part, subject, pictures, results, notes)
    if is_run and not options.data and not options.also:
        renders = measure_sprites(subject, folder)
        if renders is not None:
            results["renders"] = renders
    for text in options.also:
        name, found, root = text.partition("=")
        if not found:
            raise SettingsError(f"--also takes NAME=DIR, got {text!r}")
        _add(name, subject, find_pictures([Path(root)], renamed=renamed), results, notes)
    plots = options.plots or (options.model if is_run else None)
    if plots is not None:
        plots.mkdir(parents=True, exist_ok=True)
        kind = "float32" if is_run else "int8"
        for name, score in results.items():
            save_confusion(plots / f"confusion-{name}-{kind}.png", score, f"{subject.name}, {name}")
    if options.json:
        told: dict[str, Any] = {
            "model": subject.name,
            "view": {"kind": subject.view.kind, **subject.view.spec.model_dump()},
            "sets": {name: score.as_dict() for name, score in results.items()},
            "notes": notes,
        }
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
        return 0
    _show(subject, results, notes)
    return 0


def _part(wanted: str | None, split_file: Path | None, pictures: list[Picture]) -> tuple[str, list[Picture]]:
    """The part to measure on and its pictures: what was asked for, else test, else what there is."""
    if wanted == "all" or (wanted is None and split_file is None and not any(picture.part for picture in pictures)):
        return "all", pictures
    if split_file is not None:
        split = Split.load(split_file)
        # A model for use may have been trained without a test part, on all there was.
        part = wanted or ("test" if split.parts["test"] else "val")
        return part, split.take(part, pictures)
    part = wanted or "test"
    return part, [picture for picture in pictures if picture.part == part]


def _add(
    name: str, subject: Subject, pictures: list[Picture], results: dict[str, Score], notes: dict[str, str]
) -> None:
    known = [picture for picture in pictures if picture.label in subject.labels]
    score, unreadable = measure(subject, known)
    results[name] = score
    strange = sorted({picture.label for picture in pictures} - set(subject.labels))
    parts = (
        [f"{len(pictures) - len(known)} pictures of labels that the model does not know: {', '.join(strange)}"]
        if strange
        else []
    )
    parts += [f"{len(unreadable)} could not be read, such as {unreadable[0].path}"] if unreadable else []
    if parts:
        notes[name] = "left out: " + "; ".join(parts)


def _show(subject: Subject, results: dict[str, Score], notes: dict[str, str]) -> None:
    console = Console()
    view = subject.view
    console.print(f"{subject.name}, view {view.kind}, toning {view.spec.toning:g}", highlight=False)
    for name, score in results.items():
        table = Table(
            title=f"{name}: accuracy {100 * score.accuracy:.1f} % ± {100 * score.standard_error:.1f}, "
            f"macro F1 {100 * score.macro_f1:.1f} %, {score.pictures} pictures"
        )
        for column in ("label", "pictures", "recall", "precision", "F1"):
            table.add_column(column, justify="left" if column == "label" else "right")
        for row, label in enumerate(score.labels):
            table.add_row(
                label,
                str(score.confusion[row].sum()),
                *(f"{100 * values[row]:.1f}" for values in (score.recall, score.precision, score.f1)),
            )
        console.print(table)
        if name in notes:
            console.print(notes[name], highlight=False, markup=False)


def _renamed(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if len(pair.split("=")) != 2:
            raise SettingsError(f"--map takes OLD=NEW, got {pair!r}")
    return dict(pair.split("=", 1) for pair in pairs)


def _parsed_view(text: str, spec: ViewSpec) -> View:
    kind_text, _, toning = text.partition(":")
    if kind_text not in ("object", "full"):
        raise SettingsError(f"--view takes object[:TONING] or full, got {text!r}")
    kind: Kind = "full" if kind_text == "full" else "object"
    try:
        return View(kind, ViewSpec.model_validate({**spec.model_dump(), "toning": float(toning)}) if toning else spec)
    except ValueError as error:
        raise SettingsError(f"--view: toning is a number from 0 to 1, got {toning!r}") from error
