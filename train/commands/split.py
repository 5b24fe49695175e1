"""``split``: draw a split that keeps similar pictures together, for several runs to use."""

import argparse
import logging
from collections import Counter
from pathlib import Path

from rich.table import Table

from edge.terminal.console import make_console
from train.commands.options import WEIGHTS_HELP, add_data_options, add_group_option, data_folders, label_list, label_map
from train.data.pictures import find_data
from train.data.split import PART_NAMES, Split
from train.files import check_output_file
from train.quiet_loading import quiet_loading
from train.runs.settings import Settings

log = logging.getLogger("train")

DEFAULTS = Settings()


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``split`` to the command line."""
    parser = commands.add_parser(
        "split",
        help="split pictures into train, val and test, similar pictures together, for several runs to use",
        description="Split pictures into train, val and test parts. Similar pictures stay in one part.",
    )
    add_data_options(parser)
    add_group_option(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="file of the split, JSON")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FILE",
        help="a split to extend: its pictures stay in their parts (its keys may lack the data set's name if all are "
        "of the first data set)",
    )
    parser.add_argument(
        "--weights",
        metavar="FILE|MODEL|imagenet|none",
        help="of the network that measures similarity; " + WEIGHTS_HELP,
    )
    parser.add_argument(
        "--val",
        type=float,
        default=DEFAULTS.val_share,
        metavar="SHARE",
        help="share of the validation part (default: %(default)s)",
    )
    parser.add_argument(
        "--test",
        type=float,
        default=DEFAULTS.test_share,
        metavar="SHARE",
        help="share of the test part (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=DEFAULTS.seed, help="seed of the draw (default: %(default)s)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Draw and write; returns the exit code.

    Raises:
        TrainError: there are no pictures to split, or too few of a label.
    """
    with quiet_loading():  # Keras takes seconds to import: not for --help and usage errors
        from train.data.split_drawing import extend_split, make_split

    roots = data_folders(options.data)
    check_output_file(options.out, "--out")
    settings = DEFAULTS.replaced(
        val_share=options.val,
        test_share=options.test,
        seed=options.seed,
        weights=options.weights or DEFAULTS.weights,
        group=options.group or "",
    )
    data = find_data(
        roots,
        label_renames=label_map(options.map),
        labels=label_list(options.labels),
        keep_damaged=options.keep_damaged,
    )
    pictures = data.pictures
    for line in data.describe():
        log.warning("data: %s", line)
    if options.keep:
        base = Split.load(options.keep)
        known = {picture.key for picture in pictures}
        if len(roots) > 1 and not base.keys & known:
            base = base.with_prefix(roots[0].resolve().name)
        split = extend_split(base, pictures, settings)
    else:
        split = make_split(pictures, settings)
    split.save(options.out)
    _show(split, {picture.key: picture.label for picture in pictures}, options.out)
    return 0


def _show(split: Split, label_of: dict[str, str], path: Path) -> None:
    table = Table("label", *PART_NAMES, title=f"{path}: pictures")
    counts = {part: Counter(label_of.get(key, "?") for key in split.parts[part]) for part in PART_NAMES}
    for label in sorted({label for count in counts.values() for label in count}):
        table.add_row(label, *(str(counts[part][label]) for part in PART_NAMES))
    table.add_row("all", *(str(len(split.parts[part])) for part in PART_NAMES), style="bold")
    make_console().print(table)
