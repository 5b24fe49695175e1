"""``sorter teach back``: go back to the head before."""

import argparse

from edge.commands.options import add_config_options, chosen_config
from edge.config.file import load_config
from edge.teaching.heads.head_folder import KEPT, HeadFolder
from edge.terminal.output import say, say_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach back``."""
    parser.description = (
        f"Go back to the head that was in use before. The last {KEPT} are kept; before the first one, the model "
        "alone answered."
    )
    add_config_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Switch.

    Raises:
        SorterError: no head is in use, or the one before is damaged.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    folder = HeadFolder(config.head_file)
    before = folder.back()
    if arguments.json:
        labels = None if before is None else list(before.head.labels)
        say_json({"labels": labels, "earlier": len(folder.earlier())})
        return 0
    if before is None:
        say("in use: the model alone, as it ships")
    else:
        left = len(folder.earlier())
        say(f"in use: {', '.join(before.head.labels)} ({left} earlier {'head' if left == 1 else 'heads'} kept)")
    say("a bin that runs takes it as soon as the tray is free")
    return 0
