"""The conversion, step by step: quantize, measure as the bin does, choose what the manifest says, write."""

import argparse
import json
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from convert.edgetpu.compiler import compile_bundle, compiled_path
from convert.manifest_draft import draft_manifest, suggested_bins
from convert.measuring.out_of_distribution import collect_ood_pictures, read_ood_picture
from convert.measuring.parity import pooled
from convert.measuring.rejection import VoteLogits, choose_ood_score
from convert.measuring.report import ConversionReport
from convert.measuring.split_answers import (
    SplitAnswers,
    evaluate_synthetic_trays,
    make_looks,
    measure_parts,
    predict_looks,
)
from convert.measuring.temperature import choose_min_confidence, fit_temperature
from convert.measuring.thresholds import choose_thresholds
from convert.quantization.quantize import quantize
from convert.quantization.representative import representative_inputs
from convert.quantization.rounding import round_weights_gptq
from edge.decision.vote import DEFAULT_VIEWS
from edge.inference.bundle import read_bundle, write_bundle
from edge.inference.manifest import Accuracy, Manifest
from train.errors import SettingsError, TrainError
from train.files import write_text
from train.measuring.predictor import predictor_from_bundle, predictor_from_run
from train.runs.run_folder import RunFolder

log = logging.getLogger("convert")


class TooMuchLostError(TrainError):
    """int8 costs more accuracy than allowed."""

    exit_code = 1


def convert(options: argparse.Namespace) -> None:
    """Convert a run as the command line says: model and report are written, a summary is printed.

    Raises:
        TrainError: an option, the run or its pictures cannot be used.
        TooMuchLostError: what was written is not good enough to ship.
        NotCompiledError: it was written, but not the one for the Coral that was asked for.
    """
    folder = RunFolder(options.run)
    _check(options, folder)
    strangers = collect_ood_pictures(options.unknown)
    original, model = predictor_from_run(folder), folder.load_best()
    inputs = representative_inputs(folder, original.view, options.representative)
    flatbuffer = quantize(model if options.plain else round_weights_gptq(model, inputs), inputs)
    manifest = draft_manifest(folder, original.view, flatbuffer, options)
    with tempfile.TemporaryDirectory() as temporary:
        # Measured by the bin's own classifier on the very file, not by TensorFlow's interpreter.
        trial = Path(temporary) / "model.tflite"
        write_bundle(trial, flatbuffer, manifest)
        converted = predictor_from_bundle(trial)
        parts = measure_parts(folder, original, converted)
        trays = evaluate_synthetic_trays(folder, original, converted)
        estranged = {
            kind: predict_looks(converted, make_looks(original.view, found, read_ood_picture)[0])
            for kind, found in strangers.items()
        }
    report = _settled(manifest, parts, trays, estranged, options)
    accepted = _lost_points(parts) <= options.limit_points
    target = options.out if accepted else options.out.with_name(options.out.name + ".rejected")
    write_bundle(target, flatbuffer, report.manifest)
    told = {
        "file": str(target),
        "bytes": target.stat().st_size,
        "accepted": accepted,
        "limit_points": options.limit_points,
        "representative": len(inputs),
        "rounding": "nearest" if options.plain else "error-compensated",
    }
    coral = None
    if options.edgetpu and accepted:
        coral = compile_bundle(read_bundle(target), compiled_path(target))
        told["edgetpu"] = coral.as_dict()
    report_file = options.report or options.out.with_name(options.out.name + ".parity.json")
    write_text(report_file, json.dumps(report.as_dict() | told, indent=1) + "\n")
    console = Console()
    report.show(target.stat().st_size, console)
    console.print(f"written to {target}", highlight=False, soft_wrap=True)
    if not accepted:
        raise TooMuchLostError(
            f"int8 loses {_lost_points(parts):.2f} points, more than --limit-points {options.limit_points:g}; "
            f"the file is kept as {target}; try more --representative pictures"
        )
    if coral is not None:
        coral.show(console)
        coral.raise_if_missing(target)


def _check(options: argparse.Namespace, folder: RunFolder) -> None:
    """Refuse wrong options before minutes of work."""
    if options.representative < 1:
        raise SettingsError(f"--representative: at least 1 picture is needed, got {options.representative}")
    for name in ("sure", "contamination", "keep_known"):
        if not 0 <= getattr(options, name) <= 1:
            raise SettingsError(
                f"--{name.replace('_', '-')}: a share from 0 to 1 is needed, got {getattr(options, name)}"
            )
    suggested_bins(folder.labels(), options.bin)


def _settled(
    manifest: Manifest,
    parts: Mapping[str, SplitAnswers],
    trays: SplitAnswers | None,
    strangers: Mapping[str, VoteLogits],
    options: argparse.Namespace,
) -> ConversionReport:
    """The manifest with all that validation pictures choose, and figures on the test pictures.

    In this order, since each rests on the one before: temperature, what is unknown, thresholds among what is known. The
    thresholds look at the validation items laid on trays as well: that is where they have to hold.
    """
    val = parts["val"]
    temperature = fit_temperature(val.logits, val.targets)
    sure = choose_min_confidence(val.probabilities(temperature), val.targets, options.sure)
    answers = {name: part.logits for name, part in parts.items()}
    choice = choose_ood_score(answers, strangers, temperature=temperature, keep=options.keep_known)
    manifest = manifest.model_copy(
        update={
            "temperature": temperature,
            "min_confidence": sure,
            "unknown": choice.unknown,
            "accuracy": _accuracy(parts, temperature),
        }
    )
    thresholds = choose_thresholds(manifest, [val, *([trays] if trays else [])], options.contamination)
    for name, one in thresholds.items():
        if one is None or not one.reached:
            told = (
                "fewer than 20 validation items"
                if one is None
                else f"{one.wrong} of {one.items} validation items wrong"
            )
            log.warning(
                "bin %s: contamination of %g %% cannot be promised (%s); %s holds",
                name,
                100 * options.contamination,
                told,
                f"min_confidence {sure:g}" if one is None else f"the nearest threshold, {one.min_probability:.3f},",
            )
    least = {name: one.min_probability for name, one in thresholds.items() if one is not None}
    manifest = manifest.model_copy(update={"bin_confidence": least})
    return ConversionReport(manifest, parts, trays, choice, thresholds, options.contamination)


def _accuracy(parts: Mapping[str, SplitAnswers], temperature: float) -> dict[str, Accuracy]:
    """Of one look, float32 and int8, and of the vote."""
    found = {name: part.parity.as_accuracy() for name, part in parts.items()}
    for name, part in parts.items():
        found[f"{name}, {DEFAULT_VIEWS} views"] = Accuracy(
            int8=round(part.accuracy(temperature), 4), pictures=len(part.targets)
        )
    return found


def _lost_points(parts: Mapping[str, SplitAnswers]) -> float:
    return pooled({name: part.parity for name, part in parts.items()}).lost_points
