"""``backup``: a bin's configuration, models, events and pictures in one file."""

import argparse
import logging
import os
import time
from pathlib import Path

from edge.backup.contents import EVENTS_NAME, left_out
from edge.backup.writer import write_backup
from edge.commands.backup_contents import describe, warn_of_set_aside
from edge.commands.options import add_config_options
from edge.config.default import SERVICE_CONFIG, find_config, is_packaged
from edge.config.file import load_config
from edge.errors import ConfigError
from edge.terminal.output import say

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``backup``."""
    parser.description = (
        "Write configuration, own models, the picture of the empty tray, all events and what was taught into one "
        "file, while the bin sorts. The file is read back before it gets its name. Only you may read it: it may hold passwords."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="file to write, e.g. bin7.tar.gz")
    add_config_options(parser)
    parser.add_argument("--pictures", action="store_true", help="the pictures of the items, too")
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Write a backup; a file that is there is a usage error without ``--force``.

    Raises:
        SorterError, OSError: it cannot be made; nothing is left of it.
    """
    if os.path.lexists(arguments.file) and not arguments.force:
        arguments.parser.error(f"{arguments.file} is there already; --force replaces it")
    path = find_config(arguments.config)
    if is_packaged(path):
        arguments.parser.error(
            "which bin? There is no config.yaml here, and the default that ships is none: "
            f"--config FILE, for the service --config {SERVICE_CONFIG}"
        )
    try:
        config = load_config(path, arguments.overrides)
    except ConfigError:
        log.error(
            "no backup: only the configuration says what belongs to it; correct it first, or copy its folders yourself"
        )
        raise
    for key in left_out(config):
        log.warning("%s: photographs are not in the backup, copy them yourself", key)
    made = write_backup(arguments.file, path, config, pictures=arguments.pictures, made_wall_s=time.time())
    names = [entry.name for entry in made.manifest.files]
    warn_of_set_aside(names, config.event_log.file)
    if EVENTS_NAME not in names:
        log.warning("no events are in it: there is no %s; is it the right configuration?", config.event_log.file)
    say(f"{arguments.file}: {describe(names)}; {arguments.file.stat().st_size / 1e6:,.1f} MB, read back and sound")
    return 0
