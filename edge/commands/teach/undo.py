"""``sorter teach undo``: undo the last change of the taught set."""

import argparse
from datetime import datetime

from edge.commands.options import add_config_options, chosen_config
from edge.commands.teach.report import left_text, pictures_text
from edge.config.file import load_config
from edge.service.taught import open_taught_set
from edge.terminal.output import say, say_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach undo``."""
    parser.description = (
        "Undo the last change of the taught set (add, capture, relabel, drop, import); again, the one before it. "
        "The head in use is as it was: 'sorter teach back' returns to the one before."
    )
    parser.add_argument("--redo", action="store_true", help="do the change again that was undone last")
    add_config_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Undo it.

    Raises:
        SorterError: the configuration or the taught set cannot be used.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    with open_taught_set(config) as taught:
        change = taught.redo() if arguments.redo else taught.undo()
        left = len(taught.entries())
    if arguments.json:
        say_json({"change": None if change is None else change.what, "pictures": left})
        return 0
    if change is None:
        say("there is nothing to redo" if arguments.redo else "there is nothing to undo")
        return 0
    made = datetime.fromtimestamp(change.wall_s).strftime("%Y-%m-%d %H:%M")
    verb = "done again" if arguments.redo else "undone"
    say(f"{verb}: {change.what} ({made}); {left_text(left)}")
    if change.evicted and not arguments.redo:
        say(f"{pictures_text(change.evicted)} that made room for it do not come back")
    return 0
