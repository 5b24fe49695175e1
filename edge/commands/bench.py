"""``sorter bench``: measures how fast this machine sorts."""

import argparse
import logging
import tempfile
from functools import partial
from pathlib import Path

from rich.markup import escape
from rich.progress import Progress

from edge.bench.checkout import checked_out
from edge.bench.comparison import compare, measure_version
from edge.bench.session import BenchSession
from edge.bench.tables import comparison_table, tables
from edge.commands.options import add_config_options, chosen_config, count, percent, positive_seconds
from edge.config.file import absolute_overrides, load_config
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
    parser.add_argument(
        "--compare",
        nargs=2,
        metavar=("BEFORE", "AFTER"),
        help="compare two versions, named as git does, on the simulated bin or --clip; exit code 1 if AFTER is worse",
    )
    parser.add_argument(
        "--turns", type=count, default=5, metavar="N", help="measurements of each version with --compare (default: 5)"
    )
    parser.add_argument(
        "--tolerance",
        type=percent,
        default=0.1,
        metavar="PERCENT",
        help="by how much AFTER may be worse in any figure, as the median of the turns (default: 10)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, nothing else on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print the report.

    Returns:
        Exit code: 0, 1 if the second of two versions is worse, or 130 if Ctrl-C ended the measurement.

    Raises:
        SorterError, HardwareError: as for ``BenchSession`` and ``checked_out``.
    """
    if arguments.compare is not None:
        return _compare(arguments, *arguments.compare)
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


def _compare(arguments: argparse.Namespace, before: str, after: str) -> int:
    """Compare two versions; the exit code."""
    console = make_console(stderr=True)
    with (
        tempfile.TemporaryDirectory(prefix="sorter-bench-") as records,
        checked_out(before) as first,
        checked_out(after) as second,
        Progress(console=console, transient=True, auto_refresh=False, disable=not console.is_terminal) as progress,
    ):
        overrides = [*absolute_overrides(arguments.overrides), f"event_log.file={records}/events.sqlite"]
        options = [
            *("--frames", str(arguments.frames), "--seconds", str(arguments.seconds)),
            *(() if arguments.config is None else ("--config", str(arguments.config.absolute()))),
            *(() if arguments.clip is None else ("--clip", str(arguments.clip.absolute()))),
            *(part for pair in overrides for part in ("--set", pair)),
        ]
        task = progress.add_task(f"{escape(before)} and {escape(after)} in turns", total=arguments.turns)
        figures = compare(
            partial(measure_version, first, options),
            partial(measure_version, second, options),
            turns=arguments.turns,
            on_turn=partial(progress.update, task, advance=1, refresh=True),
        )
    tolerance: float = arguments.tolerance
    if arguments.json:
        say_json({"before": before, "after": after, "figures": {one.name: one.tree(tolerance) for one in figures}})
    else:
        make_console().print(comparison_table(figures, (before, after), tolerance))
    return int(any(one.is_worse(tolerance) for one in figures))
