"""``sorter bench``: measures how fast this machine sorts."""

import argparse
import logging
from pathlib import Path

from rich.progress import Progress

from edge.bench.session import BenchSession
from edge.bench.tables import tables
from edge.commands.options import add_config_options, chosen_config, count, positive_seconds
from edge.config.file import load_config
from edge.terminal.console import make_console
from edge.terminal.output import say_json

STARTED = "edge.cold_start_child"
"""The module whose cold start is measured: it imports what ``run`` imports."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``bench``."""
    parser.description = (
        "Measure how fast this machine sorts, on the configured camera or on a clip. No flap is driven: "
        "on a real bin nothing moves. Keep the tray clear for the first second, then lay an item on it. "
        "Ctrl-C ends it early and prints what was measured."
    )
    add_config_options(parser)
    parser.add_argument("--clip", type=Path, metavar="PATH", help="video, or folder of frames, instead of the camera")
    parser.add_argument(
        "--frames", type=count, default=300, metavar="N", help="frames to time stage by stage (default: 300)"
    )
    parser.add_argument(
        "--seconds",
        type=positive_seconds,
        default=2.0,
        metavar="S",
        help="length of each paced run, in seconds (default: 2)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, nothing else on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print the report.

    Returns:
        Exit code: 0, or 130 if Ctrl-C ended the measurement.

    Raises:
        SorterError, HardwareError: as for ``BenchSession``.
    """
    config_file = chosen_config(arguments)
    config = load_config(config_file, arguments.overrides)
    logging.getLogger().setLevel(logging.WARNING)
    console = make_console(stderr=True)
    with Progress(console=console, transient=True, auto_refresh=False, disable=not console.is_terminal) as progress:
        session = BenchSession(config, progress)
        try:
            session.measure(arguments.clip, frames=arguments.frames, seconds=arguments.seconds)
            session.measure_start(STARTED, config_file, arguments.overrides)
        except KeyboardInterrupt:
            session.report.interrupted = True
        session.read_temperature()
    report = session.report
    if arguments.json:
        say_json(report.tree())
    else:
        for part in tables(report):
            make_console().print(part)
    return 130 if report.interrupted else 0
