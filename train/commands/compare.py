"""``compare``: a table of several runs."""

import argparse
import json
from pathlib import Path

from rich.progress import Progress

from edge.terminal.console import make_console, say
from edge.terminal.launch import loading
from train.errors import SettingsError
from train.files import check_output_file, write_text


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``compare`` to the command line."""
    parser = commands.add_parser(
        "compare",
        help="compare runs: settings that differ, accuracy, size, speed",
        description="Compare runs: settings that differ, best epoch, validation and test accuracy (each run's own "
        "test part, through its own view), size, speed, learning curves.",
    )
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="run folder made by fit")
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
    with loading():  # Keras takes seconds to import: not for --help and usage errors
        from train.measuring import (
            run_comparison as compare,
        )
        from train.runs.run_folder import RunFolder

    if options.report and options.report.suffix == ".json":
        raise SettingsError(f"--report takes FILE.html, the JSON file goes beside it; got {options.report}")
    if options.report:
        check_output_file(options.report, "--report")
        check_output_file(options.report.with_suffix(".json"), "--report")
    folders = [RunFolder(path) for path in options.runs]
    names = compare.run_names(folders)
    terminal = make_console(stderr=True)
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as progress:
        rows = [compare.summarize_run(folder, name, progress) for folder, name in zip(folders, names, strict=True)]
    figures = json.dumps(compare.comparison_as_dict(rows), indent=1) + "\n"
    if options.report:
        write_text(options.report, compare.comparison_page(rows))
        write_text(options.report.with_suffix(".json"), figures)
    if options.json:
        say(figures.rstrip())
        return 0
    console = make_console()
    compare.print_comparison(rows, console)
    if options.report:
        console.print(f"report: {options.report}", highlight=False, soft_wrap=True)
    return 0
