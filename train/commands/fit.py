"""``fit``: train from class folders into a run folder."""

import argparse
import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from edge.terminal.console import make_console
from edge.terminal.log_filter import PrintableFilter
from train.commands.options import WEIGHTS_HELP, add_data_options, add_group_option, label_list
from train.errors import SettingsError
from train.files import check_output_folder
from train.quiet_loading import quiet_loading
from train.runs import recipe
from train.runs.settings import NAMES, Settings
from train.runs.settings_text import parse_settings

log = logging.getLogger("train")

TRAINING_OPTIONS = (
    "recipe",
    "data",
    "sprites",
    "weights",
    "labels",
    "map",
    "split",
    "group",
    "seed",
    "epochs",
    "set",
    "keep_damaged",
)
"""Options that change the settings; the others choose the folder and the output."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``fit`` to the command line."""
    parser = commands.add_parser(
        "fit",
        help="train from class folders into a run folder, or resume an unfinished run",
        description="Train from class folders into a run folder. An unfinished run is resumed. "
        "Settings come from the defaults, then --recipe, then the other options.",
    )
    parser.add_argument("--out", type=Path, required=True, help="run folder")
    parser.add_argument(
        "--recipe", metavar="NAME|FILE.toml", help=f"settings from a file, or one of {', '.join(recipe.recipe_names())}"
    )
    add_data_options(parser)
    add_group_option(parser)
    parser.add_argument(
        "--sprites",
        metavar="DIR",
        help="folder of class folders of RGBA cut-outs, composited on random backgrounds during training",
    )
    parser.add_argument("--weights", metavar="FILE|MODEL|imagenet|none", help=WEIGHTS_HELP)
    parser.add_argument("--split", metavar="FILE", help="a split.json to reuse")
    parser.add_argument("--seed", type=int, help="seed of every random draw")
    parser.add_argument("--epochs", type=int, help="number of epochs, including the head epochs")
    parser.add_argument("--resume", action="store_true", help="resume the run in --out with its own settings")
    parser.add_argument(
        "--tensorboard", action="store_true", help="write event files for TensorBoard into the run folder"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help=f"any setting: {', '.join(NAMES)}"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Train; returns the exit code.

    Raises:
        TrainError: settings, data or weights cannot be used.
    """
    with quiet_loading():  # Keras takes seconds to import: not for --help and usage errors
        from train.data.pictures import label_names
        from train.data.selection import find_photographs
        from train.learning.finalize import finalize_run, is_finalized
        from train.learning.fit import fit
        from train.learning.progress import ProgressReporter
        from train.runs.run_folder import RunFolder

    check_output_folder(options.out, "--out")
    folder = RunFolder(options.out)
    settings = (
        _resumed_settings(options, folder.load_settings()) if options.resume else choose_settings(options, Settings())
    )
    if not settings.data:
        raise SettingsError("data: no pictures; give --data DIR with a folder of pictures for each label")
    # Before the run's folder is made: data that cannot be used leave none behind.
    label_names(find_photographs(settings))
    console = make_console()
    options.out.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(options.out / "log.txt", encoding="utf-8")
    handler.addFilter(PrintableFilter())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger().addHandler(handler)
    try:
        with ExitStack() as stack:
            reporter = stack.enter_context(ProgressReporter(console, settings.epochs, head_epochs=settings.head_epochs))
            tensorboard = None
            if options.tensorboard:
                from train.learning.tensorboard import TensorBoardWriter

                tensorboard = stack.enter_context(TensorBoardWriter(options.out / "tensorboard"))
            reporter.report_step("reading the pictures")
            progress = fit(settings, folder, reporter, tensorboard)
            if progress.finished and not is_finalized(folder):
                reporter.report_step("choosing the view, and a bias for each label")
                finalize_run(folder)
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    console.print(f"{folder.path}: best validation accuracy {progress.best[0]:.3f}", highlight=False, soft_wrap=True)
    return 0


def _resumed_settings(options: argparse.Namespace, settings: Settings) -> Settings:
    """The run's own settings; other options may repeat but not change them."""
    if any(getattr(options, name) not in (None, [], False) for name in TRAINING_OPTIONS):
        differences = settings.differences(choose_settings(options, settings))
        if differences:
            raise SettingsError(
                f"run {options.out}: --resume keeps the run's settings, but these differ: {'; '.join(differences)}"
            )
    return settings


def choose_settings(options: argparse.Namespace, base: Settings) -> Settings:
    """``base`` with the settings of the recipe, then those of the command line.

    Raises:
        SettingsError: a setting is unknown or out of its range.
    """
    if options.recipe:
        found = recipe.load_recipe(options.recipe)
        found.settings()  # raises with the recipe's name in the message
        base = base.replaced(**found.overrides)
    direct = {
        "data": tuple(options.data) or None,
        "sprites": options.sprites,
        "weights": options.weights,
        "split": options.split,
        "group": options.group,
        "labels": label_list(options.labels) or None,
        "label_map": (*base.label_map, *options.map) if options.map else None,
        "seed": options.seed,
        "epochs": options.epochs,
        "damaged": "keep" if options.keep_damaged else None,
    }
    chosen = parse_settings(options.set) | {name: value for name, value in direct.items() if value is not None}
    # All at once: some settings are only valid together.
    return base.replaced(**_with_fewer_head_epochs(chosen, base))


def _with_fewer_head_epochs(chosen: dict[str, Any], base: Settings) -> dict[str, Any]:
    """``chosen``, with as many head epochs as the epochs leave room for, unless they were chosen as well."""
    epochs = chosen.get("epochs")
    if "head_epochs" in chosen or not isinstance(epochs, int) or not 0 <= epochs < base.head_epochs:
        return chosen
    if epochs == 0:
        return {**chosen, "head_epochs": 0}
    log.warning(
        "%d epochs: the last layer alone is trained, since the first %d would be (--set head_epochs=0 trains all layers)",
        epochs,
        base.head_epochs,
    )
    return {**chosen, "head_epochs": epochs}
