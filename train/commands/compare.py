"""``compare``: a table of several runs and model files."""

import argparse
import json
from pathlib import Path

from rich.progress import Progress

from edge.models import SHIPPED
from edge.terminal.console import make_console
from edge.terminal.output import say
from train.commands.options import model_or_run
from train.errors import SettingsError
from train.files import check_output_file, write_text
from train.quiet_loading import quiet_loading


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``compare`` to the command line."""
    parser = commands.add_parser(
        "compare",
        help="compare runs and model files: settings that differ, accuracy, size, speed",
        description="Compare runs and model files. A model file, and runs with other test pictures, are measured on the test "
        "part of the first run, by the bin's vote; it is said what they have seen of it. Beside that: settings that differ, "
        "best epoch, validation and own test accuracy (one look), size, speed, learning curves.",
    )
    parser.add_argument(
        "runs",
        nargs="+",
        type=Path,
        metavar="RUN|MODEL",
        help=f"run folder made by fit, a model file made by sorter-convert, or one that ships: {', '.join(SHIPPED)}",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--report", type=Path, metavar="FILE.html", help="write a page, and the same figures as FILE.json"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare; returns the exit code.

    Raises:
        TrainError: a run cannot be read.
    """
    with quiet_loading():  # Keras takes seconds to import: not for --help and usage errors
        from train.measuring import run_comparison as compare
        from train.measuring.shared_test import SharedTest
        from train.runs.run_folder import RunFolder

    if options.report and options.report.suffix == ".json":
        raise SettingsError(f"--report takes FILE.html, the JSON file goes beside it; got {options.report}")
    if options.report:
        check_output_file(options.report, "--report")
        check_output_file(options.report.with_suffix(".json"), "--report")
    paths = [model_or_run(path) for path in options.runs]
    models = dict(zip(compare.model_names(paths), paths, strict=True))
    terminal = make_console(stderr=True)
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as progress:
        rows = [
            compare.summarize_bundle(path, name)
            if path.suffix == ".tflite"
            else compare.summarize_run(RunFolder(path), name, progress)
            for name, path in models.items()
        ]
        shared = SharedTest.of(models, progress) if compare.needs_shared_test(rows) else None
    figures = json.dumps(compare.comparison_as_dict(rows, shared), indent=1) + "\n"
    if options.report:
        write_text(options.report, compare.comparison_page(rows, shared))
        write_text(options.report.with_suffix(".json"), figures)
    if options.json:
        say(figures.rstrip())
        return 0
    console = make_console()
    compare.print_comparison(rows, shared, console)
    if options.report:
        console.print(f"report: {options.report}", highlight=False, soft_wrap=True)
    return 0
