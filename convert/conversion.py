"""The conversion, step by step: quantize, measure as the bin does, choose temperature and thresholds, write."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convert.edgetpu.compiler import compile_bundle, compiled_path
from convert.features.teachable import describe_teachable, make_teachable
from convert.finished_run import FinishedRun
from convert.manifest_draft import draft_manifest, suggested_bins
from convert.measuring.answers import ModelAnswers, collect_answers
from convert.measuring.conversion_report import ConversionReport
from convert.measuring.out_of_distribution import collect_ood_pictures
from convert.measuring.prior import shipped_prior
from convert.measuring.rejection import choose_ood_score
from convert.measuring.split_answers import SplitAnswers
from convert.measuring.temperature import choose_min_confidence, fit_temperature
from convert.measuring.thresholds import LEAST_ITEMS, BinThreshold, choose_thresholds
from convert.next_steps import next_steps
from convert.options import ConversionOptions, ThresholdTargets
from convert.quantization.quantize import quantize
from convert.quantization.representative import representative_inputs
from convert.quantization.rounding import round_weights_gptq
from edge.decision.vote import DEFAULT_VIEWS
from edge.inference.bundle import read_bundle, write_bundle
from edge.inference.manifest import Accuracy, Manifest
from edge.terminal.console import make_console
from train.errors import TrainError
from train.files import write_text
from train.measuring.bin_confusion import RESIDUAL
from train.measuring.configured_bins import ConfiguredBins
from train.runs.run_folder import RunFolder

log = logging.getLogger("convert")


class TooMuchLostError(TrainError):
    """int8 costs more accuracy than allowed."""

    exit_code = 1


def convert(folder: RunFolder, options: ConversionOptions) -> None:
    """Convert a finished run: the bundle and its report are written, a summary is printed.

    Raises:
        TrainError: an option, the run or its pictures cannot be used.
        TooMuchLostError: int8 loses more than ``limit_points``; the file is written as ``<out>.rejected``.
        NotCompiledError: the bundle was written, but the requested model for the Coral was not.
    """
    # What cannot be used is told before anything takes time.
    layout, run = ConfiguredBins.load(options.config), FinishedRun.load(folder)
    unknown = collect_ood_pictures(options.unknown)
    bins = suggested_bins(run.labels, layout, options.bins)
    inputs = representative_inputs(run, options.representative)
    flatbuffer = quantize(run.model if options.plain else round_weights_gptq(run.model, inputs), inputs)
    draft = draft_manifest(
        run,
        flatbuffer,
        name=options.name or run.name,
        bins={label: bins.get(label, RESIDUAL) for label in run.labels},
        licence=options.licence,
    )
    answers = collect_answers(run, flatbuffer, draft, unknown)
    report = calibrate(draft, answers, options.targets)
    accepted = answers.parity.lost_points <= options.limit_points
    target = options.out if accepted else options.out.with_name(options.out.name + ".rejected")
    # Only what somebody chose: a bin that does not know a label has to ask, instead of taking it for residual waste.
    manifest = report.manifest.model_copy(update={"bins": bins})
    teachable = make_teachable(flatbuffer, manifest, run.pictures["train"], rehearse=options.rehearse)
    write_bundle(target, teachable.flatbuffer, teachable.manifest, teachable.rehearsal)
    written = read_bundle(target)
    coral = compile_bundle(written, compiled_path(target)) if options.edgetpu and accepted else None
    _write_report(
        options.report or options.out.with_name(options.out.name + ".parity.json"),
        report.as_dict()
        | {
            "file": str(target),
            "bytes": target.stat().st_size,
            "features": 0 if written.manifest.features is None else written.manifest.features.size,
            "rehearsal": 0 if written.manifest.rehearsal is None else written.manifest.rehearsal.pictures,
            "accepted": accepted,
            "limit_points": options.limit_points,
            "representative": len(inputs),
            "rounding": "nearest" if options.plain else "error-compensated",
        }
        | ({} if coral is None else {"edgetpu": coral.as_dict()}),
    )
    console = make_console()
    report.show(target.stat().st_size, console)
    for line in [*describe_teachable(written.manifest), f"written to {target}"]:
        console.print(line, highlight=False, soft_wrap=True, markup=False)
    if not accepted:
        raise TooMuchLostError(
            f"int8 loses {answers.parity.lost_points:.2f} points, more than --limit-points {options.limit_points:g}; "
            f"the file is kept as {target}; try more --representative pictures"
        )
    for line in ["", *next_steps(target, run.labels, bins, layout)]:
        console.print(line, highlight=False, soft_wrap=True, markup=False)
    if coral is not None:
        coral.show(console)
        coral.raise_if_missing(target)


def calibrate(manifest: Manifest, answers: ModelAnswers, targets: ThresholdTargets) -> ConversionReport:
    """The manifest with all that validation pictures choose, and figures on the test pictures.

    In this order, since each step rests on the one before: temperature, the score and threshold of unknown things,
    thresholds among known things. Where there are few pictures, the values of the model that ships hold. The bins' thresholds
    are chosen on the validation items laid on trays as well: that is where they have to hold.
    """
    val, prior = answers.parts["val"], shipped_prior()
    temperature = fit_temperature(val.logits, val.targets, prior)
    min_confidence = choose_min_confidence(val.probabilities(temperature), val.targets, targets.sure, prior)
    logits = {name: part.logits for name, part in answers.parts.items()}
    choice = choose_ood_score(logits, answers.unknown, temperature=temperature, keep=targets.keep_known)
    manifest = manifest.model_copy(
        update={
            "temperature": temperature,
            "min_confidence": min_confidence,
            "unknown": choice.unknown,
            "accuracy": _accuracy(answers.parts, temperature),
        }
    )
    sets = [val] if answers.trays is None else [val, answers.trays]
    thresholds = choose_thresholds(manifest, sets, targets.contamination, prior)
    for line in choice.warnings():
        log.warning("%s", line)
    _warn_of_missed_targets(thresholds, min_confidence, targets.contamination)
    manifest = manifest.model_copy(
        update={
            "bin_confidence": {name: one.min_probability for name, one in thresholds.items() if one is not None},
        }
    )
    return ConversionReport(manifest, answers.parts, answers.trays, choice, thresholds, targets.contamination)


def _warn_of_missed_targets(
    thresholds: Mapping[str, BinThreshold | None], min_confidence: float, contamination: float
) -> None:
    for name, one in thresholds.items():
        if one is not None and one.is_proven:
            continue
        if one is None:
            reason, used = f"fewer than {LEAST_ITEMS} validation items", f"min_confidence {min_confidence:g}"
        else:
            reason = (
                f"{one.wrong} of {one.items} validation items wrong, so that {100 * one.contamination_upper:.0f} % cannot be "
                "excluded"
            )
            used = f"{'' if one.target_met else 'the nearest threshold, '}{one.min_probability:.3f}"
        log.warning(
            "bin %s: contamination of %g %% cannot be promised (%s); %s is used instead, unproven",
            name,
            100 * contamination,
            reason,
            used,
        )


def _accuracy(parts: Mapping[str, SplitAnswers], temperature: float) -> dict[str, Accuracy]:
    """Of one look, float32 and int8, and of the vote."""
    found = {name: part.parity.as_accuracy() for name, part in parts.items()}
    for name, part in parts.items():
        found[f"{name}, {DEFAULT_VIEWS} views"] = Accuracy(
            int8=round(part.accuracy(temperature), 4), pictures=len(part.targets)
        )
    return found


def _write_report(path: Path, report: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(report, indent=1) + "\n")
