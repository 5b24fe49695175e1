"""``sorter-train``: fit a model, or measure one."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

# Before Keras is imported: TensorFlow's chatter about missing GPUs hides our own messages.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from rich.console import Console

from train.errors import SettingsError, TrainError
from train.settings import NAMES, Settings

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="sorter-train", description="Train the waste sorter's classifier, or measure one."
    )
    commands = top.add_subparsers(dest="command", required=True)
    fit = commands.add_parser(
        "fit", help="train from class folders into a run folder; an unfinished run is taken up again"
    )
    fit.add_argument("--out", type=Path, required=True, help="run folder")
    fit.add_argument(
        "--data",
        nargs="+",
        default=[],
        metavar="DIR",
        help="folders with a folder of pictures for each label, or with train/val/test folders of such",
    )
    fit.add_argument(
        "--sprites",
        metavar="DIR",
        help="folder of class folders of RGBA cut-outs, laid on random grounds while training",
    )
    fit.add_argument(
        "--weights", metavar="FILE|imagenet|none", help="where MobileNetV2 starts from (default: imagenet)"
    )
    fit.add_argument("--labels", metavar="A,B,...", help="labels to keep, after --map (default: all)")
    fit.add_argument(
        "--map", action="append", default=[], metavar="OLD=NEW", help="read folder OLD as label NEW; may be repeated"
    )
    fit.add_argument("--split", metavar="FILE", help="a split.json to reuse")
    fit.add_argument("--seed", type=int, help="of every random draw")
    fit.add_argument("--epochs", type=int, help="in all, head epochs counted in")
    fit.add_argument("--resume", action="store_true", help="take the run in --out up again with its own settings")
    fit.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help=f"any setting: {', '.join(NAMES)}"
    )
    measure = commands.add_parser("evaluate", help="measure a run or a model file through the bin's view")
    measure.add_argument(
        "model", type=Path, metavar="RUN|MODEL.tflite", help="run folder, or a bundle made by sorter-convert"
    )
    measure.add_argument("--data", nargs="+", metavar="DIR", help="data sets to measure on (default: the run's)")
    measure.add_argument(
        "--split", type=Path, metavar="FILE", help="split.json that names the part's pictures (default: the run's)"
    )
    measure.add_argument(
        "--part", choices=("train", "val", "test", "all"), help="part of the split (default: test, or all without one)"
    )
    measure.add_argument(
        "--map", action="append", default=[], metavar="OLD=NEW", help="read folder OLD as label NEW; may be repeated"
    )
    measure.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="measure on all of DIR as well; labels that "
        "the model does not know are left out and counted; may be repeated",
    )
    measure.add_argument(
        "--view", metavar="KIND[:TONING]", help="another view than the model's, such as object:0.8 or full"
    )
    measure.add_argument("--json", action="store_true", help="print JSON instead of tables")
    measure.add_argument(
        "--plots", type=Path, metavar="DIR", help="where confusion matrices go as PNG (default: the run folder)"
    )
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 2 for what cannot be trained, 130 after Ctrl-C."""
    options = build_parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr, force=True)
    try:
        return _fit(options) if options.command == "fit" else _evaluate(options)
    except TrainError as error:
        print(f"sorter-train: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("sorter-train: stopped; finished epochs are kept, the same command goes on from there", file=sys.stderr)
        return INTERRUPTED


def _fit(options: argparse.Namespace) -> int:
    from train.fit import fit  # Keras takes seconds to import: not for --help and usage errors
    from train.progress import Reporter
    from train.runfolder import RunFolder

    folder = RunFolder(options.out)
    if options.resume:
        changed = [
            name
            for name in ("data", "sprites", "weights", "labels", "map", "split", "seed", "epochs", "set")
            if getattr(options, name) not in (None, [])
        ]
        settings = folder.settings()
        if changed:
            asked = chosen(options, settings)
            differences = settings.differences(asked)
            if differences:
                raise SettingsError(
                    f"run {options.out}: --resume keeps the run's settings, but these differ: {'; '.join(differences)}"
                )
    else:
        settings = chosen(options, Settings())
        if not settings.data:
            raise SettingsError("data: nothing to train on; give --data DIR with a folder of pictures for each label")
    console = Console(file=sys.stdout)
    options.out.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(options.out / "log.txt")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger().addHandler(handler)
    try:
        with Reporter(console, settings.epochs) as reporter:
            progress = fit(settings, folder, reporter)
        if progress.finished and not folder.view_file.exists():
            from train.choose import choose_view

            choose_view(folder)
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    console.print(f"{folder.path}: best validation accuracy {progress.best[0]:.3f}", highlight=False)
    return 0


def chosen(options: argparse.Namespace, base: Settings) -> Settings:
    """``base`` with what the command line says."""
    direct = {
        "data": tuple(options.data) or None,
        "sprites": options.sprites,
        "weights": options.weights,
        "split": options.split,
        "labels": tuple(part for part in options.labels.split(",") if part) if options.labels else None,
        "label_map": tuple(options.map) or None,
        "seed": options.seed,
        "epochs": options.epochs,
    }
    return base.with_overrides(options.set).replaced(
        **{name: value for name, value in direct.items() if value is not None}
    )


def _evaluate(options: argparse.Namespace) -> int:
    from train.evaluate import run

    return run(options)
