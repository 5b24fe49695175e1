"""Ablation study of the training: one short run per row, each with one setting changed.

Run it with ``make bench-ablation DATA="DIR DIR" WEIGHTS=FILE TEACHER=RUN`` (about an hour on two cores). Rows that are
finished in ``--out`` are not trained again, so that it can be interrupted and continued.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from train.data.selection import pictures_in_part
from train.learning.fit import fit
from train.learning.progress import ProgressReporter
from train.measuring.metrics import paired_difference
from train.measuring.predictions import PredictionSet, predict_samples
from train.measuring.predictor import predictor_from_run
from train.measuring.samples import photograph_samples, photograph_tray_samples
from train.runs import recipe
from train.runs.run_folder import RunFolder

TRAYS = "val trays"
CHANGES: dict[str, dict[str, Any]] = {
    "everything": {},
    "no teacher": {"teachers": ()},
    "no averaged weights": {"ema": 0.0},
    "no other grounds": {"ground_share": 0.0},
    "masks as found": {"mask_jitter": 0.0, "mask_drop": 0.0},
    "light as photographed": {
        "light": 0.0,
        "cast": 0.0,
        "blur_share": 0.0,
        "noise_share": 0.0,
        "jpeg_share": 0.0,
    },
    "whole pictures alone": {"view": "full", "full_share": 1.0, "ground_share": 0.0},
    "no second data set": {"set_shares": ("wasteset=0",)},
    "with mixup": {"mixup_share": 0.3},
    "twice as long": {"epochs": 2},  # times as many as the others
}
"""Row -> changed settings. The first trained row is the reference for the others."""


def main() -> None:
    """Train the missing rows, measure all, print the table."""
    parser = argparse.ArgumentParser(prog="make bench-ablation", description=__doc__)
    parser.add_argument("--data", nargs="+", required=True, metavar="DIR", help="data sets")
    parser.add_argument("--split", required=True, metavar="FILE", help="split.json with train, val and test")
    parser.add_argument("--weights", required=True, metavar="FILE", help="where each run starts from")
    parser.add_argument("--teacher", required=True, metavar="RUN", help="finished run that teaches")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a run folder for each row goes here")
    parser.add_argument("--epochs", type=int, default=6, help="of each run (default: %(default)s)")
    parser.add_argument("--rows", nargs="+", choices=CHANGES, default=[*CHANGES], help="rows to train (default: all)")
    options = parser.parse_args()
    base = (
        recipe.load_recipe("trashnet6-mobilenetv2")
        .settings()
        .replaced(
            data=tuple(options.data),
            split=options.split,
            weights=options.weights,
            teachers=(options.teacher,),
            epochs=options.epochs,
            head_epochs=1,
            warmup_epochs=0.5,
            ema=0.98,
            set_shares=("wasteset=0.5",),
            precision="mixed_bfloat16",
        )
    )
    rows: dict[str, dict[str, NDArray[np.bool_]]] = {}
    for name in options.rows:
        changes = CHANGES[name] | {"epochs": options.epochs * CHANGES[name].get("epochs", 1)}
        settings, folder = base.replaced(**changes), RunFolder(options.out / name.replace(" ", "-"))
        print(name, file=sys.stderr)
        with ProgressReporter(Console(stderr=True), settings.epochs) as reporter:
            fit(settings, folder, reporter)
        rows[name] = _right(folder)
    _show(rows)
    correct = {name: {part: int(right.sum()) for part, right in row.items()} for name, row in rows.items()}
    counts = {part: len(right) for part, right in next(iter(rows.values())).items()}
    (options.out / "ablation.json").write_text(json.dumps({"pictures": counts, "right": correct}, indent=1) + "\n")


def _right(folder: RunFolder) -> dict[str, NDArray[np.bool_]]:
    """Part and data set, e.g. "val trashnet" -> whether each picture is classified correctly from one view, bool (n,).

    ``TRAYS`` are the validation items on synthetic trays.
    """
    subject = predictor_from_run(folder)
    right = {}
    for part in ("val", "test"):
        pictures = pictures_in_part(folder, part)
        for source in sorted({picture.data_set for picture in pictures}):
            own = [picture for picture in pictures if picture.data_set == source]
            right[f"{part} {source}"] = _hits(predict_samples(subject, photograph_samples(own), look_count=1))
    trays = photograph_tray_samples(
        pictures_in_part(folder, "val"), folder.load_labels(), folder.load_settings().cache_side
    )
    right[TRAYS] = _hits(predict_samples(subject, trays, look_count=1))
    return right


def _hits(answers: PredictionSet) -> NDArray[np.bool_]:
    hits: NDArray[np.bool_] = answers.logits[:, 0].argmax(axis=1) == answers.targets
    return hits


def _show(rows: dict[str, dict[str, NDArray[np.bool_]]]) -> None:
    first = next(iter(rows.values()))
    shot = [part for part in first if part != TRAYS]
    table = Table(
        "row",
        *(f"{part} ({len(hits)})" for part, hits in first.items()),
        "photographs, difference from the first",
        "trays, difference from the first",
    )
    for name, row in rows.items():
        differences = [_difference(row, first, parts) if row is not first else "" for parts in (shot, [TRAYS])]
        table.add_row(name, *(f"{100 * row[part].mean():.1f} %" for part in first), *differences)
    Console(width=160).print(table)


def _difference(row: dict[str, NDArray[np.bool_]], first: dict[str, NDArray[np.bool_]], parts: Sequence[str]) -> str:
    """Percentage points by which a row is better than the first on some parts, and the paired standard error."""
    points, error = paired_difference(*(np.concatenate([hits[part] for part in parts]) for hits in (row, first)))
    return f"{100 * points:+.1f} ± {100 * error:.1f}"


if __name__ == "__main__":
    main()
