"""Options that several commands share, and their conversion to values."""

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from edge.models import SHIPPED, model_path
from train.errors import RunError, SettingsError

if TYPE_CHECKING:  # Keras takes seconds to import: not for --help and usage errors
    from train.measuring.predictor import Predictor

log = logging.getLogger("train")


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--data``, ``--labels`` and ``--map``."""
    parser.add_argument(
        "--data",
        nargs="+",
        default=[],
        metavar="DIR",
        help="folders with a folder of pictures for each label, or with train/val/test folders of such",
    )
    parser.add_argument("--labels", metavar="A,B,...", help="labels to use, after --map (default: all)")
    add_map_option(parser)
    add_keep_damaged_option(parser)


def add_group_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--group``."""
    parser.add_argument(
        "--group",
        metavar="PATTERN",
        help="regular expression that finds the item in a picture's path, such as '(cup_\\d+)_'; pictures of one item stay "
        "in one part (default: by folders below the label's, names such as cup_03_2.jpg, and times)",
    )


WEIGHTS_HELP = (
    f"initial weights: a model that ships ({', '.join(SHIPPED)}; needs no network), a file, imagenet (downloaded) or none "
    "(default: imagenet)"
)


def add_keep_damaged_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--keep-damaged``."""
    parser.add_argument(
        "--keep-damaged",
        action="store_true",
        help="use JPEGs that have lost pixels in their middle; they are grey from there on (default: left out)",
    )


def add_map_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--map``."""
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="read folder OLD as label NEW; SET/OLD=NEW holds in one data set only; may be repeated",
    )


def label_map(pairs: list[str]) -> dict[str, str]:
    """``--map`` as a dictionary, old name to new.

    Raises:
        SettingsError: a pair is not OLD=NEW.
    """
    for pair in pairs:
        if len(pair.split("=")) != 2 or not all(pair.split("=")):
            raise SettingsError(f"--map takes OLD=NEW, got {pair!r}")
    return dict(pair.split("=", 1) for pair in pairs)


def label_list(text: str | None) -> tuple[str, ...]:
    """``--labels`` as a tuple; empty where it was not given."""
    return tuple(part for part in (text or "").split(",") if part)


def label_bins(pairs: list[str], config: Path | None, predictor: "Predictor") -> dict[str, str]:
    """Label -> bin: of ``--config``, else of the model file, else of the usual configuration; ``--bin`` goes over it."""
    from train.measuring.configured_bins import ConfiguredBins

    if config is None and predictor.manifest and predictor.manifest.bins:
        bins = dict(predictor.manifest.bins)
    else:
        layout = ConfiguredBins.load(config)
        bins = layout.suggest(predictor.labels)
        unplaced = [
            label for label in predictor.labels if label not in bins | dict(_label_and_bin(pair) for pair in pairs)
        ]
        if unplaced:
            log.warning(
                "labels without a bin in %s: %s; here they count as residual; give --bin LABEL=BIN",
                layout.name,
                ", ".join(unplaced),
            )
    return bins | dict(_label_and_bin(pair) for pair in pairs)


def _label_and_bin(pair: str) -> tuple[str, str]:
    label, _, name = pair.partition("=")
    if not label or not name:
        raise SettingsError(f"--bin takes LABEL=BIN, got {pair!r}")
    return label, name


def data_folders(texts: list[str]) -> list[Path]:
    """``--data`` as paths.

    Raises:
        SettingsError: none was given.
    """
    if not texts:
        raise SettingsError("data: give --data DIR with a folder of pictures for each label")
    return [Path(text) for text in texts]


def model_or_run(path: Path) -> Path:
    """A run folder or model file; the file of a model that ships where its name stands alone.

    Raises:
        RunError: there is none.
    """
    found = path if path.exists() else model_path(str(path))
    if not found.exists():
        raise RunError(
            f"{path}: no such file or folder; expected a run folder made by sorter-train fit, a model file, "
            f"or one that ships: {', '.join(SHIPPED)}"
        )
    return found
