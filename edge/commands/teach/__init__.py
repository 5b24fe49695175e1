"""``sorter teach``: teach the bin where it stands; one file per action, each with ``add_arguments`` and what it does."""

import argparse
from functools import partial

from edge.terminal.parser import CommandParser, complete_command

ACTIONS = {
    "capture": ("capture", "teach a label with the bin's camera"),
    "seen": ("seen", "teach a label from what a running bin sees"),
    "add": ("add", "teach a label from picture files"),
    "list": ("listing", "what is taught"),
    "drop": ("drop", "take a label, or some pictures, out of the taught set"),
    "undo": ("undo", "undo the last change of the taught set"),
    "fit": ("fit", "fit a head to what is taught, and say how good it is"),
    "try": ("try_", "what a head would change, on the last items"),
    "use": ("use", "use a head from now on"),
    "back": ("back", "go back to the head before"),
    "review": ("review", "decisions to look at, and what is wrong in each bin"),
    "relabel": ("relabel", "say what an item was: a correction, or a confirmation"),
    "reviewed": ("reviewed", "teach what was said of decisions on the bin's page"),
    "export": ("export_set", "write what is taught to a zip archive"),
    "import": ("import_set", "take over what was taught on another bin"),
}
"""The actions, in the order in which an owner meets them: module, and line in the list of them. A module is loaded when its
action is asked for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach``."""
    parser.description = (
        "Teach the bin where it stands: show it some things of each label, fit a head to them, and use it. "
        "Pictures and features stay on this machine."
    )
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="ACTION", title="actions", parser_class=CommandParser
    )
    for name, (module, line) in ACTIONS.items():
        actions.add_parser(name, help=line, complete=partial(complete_command, f"{__name__}.{module}"))
