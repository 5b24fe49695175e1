"""Options that several commands share."""

import argparse
import logging
import math
import os
from pathlib import Path

from edge.config.default import SERVICE_CONFIG, find_config, is_packaged
from edge.config.invocation import invocation

log = logging.getLogger(__name__)


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """``--config`` and ``--set``."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="configuration (default: config.yaml in this folder, else the one that ships: the simulated bin)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="overrides",
        metavar="KEY=VALUE",
        help="override one key, e.g. --set camera.fps=30; may be given several times",
    )


def add_neighbour_options(parser: argparse.ArgumentParser, *, keeps: str, folder: str) -> None:
    """Add what every process beside the sorter takes: ``--socket`` and ``--state``.

    Args:
        keeps: what it keeps in its folder, in words.
        folder: name of that folder, beside the event log.
    """
    parser.add_argument(
        "--socket", type=Path, metavar="FILE", help="the bin's socket; default: the one beside the event log"
    )
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help=f"folder of {keeps}; default: {folder}, beside the event log"
    )


def chosen_config(arguments: argparse.Namespace) -> Path:
    """The file that ``--config`` names, or the default; says so in the log where that is the one that ships."""
    path = find_config(arguments.config)
    if is_packaged(path):
        is_named = any(one.startswith("event_log.file=") for one in arguments.overrides)
        log.info(
            "there is no config.yaml here: using the one that ships (%s)%s; '%s' writes your own%s",
            path,
            "" if is_named else f", records go to {Path.cwd() / 'state'}",
            invocation("init"),
            service_hint(path),
        )
    return path


def service_hint(path: Path) -> str:
    """The end of a sentence that names the service's configuration; empty unless there is one and the default is used."""
    if not is_packaged(path) or not os.path.exists(SERVICE_CONFIG):
        return ""
    return f"; the service's is another one: --config {SERVICE_CONFIG}"


def config_note(path: Path) -> str:
    """The same for the live page, where it is one of the lines below the items; empty for any other configuration."""
    return f"no config.yaml here ('{invocation('init')}' writes one); records: ./state" if is_packaged(path) else ""


def positive_seconds(text: str) -> float:
    """An option's value: seconds, above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not value > 0:
        raise argparse.ArgumentTypeError(f"expected seconds > 0, got {text!r}")
    return value


def count(text: str) -> int:
    """An option's value: a whole number, from 1."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number >= 1, got {text!r}")
    return value


def percent(text: str) -> float:
    """An option's value: per cent, from 0, as a fraction."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"expected per cent >= 0, got {text!r}")
    return value / 100
