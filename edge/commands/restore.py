"""``restore``: a backup back in its places."""

import argparse
import logging
import os
import shlex
from datetime import datetime
from pathlib import Path

from edge.backup.checked import check_backup
from edge.backup.contents import CONFIG_NAME, EVENTS_NAME
from edge.backup.plan import plan_look, plan_restore
from edge.backup.restore import occupied_text, restore
from edge.commands.backup_contents import describe, warn_of_set_aside
from edge.config.default import DEFAULT_CONFIG
from edge.config.invocation import invocation
from edge.terminal.output import say

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``restore``."""
    parser.description = (
        "Check a backup, then put everything in the places that its configuration names: all of it or nothing. Stop "
        "the sorter first."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="file made by sorter backup")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--config",
        type=Path,
        default=DEFAULT_CONFIG,
        metavar="FILE",
        help="where the configuration goes (default: config.yaml in this folder)",
    )
    where.add_argument(
        "--into",
        type=Path,
        metavar="DIR",
        help="put everything into DIR, to look into the backup on any computer: nothing is written elsewhere",
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
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Check a backup and restore it; files that are there are a usage error without ``--force``, as for the other commands.

    Raises:
        SorterError, OSError: it cannot be restored; everything is as it was.
    """
    backup = check_backup(arguments.file)
    manifest = backup.manifest
    made = datetime.fromtimestamp(manifest.made_wall_s).astimezone().strftime("%Y-%m-%d %H:%M")
    say(f"{arguments.file}: made {made} on {manifest.host}: {describe([entry.name for entry in manifest.files])}")
    warn_of_set_aside(entry.name for entry in manifest.files)
    if arguments.check:
        return 0
    into: Path | None = arguments.into
    plan = (
        plan_restore(backup, arguments.config, anywhere=arguments.anywhere) if into is None else plan_look(backup, into)
    )
    if plan.occupied and not arguments.force:
        arguments.parser.error(occupied_text(plan))
    # On the bin its folders keep others out. Here nothing does, and the configuration may hold passwords.
    umask = None if into is None else os.umask(0o077)
    try:
        kept = restore(plan, force=arguments.force)
    except PermissionError:
        log.error("only root may write there: use sudo on the bin, or --into DIR to look into the backup elsewhere")
        raise
    finally:
        if umask is not None:
            os.umask(umask)
    for path in kept:
        say(f"kept: {path}")
    if into is None:
        say(f"restored: {plan.places[CONFIG_NAME]} and what it names; start the sorter")
    else:
        say(f"{into}: everything is there. Its events: {_events_command(into)}")
    return 0


def _events_command(folder: Path) -> str:
    """What lists the events of a backup in a folder, whose configuration names the places on the bin."""
    log = shlex.quote(f"event_log.file={folder / EVENTS_NAME}")
    return f"{invocation('events', config=folder / CONFIG_NAME)} --set {log}"
