"""``sorter teach use``: use a head from now on."""

import argparse
from pathlib import Path

from edge.commands.options import add_config_options, chosen_config
from edge.config.file import load_config
from edge.errors import ModelError
from edge.inference.bundle import read_bundle
from edge.inference.head import TaughtHead
from edge.inference.taught_classifier import answers_of
from edge.service.answering import decision_for_taught, no_bin_sentence
from edge.service.factories import make_policy
from edge.service.head_watch import read_taught
from edge.teaching.fitting.head_warnings import head_warnings
from edge.teaching.heads.head_check import check_head
from edge.teaching.heads.head_folder import HeadFolder, load_head
from edge.terminal.output import say, say_error, say_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach use``."""
    parser.description = (
        "Check a head, and use it from now on. A running bin takes it between two items. The heads before it are kept."
    )
    parser.add_argument("head", type=Path, metavar="HEAD", help="what 'sorter teach fit' made")
    parser.add_argument(
        "--force", action="store_true", help="even if it knows less of the taught pictures than the head in use"
    )
    add_config_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check the head, and switch.

    Raises:
        SorterError: the head is damaged, was taught on another model, or knows less than the one in use.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    base = read_bundle(config.model.file).manifest
    folder = HeadFolder(config.head_file)
    new = load_head(arguments.head).head
    found = check_head(
        new, base, before=_in_use(folder), taught=read_taught(config, base.sha256), is_wanted=arguments.force
    )
    decision, without = decision_for_taught(config.decision, answers_of(new), base, bins=config.bins)
    make_policy(decision, answers_of(new))
    folder.use(arguments.head, is_wanted=arguments.force)
    warnings = [*head_warnings(new.manifest, new.manifest.figures)]
    if without:
        warnings.append(no_bin_sentence(without, config.decision))
    if arguments.json:
        checked = {"pictures": found.pictures, "before": found.before, "after": found.after}
        say_json({"labels": dict(decision.labels), **checked, "warnings": warnings})
        return 0
    say(f"in use: {', '.join(f'{label} -> {name}' for label, name in decision.labels.items())}")
    if found.pictures:
        say(
            f"check on {found.pictures} taught pictures, each label counting alike: the head before names {found.before:.1%} "
            f"rightly, this one {found.after:.1%}; it may have learnt from them, so that this says nothing of new things "
            "('sorter teach fit' does)"
        )
    for warning in warnings:
        say_error("sorter: warning", warning)
    say("a bin that runs takes it as soon as the tray is free; 'sorter teach back' goes back")
    return 0


def _in_use(folder: HeadFolder) -> TaughtHead | None:
    """The head in use; a damaged one is no measure for the next."""
    try:
        used = folder.current()
    except ModelError:
        return None
    return None if used is None else used.head
