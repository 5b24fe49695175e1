"""``sorter-convert``: a run's best model as the one file that crosses to the bin."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

# Before Keras is imported: conversion needs TensorFlow, even where the run was trained on another back end.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from convert.options import DEFAULT_REHEARSE, ConversionOptions, TeachableOptions, ThresholdTargets
from convert.publishing import commands as publishing
from edge.errors import SorterError
from edge.terminal.launch import INTERRUPTED
from edge.terminal.log_filter import log_to_stderr
from edge.terminal.output import say_error, say_os_error
from edge.terminal.parser import PrintableParser, add_examples, add_version
from train import extra
from train.errors import SettingsError, TrainError
from train.files import check_output_file
from train.quiet_loading import quiet_loading

EXAMPLES = (
    "sorter-convert runs/mine --out mine.tflite",
    "sorter-convert mine.tflite --edgetpu   # for a Coral",
    "sorter-convert old.tflite --teachable data/mine --out mine.tflite   # so that a bin can be taught with it",
)


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    top = PrintableParser(
        prog="sorter-convert",
        description="Convert a training run to an int8 TFLite bundle for the bin. 'publish', 'revoke', 'rotate' and 'refresh' in "
        "place of a run keep a repository of signed updates: sorter-convert publish --help.",
        epilog=extra.note(),
    )
    add_version(top)
    add_examples(top, EXAMPLES)
    top.add_argument(
        "run",
        type=Path,
        metavar="RUN",
        help="folder made by sorter-train fit; with --edgetpu or --teachable also a finished FILE.tflite",
    )
    top.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="file of the bundle; FILE.rejected if it loses too much accuracy; required with a run",
    )
    top.add_argument(
        "--edgetpu",
        action="store_true",
        help="also compile the bundle for a Coral, to FILE_edgetpu.tflite; needs edgetpu_compiler",
    )
    top.add_argument(
        "--representative",
        type=int,
        default=300,
        metavar="N",
        help="number of training pictures to calibrate with (default: 300)",
    )
    top.add_argument(
        "--limit-points",
        type=float,
        default=2.0,
        metavar="P",
        help="accuracy that int8 may lose, in percentage points, on validation and test pictures together (default: 2.0)",
    )
    top.add_argument(
        "--plain", action="store_true", help="round weights to the nearest step, as the converter does (for comparison)"
    )
    top.add_argument("--name", help="name of the model (default: the run folder's)")
    top.add_argument(
        "--bin",
        action="append",
        default=[],
        metavar="LABEL=BIN",
        help="suggested bin of a label, in place of the configuration's; may be repeated",
    )
    top.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="configuration whose decision.labels gives the suggested bins (default: config.yaml, else the one that ships)",
    )
    top.add_argument("--licence", default="", help="licence text for the manifest")
    top.add_argument(
        "--sure",
        type=float,
        default=0.95,
        metavar="SHARE",
        help="accuracy of the validation answers above min_confidence, the threshold of bins without one of their own "
        "(default: 0.95)",
    )
    top.add_argument(
        "--contamination",
        type=float,
        default=0.02,
        metavar="SHARE",
        help="largest share of wrong items in a recycling bin; sets its threshold on validation pictures (default: 0.02)",
    )
    top.add_argument(
        "--unknown",
        nargs="+",
        type=Path,
        default=[],
        metavar="DIR",
        help="folders of pictures that the model should reject as unknown, in addition to drawn hands and empty trays",
    )
    top.add_argument(
        "--keep-known",
        type=float,
        default=0.98,
        metavar="SHARE",
        help="share of the validation pictures that must stay known (default: 0.98)",
    )
    top.add_argument(
        "--rehearse",
        type=int,
        default=DEFAULT_REHEARSE,
        metavar="N",
        help="number of training pictures of each label whose features travel with the model, so that a bin which is taught "
        "other labels does not forget these; 0: none (default: %(default)s)",
    )
    top.add_argument(
        "--teachable",
        nargs="+",
        type=Path,
        metavar="DIR",
        help="for a finished FILE.tflite: add features and rehearsal, from these folders of the pictures that it was trained "
        "on; its answers stay the same",
    )
    top.add_argument(
        "--split", type=Path, metavar="FILE", help="with --teachable: split file, only its training part is used"
    )
    top.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="with --teachable: a folder's label, as in training; may be repeated",
    )
    top.add_argument(
        "--report", type=Path, metavar="FILE", help="file of the parity report, JSON (default: FILE.parity.json)"
    )
    return top


def conversion_options(options: argparse.Namespace) -> ConversionOptions:
    """The parsed command line as checked values.

    Raises:
        SettingsError: an option is missing or out of its range.
    """
    if options.out is None:
        raise SettingsError(f"--out: missing; give the file for the model of {options.run}")
    check_output_file(options.out, "--out")
    if options.report is not None:
        check_output_file(options.report, "--report")
    return ConversionOptions(
        out=options.out,
        report=options.report,
        representative=options.representative,
        plain=options.plain,
        limit_points=options.limit_points,
        targets=ThresholdTargets(sure=options.sure, contamination=options.contamination, keep_known=options.keep_known),
        name=options.name,
        bins=dict(_pair(pair, "--bin", "LABEL=BIN") for pair in options.bin),
        config=options.config,
        licence=options.licence,
        unknown=tuple(options.unknown),
        edgetpu=options.edgetpu,
        rehearse=options.rehearse,
    )


def teachable_options(options: argparse.Namespace) -> TeachableOptions:
    """The parsed command line as checked values.

    Raises:
        SettingsError: an option is missing or out of its range.
    """
    if options.out is None:
        raise SettingsError(f"--out: missing; give the file for the teachable {options.run}")
    check_output_file(options.out, "--out")
    return TeachableOptions(
        out=options.out,
        data=tuple(options.teachable),
        split=options.split,
        label_renames=dict(_pair(pair, "--map", "OLD=NEW") for pair in options.map),
        rehearse=options.rehearse,
    )


def _pair(pair: str, option: str, form: str) -> tuple[str, str]:
    left, _, right = pair.partition("=")
    if not left or not right:
        raise SettingsError(f"{option} takes {form}, got {pair!r}")
    return left, right


def _change_bundle(options: argparse.Namespace) -> None:
    """Make a finished bundle teachable, or compile it for a Coral.

    Raises:
        SettingsError: neither or both are asked for, or an option is out of its range.
    """
    if options.edgetpu == (options.teachable is not None):
        raise SettingsError(
            f"{options.run}: is converted already; add either --edgetpu to compile it for a Coral, or --teachable DIR to add "
            "features and rehearsal"
        )
    if options.teachable is not None:
        asked = teachable_options(options)
        with quiet_loading():
            from convert.features.teachable_file import make_file_teachable

        make_file_teachable(options.run, asked)
        return
    with quiet_loading():
        from convert.edgetpu.compiler import compile_file

    for path, option in ((options.out, "--out"), (options.report, "--report")):
        if path is not None:
            check_output_file(path, option)
    compile_file(options.run, options.out, options.report)


def main(arguments: Sequence[str] | None = None) -> int:
    """Convert; returns the exit code.

    0: converted; 1: more accuracy lost than allowed; 2: cannot be converted; 3: --edgetpu gave no model for the Coral;
    Of ``publish`` 1 means that the ring before has failed, and the update was withdrawn. 130: interrupted with Ctrl-C.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    log_to_stderr(logging.WARNING)
    try:
        if given and given[0] in publishing.COMMANDS:
            return publishing.main(given)
        options = build_parser().parse_args(given)
        if options.run.suffix == ".tflite":
            _change_bundle(options)
            return 0
        if options.teachable is not None:
            raise SettingsError("--teachable: is for a finished FILE.tflite; a run's model becomes teachable anyway")
        asked = conversion_options(options)
        with quiet_loading():  # Keras takes seconds to import: not for --help and usage errors
            from convert.conversion import convert
            from train.runs.run_folder import RunFolder

        convert(RunFolder(options.run), asked)
        return 0
    except TrainError as error:
        say_error("sorter-convert", error)
        return error.exit_code
    except ModuleNotFoundError as error:
        say_error("sorter-convert", extra.sentence(error))
        return TrainError.exit_code
    except SorterError as error:
        say_error("sorter-convert", error)
        return TrainError.exit_code
    except BrokenPipeError:
        sys.stdout = None  # whoever read it (head, less) has left
        return 0
    except OSError as error:
        say_os_error("sorter-convert", error)
        return TrainError.exit_code
    except KeyboardInterrupt:
        say_error("sorter-convert", "stopped, nothing written")
        return INTERRUPTED
