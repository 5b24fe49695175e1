"""``sorter-convert``: a run's best model as the one file that crosses to the bin."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

# Before Keras is imported: conversion needs TensorFlow whatever the run was trained with.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from rich.console import Console

from train.errors import SettingsError, TrainError

BINS = {
    "cardboard": "paper",
    "paper": "paper",
    "glass": "glass",
    "metal": "packaging",
    "plastic": "packaging",
    "trash": "residual",
}
"""Suggested bin for each known label; a label that is not here goes to the residual bin."""
RESIDUAL = "residual"
TOO_MUCH_LOST = 1
"""Exit code when int8 costs more accuracy than allowed."""


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="sorter-convert", description="Convert a training run to an int8 TFLite bundle for the bin."
    )
    top.add_argument("run", type=Path, metavar="RUN", help="folder made by sorter-train fit")
    top.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="where the bundle goes; FILE.rejected if it lost too much",
    )
    top.add_argument(
        "--representative",
        type=int,
        default=300,
        metavar="N",
        help="training pictures to calibrate with (default: 300)",
    )
    top.add_argument(
        "--limit-points",
        type=float,
        default=2.0,
        metavar="P",
        help="accuracy that int8 may lose, in points, on validation and test pictures together (default: 2.0)",
    )
    top.add_argument(
        "--plain", action="store_true", help="leave the rounding of weights to the converter (for comparison)"
    )
    top.add_argument("--name", help="name of the model (default: the run folder's)")
    top.add_argument(
        "--bin", action="append", default=[], metavar="LABEL=BIN", help="suggested bin of a label; may be repeated"
    )
    top.add_argument("--licence", default="", help="licence text for the manifest")
    top.add_argument(
        "--sure",
        type=float,
        default=0.95,
        metavar="SHARE",
        help="the manifest's min_confidence is where this share of validation answers is right (default: 0.95)",
    )
    top.add_argument(
        "--report", type=Path, metavar="FILE", help="where the parity report goes as JSON (default: FILE.parity.json)"
    )
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Convert; returns the exit code: 0, 1 when too much was lost, 2 for what cannot be converted."""
    options = build_parser().parse_args(arguments)
    try:
        return _convert(options)
    except TrainError as error:
        print(f"sorter-convert: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("sorter-convert: stopped, nothing written", file=sys.stderr)
        return 130


def _convert(options: argparse.Namespace) -> int:
    import numpy as np

    from convert.confidence import calibration_error, fit_temperature, probabilities, suggest_threshold
    from convert.parity import Parity, pooled, show
    from convert.quantize import ends, quantize
    from convert.representative import representative_inputs
    from convert.rounding import rounded
    from edge.bundle import write_bundle
    from edge.manifest import Accuracy, InputSpec, Manifest, OutputSpec
    from edge.view import mirrored
    from edge.vote import DEFAULT_VIEWS
    from train.cache import load_views
    from train.evaluate import subject_of_bundle, subject_of_run
    from train.files import write_text
    from train.material import photographs
    from train.runfolder import RunFolder
    from train.split import Split

    if options.representative < 1:
        raise SettingsError(f"--representative: at least 1 picture is needed, got {options.representative}")
    folder = RunFolder(options.run)
    settings, labels = folder.settings(), folder.labels()
    bins = {label: BINS.get(label, RESIDUAL) for label in labels} | _bins(options.bin, labels)
    subject = subject_of_run(folder)
    model = folder.load_best()
    inputs = representative_inputs(folder, subject.view, options.representative)
    flatbuffer = quantize(model if options.plain else rounded(model, inputs), inputs)
    entry, exit_ = ends(flatbuffer)
    manifest = Manifest(
        name=(options.name or options.run.resolve().name)[:64],
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        labels=labels,
        input=InputSpec(quantization=entry),
        output=OutputSpec(quantization=exit_),
        view=subject.view.spec,
        view_kind=subject.view.kind,
        bins=bins,
        licence=options.licence,
        data=json.loads((folder.path / "data.json").read_text()),
        sha256="0" * 64,
    )
    split, pictures = Split.load(folder.split_file), photographs(settings)
    parts: dict[str, Parity] = {}
    voted: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as temporary:
        # Measured by the bin's own classifier on the very file, not by TensorFlow's interpreter.
        trial = Path(temporary) / "model.tflite"
        write_bundle(trial, flatbuffer, manifest)
        converted = subject_of_bundle(trial)
        for part in ("val", "test"):
            views, targets, _ = load_views(split.take(part, pictures), labels, subject.view.spec, subject.view.kind)
            if not len(views):
                continue
            answers = converted.logits(views)
            parts[part] = Parity.of(subject.logits(views), answers, targets)
            # The bin votes over mirrored views; its confidence is what has to be right.
            looks = [np.stack([mirrored(view, number) for view in views]) for number in range(1, DEFAULT_VIEWS)]
            votes = np.stack([answers, *(converted.logits(look) for look in looks)], axis=1)
            if part == "val":
                temperature = fit_temperature(votes, targets)
                threshold = suggest_threshold(probabilities(votes, temperature), targets, options.sure)
                errors = [calibration_error(probabilities(votes, t), targets) for t in (1.0, temperature)]
            voted[part] = float((probabilities(votes, temperature).argmax(axis=1) == targets).mean())
    manifest = manifest.model_copy(
        update={
            "temperature": temperature,
            "min_confidence": threshold,
            "accuracy": {part: parity.as_accuracy() for part, parity in parts.items()}
            | {
                f"{part}, {DEFAULT_VIEWS} views": Accuracy(int8=round(share, 4), pictures=parts[part].pictures)
                for part, share in voted.items()
            },
        }
    )
    together = pooled(parts)
    accepted = together.lost_points <= options.limit_points
    target = options.out if accepted else options.out.with_name(options.out.name + ".rejected")
    write_bundle(target, flatbuffer, manifest)
    report = {
        "model": manifest.name,
        "file": str(target),
        "accepted": accepted,
        "limit_points": options.limit_points,
        "lost_points": round(together.lost_points, 3),
        "agreement": round(together.agreement, 4),
        "bytes": target.stat().st_size,
        "sets": {part: parity.as_accuracy().model_dump() for part, parity in parts.items()},
        "view": {"kind": subject.view.kind, **subject.view.spec.model_dump()},
        "views": DEFAULT_VIEWS,
        "voted": {part: round(share, 4) for part, share in voted.items()},
        "representative": len(inputs),
        "rounding": "nearest" if options.plain else "error-compensated",
        "temperature": temperature,
        "min_confidence": threshold,
        "calibration_error": {"before": round(errors[0], 4), "after": round(errors[1], 4)},
    }
    write_text(
        options.report or options.out.with_name(options.out.name + ".parity.json"), json.dumps(report, indent=1) + "\n"
    )
    console = Console()
    show(parts, target.stat().st_size, console)
    console.print(
        f"{DEFAULT_VIEWS} views voting, int8: "
        + ", ".join(f"{part} {100 * share:.1f} %" for part, share in voted.items())
        + f"\ntemperature {temperature:g} (calibration error {errors[0]:.3f} -> {errors[1]:.3f}), "
        f"min_confidence {threshold:g}, written to {target}",
        highlight=False,
        soft_wrap=True,
    )
    if not accepted:
        print(
            f"sorter-convert: int8 loses {together.lost_points:.2f} points, more than --limit-points {options.limit_points:g}; "
            f"the file is kept as {target}; try more --representative pictures",
            file=sys.stderr,
        )
        return TOO_MUCH_LOST
    return 0


def _bins(pairs: list[str], labels: tuple[str, ...]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for pair in pairs:
        label, found, name = pair.partition("=")
        if not found or not name or label not in labels:
            raise SettingsError(f"--bin takes LABEL=BIN with a label of {list(labels)}, got {pair!r}")
        chosen[label] = name
    return chosen
