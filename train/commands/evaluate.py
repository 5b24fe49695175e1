"""``evaluate``: measure a run or a model file, on its own test part and on other data sets."""

import argparse
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import Progress

from edge.models import SHIPPED
from edge.terminal.console import make_console
from edge.terminal.output import say
from train.commands.options import add_keep_damaged_option, add_map_option, label_bins, label_map, model_or_run
from train.errors import DataError, SettingsError
from train.files import check_output_file, check_output_folder, write_text
from train.quiet_loading import quiet_loading

log = logging.getLogger("train")

if TYPE_CHECKING:  # Keras takes seconds to import: not for --help and usage errors
    from train.data.pictures import Picture
    from train.measuring.evaluation_result import EvaluationResult
    from train.measuring.predictor import Predictor
    from train.measuring.unknown_set import UnknownSet
    from train.measuring.view_choice import InputView
    from train.runs.run_folder import RunFolder


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``evaluate`` to the command line."""
    parser = commands.add_parser(
        "evaluate",
        help="evaluate a run or a model file through the bin's view",
        description="Evaluate a run or a model file through the bin's view: one plain look at each picture, and the vote "
        "over the looks that the bin takes. Writes an HTML page and a JSON file.",
    )
    parser.add_argument(
        "model",
        type=Path,
        metavar="RUN|MODEL",
        help=f"run folder, a model file made by sorter-convert, or one that ships: {', '.join(SHIPPED)}",
    )
    parser.add_argument("--data", nargs="+", metavar="DIR", help="data sets to evaluate on (default: the run's)")
    parser.add_argument(
        "--split", type=Path, metavar="FILE", help="split.json with the pictures of each part (default: the run's)"
    )
    parser.add_argument(
        "--part", choices=("train", "val", "test", "all"), help="part of the split (default: test, or all without one)"
    )
    add_map_option(parser)
    add_keep_damaged_option(parser)
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="evaluate on all pictures of DIR as well; labels that the model does not know are left out of the accuracy "
        "and scored as unknown, also where DIR has no others; may be repeated",
    )
    parser.add_argument(
        "--view", metavar="KIND[:TONING]", help="view in place of the model's own, such as object:0.8 or full"
    )
    parser.add_argument(
        "--int8", type=Path, metavar="MODEL.tflite", help="with a RUN: the model converted from it, to compare with"
    )
    parser.add_argument(
        "--run",
        dest="run_folder",
        type=Path,
        metavar="RUN",
        help="with a MODEL.tflite: the run that it was converted from",
    )
    parser.add_argument(
        "--bin",
        action="append",
        default=[],
        metavar="LABEL=BIN",
        help="bin of a label (default: from the model file, else from the configuration); may be repeated",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="configuration whose decision.labels gives the bins (default: for a run, config.yaml, else the one that ships)",
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE.html",
        help="file of the page; the same figures are written to FILE.json (default: report.html in the run folder)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--plots", type=Path, metavar="DIR", help="folder of the confusion matrices, PNG (default: the run folder)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Evaluate, print and write; returns the exit code.

    Raises:
        TrainError: the model or the pictures cannot be used, or options do not fit together.
    """
    with quiet_loading():  # Keras takes seconds to import: not for --help and usage errors
        from train.measuring.evaluation_report import evaluation_as_dict, evaluation_page, print_evaluation
        from train.measuring.plots import save_confusion

    if options.report and options.report.suffix == ".json":
        raise SettingsError(f"--report takes FILE.html, the JSON file goes beside it; got {options.report}")
    if options.report:
        check_output_file(options.report, "--report")
        check_output_file(options.report.with_suffix(".json"), "--report")
    if options.plots:
        check_output_folder(options.plots, "--plots")
    options.model = model_or_run(options.model)
    is_run = options.model.is_dir()
    home = options.model if is_run else options.run_folder
    folder = _run_folder(home) if home else None
    history = folder.load_state().history if folder else []
    predictor, other = _predictors(options, folder)
    terminal = make_console(stderr=True)
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as progress:
        results, unknown = _evaluate(options, predictor, other, folder, progress)
        figures = evaluation_as_dict(predictor, results, unknown, history)
        report = options.report or (options.model / "report.html" if is_run else None)
        if report is not None:
            progress.add_task("report", total=None)
            write_text(report, evaluation_page(predictor, results, unknown, history))
            write_text(report.with_suffix(".json"), json.dumps(figures, indent=1) + "\n")
    plots = options.plots or (options.model if is_run else None)
    if plots is not None:
        plots.mkdir(parents=True, exist_ok=True)
        kind = "float32" if is_run else "int8"
        for result in results:
            score = result.metrics("plain").score
            save_confusion(plots / f"confusion-{result.name}-{kind}.png", score, f"{predictor.name}, {result.name}")
    if options.json:
        say(json.dumps(figures, indent=1))
    else:
        console = make_console()
        print_evaluation(predictor, results, unknown, console)
        if report is not None:
            console.print(f"report: {report}", highlight=False, soft_wrap=True)
    return 0


def _run_folder(path: Path) -> "RunFolder":
    from train.runs.run_folder import RunFolder

    return RunFolder(path)


def _predictors(options: argparse.Namespace, folder: "RunFolder | None") -> "tuple[Predictor, Predictor | None]":
    """The model to evaluate, and its other form (float32 or int8) where it was given."""
    from train.measuring.predictor import Predictor, predictor_from_bundle, predictor_from_run

    is_run = options.model.is_dir()
    if is_run and options.run_folder:
        raise SettingsError("--run goes with a MODEL.tflite; beside a run give --int8 MODEL.tflite")
    if not is_run and options.int8:
        raise SettingsError("--int8 goes with a run folder; beside a model file give --run RUN")
    # The model file first: a missing one is reported before Keras is imported.
    file = model_or_run(options.int8) if is_run and options.int8 else None if is_run else options.model
    int8 = predictor_from_bundle(file) if file else None
    float32 = predictor_from_run(folder) if folder else None
    if float32 and int8:
        # The file was converted from the run: its temperature, thresholds and bins hold for both.
        float32 = replace(float32, manifest=int8.manifest)

    def with_view(predictor: Predictor | None) -> Predictor | None:
        return replace(predictor, view=_view(options.view, predictor)) if predictor and options.view else predictor

    first, second = (float32, int8) if is_run else (int8, float32)
    predictor = with_view(first)
    assert predictor is not None
    return predictor, with_view(second)


def _evaluate(
    options: argparse.Namespace,
    predictor: "Predictor",
    other: "Predictor | None",
    folder: "RunFolder | None",
    progress: Progress,
) -> "tuple[list[EvaluationResult], list[UnknownSet]]":
    """Results for each requested set, and for those of unknown labels alone."""
    from train.data.pictures import find_data, spelt_as
    from train.measuring.evaluation_result import EvaluationResult
    from train.measuring.predictions import predict_samples
    from train.measuring.samples import photograph_samples, sprite_samples
    from train.measuring.unknown_set import UnknownSet

    settings = folder.load_settings() if folder else None
    renamed = {**(settings.label_renames if settings else {}), **label_map(options.map)}
    roots = [Path(root) for root in (options.data or (settings.data if settings else []))]
    if not roots and not options.also:
        raise DataError("evaluate: no pictures; give --data DIR, or --also NAME=DIR")
    keep_damaged = options.keep_damaged or (settings is not None and settings.damaged == "keep")

    def find(roots: list[Path]) -> "list[Picture]":
        data = find_data(roots, label_renames=renamed, keep_damaged=keep_damaged)
        for line in data.describe():
            log.warning("data: %s", line)
        return spelt_as(data.pictures, predictor.labels)

    split_file = options.split or (folder.split_file if folder and not options.data else None)
    sets = []
    if roots:
        name, pictures = _select_part(options.part, split_file, find(roots))
        sets.append((name, photograph_samples(pictures)))
    if options.model.is_dir() and folder and not options.data and not options.also:
        sets += [("renders", held_out)] if (held_out := sprite_samples(folder, predictor.labels)) else []
    for text in options.also:
        name, found, root = text.partition("=")
        if not found or not name or "/" in name or name in {one for one, _ in sets}:
            raise SettingsError(f"--also takes NAME=DIR with a NAME of its own and without a slash, got {text!r}")
        sets.append((name, photograph_samples(find([Path(root)]))))
    bins = label_bins(options.bin, options.config, predictor)
    results: list[EvaluationResult] = []
    unknown_only = []
    for name, samples in sets:
        if not any(sample.label in predictor.labels for sample in samples):
            unknown_only.append((name, predict_samples(predictor, samples, progress=progress, needs_known=False)))
            continue
        predictions, float32_and_int8 = predict_samples(predictor, samples, progress=progress), None
        if other:
            others = predict_samples(other, predictions.samples, progress=progress)
            float32_and_int8 = (predictions, others) if options.model.is_dir() else (others, predictions)
        results.append(EvaluationResult(name, predictions, float32_and_int8, bins))
    return results, [UnknownSet.of(name, predictions, results) for name, predictions in unknown_only]


def _select_part(wanted: str | None, split_file: Path | None, pictures: "list[Picture]") -> "tuple[str, list[Picture]]":
    """Name and pictures of the part to evaluate on: ``wanted``, else test, else val, else all."""
    from train.data.split import Split

    if wanted == "all" or (wanted is None and split_file is None and not any(picture.part for picture in pictures)):
        return "all", pictures
    if split_file is not None:
        split = Split.load(split_file)
        # A model for use may have been trained without a test part, on all there was.
        part = wanted or ("test" if split.parts["test"] else "val")
        return part, split.select(part, pictures)
    part = wanted or "test"
    return part, [picture for picture in pictures if picture.part == part]


def _view(text: str, predictor: "Predictor") -> "InputView":
    from edge.sight.view import ViewSpec
    from train.measuring.view_choice import InputView

    kind, _, toning = text.partition(":")
    if kind not in ("object", "full"):
        raise SettingsError(f"--view takes object[:TONING] or full, got {text!r}")
    spec = predictor.view.spec
    try:
        spec = ViewSpec.model_validate({**spec.model_dump(), "toning": float(toning)}) if toning else spec
    except ValueError as error:
        raise SettingsError(f"--view: toning is a number from 0 to 1, got {toning!r}") from error
    return InputView("full" if kind == "full" else "object", spec)
