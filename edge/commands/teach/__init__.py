"""``sorter teach``: teach the bin where it stands; one file per action, each with ``add_action`` and what it does."""

import argparse
from types import ModuleType

from edge.commands.teach import (
    add,
    back,
    capture,
    drop,
    export_set,
    fit,
    import_set,
    listing,
    relabel,
    review,
    reviewed,
    try_,
    undo,
    use,
)

ACTIONS: tuple[ModuleType, ...] = (
    capture,
    add,
    listing,
    drop,
    undo,
    fit,
    try_,
    use,
    back,
    review,
    relabel,
    reviewed,
    export_set,
    import_set,
)
"""The actions, in the order in which an owner meets them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach``."""
    parser.description = (
        "Teach the bin where it stands: show it some things of each label, fit a head to them, and use it. "
        "Pictures and features stay on this machine."
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", title="actions")
    for module in ACTIONS:
        module.add_action(actions)
