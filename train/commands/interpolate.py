"""``interpolate``: weights between those that a run started from and those that it ended with."""

import argparse
from pathlib import Path

from edge.terminal.console import make_console
from train.files import check_output_folder
from train.quiet_loading import quiet_loading


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``interpolate`` to the command line."""
    parser = commands.add_parser(
        "interpolate",
        help="weights between a run's first and its best, chosen on validation pictures; the result is a run like any other",
        description="Try weights between those that a run started from and its best ones, and keep the most accurate on "
        "validation pictures. The run needs --set head_start=probe, and had better have data sets that validate "
        "(--set validate_on=SET). The result is a finished run.",
    )
    parser.add_argument("fitted", type=Path, metavar="RUN", help="run folder made by fit")
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="run folder for the chosen weights")
    parser.add_argument(
        "--as",
        dest="others",
        nargs="+",
        type=Path,
        default=[],
        metavar="RUN",
        help="do not choose: take the mean of the shares that these runs made by interpolate have chosen, such as those of "
        "runs with another data set left out each",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Try, print, and keep the best; returns the exit code.

    Raises:
        TrainError: the run did not start from a probe, or --out holds a finished run.
    """
    with quiet_loading():  # Keras takes seconds to import: not for --help and usage errors
        from train.learning.finalize import finalize_run
        from train.learning.weight_interpolation import SHARES, Row, interpolate_weights, mean_share
        from train.runs.run_folder import RunFolder

    check_output_folder(options.out, "--out")
    console, folder = make_console(), RunFolder(options.out)
    shares = (mean_share(options.others),) if options.others else SHARES

    def tell(row: Row) -> None:
        share, figures = row
        console.print(
            f"share of the fine-tuned weights {share:.2f}: validation accuracy {figures['val_accuracy']:.3f}, "
            f"macro F1 {figures['val_macro_f1']:.3f}, loss {figures['val_loss']:.3f}",
            highlight=False,
            soft_wrap=True,
        )

    share, figures = interpolate_weights(options.fitted, folder, tell, shares)
    finalize_run(folder)
    console.print(
        f"{folder.path}: {share:.2f} of the fine-tuned weights, validation accuracy {figures['val_accuracy']:.3f}",
        highlight=False,
        soft_wrap=True,
    )
    return 0
