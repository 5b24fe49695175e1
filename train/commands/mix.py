"""``mix``: average the weights of several models."""

import argparse
from pathlib import Path

from rich.table import Table

from edge.terminal.console import make_console
from train.files import check_output_folder
from train.quiet_loading import quiet_loading


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``mix`` to the command line."""
    parser = commands.add_parser(
        "mix",
        help="average the weights of models that were fine-tuned from one start; the result is a run like any other",
        description="Average the weights of models that were fine-tuned from one start, and recompute BatchNorm's "
        "statistics. The result is a finished run with the data, labels and split of the first model.",
    )
    parser.add_argument(
        "models",
        nargs="+",
        metavar="MODEL[=PARTS]",
        help="run folders made by fit or mix, model files (.tflite), or models that ship by their names; the first is a run. "
        "PARTS: weight above 0 (default: 1)",
    )
    parser.add_argument(
        "--probe",
        action="store_true",
        help="a new last layer, by logistic regression on the mixed model's features of training pictures, instead of the mean "
        "of the models' own; model files may then have other labels than the run",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="run folder for the averaged model")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Average the weights and print a table; returns the exit code.

    Raises:
        TrainError: the models cannot be averaged.
    """
    with quiet_loading():  # Keras takes seconds to import: not for --help and usage errors
        from train.learning.finalize import finalize_run
        from train.learning.weight_averaging import average_weights, parse_weighted_models
        from train.runs.run_folder import RunFolder

    parts = parse_weighted_models(options.models)
    check_output_folder(options.out, "--out")
    folder = RunFolder(options.out)
    rows = average_weights(parts, folder, probe=options.probe)
    finalize_run(folder)
    table = Table("model", "share", "validation accuracy", "macro F1", "loss")
    for (name, figures), share in zip(rows, [*(f"{part.share:.2f}" for part in parts), ""], strict=True):
        table.add_row(
            name,
            share,
            f"{100 * figures['val_accuracy']:.1f} %",
            f"{100 * figures['val_macro_f1']:.1f} %",
            f"{figures['val_loss']:.3f}",
            style=None if share else "bold",
        )
    make_console().print(table)
    return 0
