"""``sorter teach drop``: take pictures out of the taught set."""

import argparse
import time

from edge.commands.options import add_config_options, chosen_config, count
from edge.commands.teach.report import left_text, pictures_text
from edge.config.file import load_config
from edge.errors import LabelError
from edge.service.taught import open_taught_set
from edge.teaching.pictures.label_name import known_label
from edge.teaching.taught_set.base_model import base_manifest
from edge.teaching.taught_set.taught_set import TaughtSet
from edge.terminal.output import say, say_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach drop``."""
    parser.description = (
        "Take pictures out of the taught set: a whole label, some by their numbers, or near-duplicates. "
        "'sorter teach undo' brings them back. The head in use is as it was until the next 'sorter teach fit'."
    )
    parser.add_argument("label", nargs="?", metavar="LABEL", help="the label whose pictures are dropped")
    parser.add_argument(
        "--pictures",
        nargs="+",
        type=count,
        metavar="N",
        help="only the pictures of these numbers ('sorter teach list --all')",
    )
    parser.add_argument(
        "--near-duplicates",
        action="store_true",
        help="only pictures that are nearly the same as a newer one of their label",
    )
    parser.add_argument(
        "--for-good",
        action="store_true",
        help="delete them at once and overwrite their place: nothing brings them back",
    )
    add_config_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Drop them.

    Raises:
        SorterError: the configuration or the taught set cannot be used, or there is no such label or picture.
    """
    if arguments.label is None and arguments.pictures is None and not arguments.near_duplicates:
        arguments.parser.error("expected a LABEL, --pictures or --near-duplicates")
    if arguments.pictures is not None and arguments.near_duplicates:
        arguments.parser.error("--pictures: not allowed with --near-duplicates")
    config = load_config(chosen_config(arguments), arguments.overrides)
    with open_taught_set(config, base_manifest(config.model.file)) as taught:
        numbers = _chosen(taught, arguments)
        if not numbers:
            say("there are no near-duplicates: nothing was dropped")
            return 0
        what = f"drop {arguments.label or ''}".rstrip() + f": {pictures_text(len(numbers))}"
        dropped = taught.drop(numbers, what, wall_s=time.time(), for_good=arguments.for_good)
        left = len(taught.entries())
    if arguments.json:
        say_json({"dropped": dropped, "pictures": left})
        return 0
    ending = "deleted for good" if arguments.for_good else "dropped ('sorter teach undo' brings them back)"
    say(f"{pictures_text(dropped)} {ending}; {left_text(left)}")
    return 0


def _chosen(taught: TaughtSet, arguments: argparse.Namespace) -> list[int]:
    """Numbers of the pictures that are meant."""
    label = None if arguments.label is None else known_label(arguments.label, taught.labels)
    entries = taught.entries(label)
    if label is not None and not entries:
        taught_labels = ", ".join(taught.labels) or "none"
        raise LabelError(f"label {label}: nothing is taught under it; labels are {taught_labels}")
    own = {entry.number for entry in entries}
    if arguments.near_duplicates:
        return sorted(own & taught.near_duplicates())
    if arguments.pictures is None:
        return sorted(own)
    for number in arguments.pictures:
        if number not in own:
            where = "the taught set" if label is None else label
            raise LabelError(f"picture {number}: is not in {where}; 'sorter teach list --all' lists the numbers")
    return list(arguments.pictures)
