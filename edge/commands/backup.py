"""``backup`` and ``restore``: a bin's configuration, models, events and pictures in one file, and back again."""

import argparse
import logging
import os
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from edge.commands.options import add_config_options, chosen_config
from edge.config.default import DEFAULT_CONFIG
from edge.config.file import load_config
from edge.terminal.console import say

log = logging.getLogger(__name__)


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``backup`` and ``restore`` to the command line."""
    parser = commands.add_parser(
        "backup",
        help="put configuration, models and events into one file",
        description="Write configuration, own models, the picture of the empty tray, all events and what was taught into one "
        "file, while the bin sorts. The file is read back before it gets its name. Only you may read it: it may hold passwords.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="file to write, e.g. bin7.tar.gz")
    add_config_options(parser)
    parser.add_argument("--pictures", action="store_true", help="the pictures of the items, too")
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there")
    parser.set_defaults(run=run_backup, parser=parser)
    parser = commands.add_parser(
        "restore",
        help="put a backup in its places",
        description="Check a backup, then put everything in the places that its configuration names: all of it or nothing. Stop "
        "the sorter first.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="file made by sorter backup")
    parser.add_argument(
        "--config",
        type=Path,
        default=DEFAULT_CONFIG,
        metavar="FILE",
        help="where the configuration goes (default: config.yaml in this folder)",
    )
    parser.add_argument(
        "--check", action="store_true", help="check the backup and say what is in it; nothing is written"
    )
    parser.add_argument(
        "--force", action="store_true", help="take the place of what is there; that is kept as NAME.replaced-N"
    )
    parser.add_argument(
        "--anywhere",
        action="store_true",
        help="also write outside the folder of the configuration and the state folder, where the backup's configuration says so",
    )
    parser.set_defaults(run=run_restore, parser=parser)


def run_backup(arguments: argparse.Namespace) -> int:
    """Write a backup; a file that is there is a usage error without ``--force``.

    Raises:
        SorterError, OSError: it cannot be made; nothing is left of it.
    """
    # Other commands start without what only this one needs.
    from edge.backup.contents import left_out
    from edge.backup.writer import write_backup

    if os.path.lexists(arguments.file) and not arguments.force:
        arguments.parser.error(f"{arguments.file} is there already; --force replaces it")
    path = chosen_config(arguments)
    config = load_config(path, arguments.overrides)
    for key in left_out(config):
        log.warning("%s: photographs are not in the backup, copy them yourself", key)
    made = write_backup(arguments.file, path, config, pictures=arguments.pictures, made_wall_s=time.time())
    names = [entry.name for entry in made.manifest.files]
    warn_of_set_aside(names)
    say(f"{arguments.file}: {describe(names)}; {arguments.file.stat().st_size / 1e6:,.1f} MB, read back and sound")
    return 0


def run_restore(arguments: argparse.Namespace) -> int:
    """Check a backup and restore it; files that are there are a usage error without ``--force``, as for the other commands.

    Raises:
        SorterError, OSError: it cannot be restored; everything is as it was.
    """
    from edge.backup.checked import check_backup
    from edge.backup.plan import plan_restore
    from edge.backup.restore import occupied_text, restore

    backup = check_backup(arguments.file)
    manifest = backup.manifest
    made = datetime.fromtimestamp(manifest.made_wall_s).astimezone().strftime("%Y-%m-%d %H:%M")
    say(f"{arguments.file}: made {made} on {manifest.host}: {describe([entry.name for entry in manifest.files])}")
    warn_of_set_aside(entry.name for entry in manifest.files)
    if arguments.check:
        return 0
    plan = plan_restore(backup, arguments.config, anywhere=arguments.anywhere)
    if plan.occupied and not arguments.force:
        arguments.parser.error(occupied_text(plan))
    for kept in restore(plan, force=arguments.force):
        say(f"kept: {kept}")
    say(f"restored: {plan.places['config.yaml']} and what it names; start the sorter")
    return 0


def warn_of_set_aside(names: Iterable[str]) -> None:
    """Warn of event logs that nobody has repaired: their events are in the backup, and not in its event log."""
    from edge.backup.contents import is_set_aside, log_name_of

    logs = list(dict.fromkeys(log_name_of(name) for name in names if is_set_aside(name)))
    if logs:
        log.warning(
            "%s: set aside and not repaired, in the backup as it is: 'sorter events --repair' saves its events, on the bin or "
            "after a restore; stop the sorter first",
            ", ".join(map(str, logs)),
        )


def describe(names: Iterable[str]) -> str:
    """The files of a backup in words, the pictures counted."""
    from edge.backup.contents import is_picture

    everything = list(names)
    single = [name for name in everything if not is_picture(name)]
    pictures = len(everything) - len(single)
    return ", ".join([*single, *([f"{pictures} pictures"] if pictures else [])])
