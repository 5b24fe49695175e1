"""``probe``: how much a network's features tell about data sets that a linear head on them has not learnt from."""

import argparse
import json
from pathlib import Path

from rich.table import Table

from edge.terminal.console import make_console
from train.commands.options import WEIGHTS_HELP, add_data_options, data_folders, label_list, label_map
from train.errors import SettingsError
from train.files import check_output_file, write_text
from train.quiet_loading import quiet_loading
from train.runs.settings import Settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``probe`` to the command line."""
    parser = commands.add_parser(
        "probe",
        help="measure a network's features: a linear head learns from all data sets but one, and is measured on that one",
        description="Measure a network's features: logistic regression learns from all data sets but one, every set and "
        "label weighing the same, and is measured on that one, through one plain object view.",
    )
    add_data_options(parser)
    parser.add_argument("--weights", metavar="FILE|MODEL|imagenet|none", help=WEIGHTS_HELP)
    parser.add_argument(
        "--head-layers",
        metavar="A,B,...",
        help="layers whose means join the last one's features (as the setting head_layers)",
    )
    parser.add_argument("--arch", default="mobilenet_v2", help="network (default: %(default)s)")
    parser.add_argument("--size", type=int, default=128, help="side of its input in pixels (default: %(default)s)")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="the same figures as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure and print a table; returns the exit code.

    Raises:
        TrainError: fewer than two data sets, or the weights cannot be used.
    """
    with quiet_loading():  # Keras takes seconds to import: not for --help and usage errors
        from train.measuring.probe_table import leave_one_set_out, read_features

    roots = data_folders(options.data)
    if len(roots) < 2:
        raise SettingsError("probe leaves out one data set after another; give two or more with --data")
    if options.out:
        check_output_file(options.out, "--out")
    settings = Settings(
        data=tuple(map(str, roots)),
        labels=label_list(options.labels),
        label_map=tuple(f"{old}={new}" for old, new in label_map(options.map).items()),
        damaged="keep" if options.keep_damaged else "leave-out",
        weights=options.weights or "imagenet",
        head_layers=label_list(options.head_layers),
        arch=options.arch,
        size=options.size,
    )
    console = make_console()
    with console.status("reading the pictures"):
        features = read_features(settings)
    rows = leave_one_set_out(features)
    table = Table("set left out", "pictures", "accuracy", "mean of its labels", *features.labels)
    for row in rows:
        recalls = (f"{100 * row.recalls[label]:.0f} %" if label in row.recalls else "" for label in features.labels)
        table.add_row(
            row.name, str(row.pictures), f"{100 * row.accuracy:.1f} %", f"{100 * row.balanced:.1f} %", *recalls
        )
    mean = sum(row.balanced for row in rows) / len(rows)
    table.add_row("mean", "", "", f"{100 * mean:.1f} %", style="bold")
    console.print(table)
    if options.out:
        figures = {
            row.name: {"pictures": row.pictures, "accuracy": row.accuracy, "recalls": row.recalls} for row in rows
        }
        write_text(options.out, json.dumps(figures, indent=1) + "\n")
    return 0
