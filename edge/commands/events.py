"""``sorter events``: lists what was sorted."""

import argparse
import json
import re
import time
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from edge.commands.options import add_config_options, chosen_config
from edge.config.file import load_config
from edge.records.event_log import EventLog

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
"""Unit of ``--since`` -> seconds."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``events`` to the command line."""
    parser = commands.add_parser("events", help="what was sorted", description="List what was sorted, oldest first.")
    add_config_options(parser)
    parser.add_argument(
        "--since",
        type=since,
        default=0.0,
        metavar="WHEN",
        help="only events since WHEN: 90m, 2h, 7d, or a date like 2026-05-01 or 2026-05-01T12:30 (local time)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object per line, nothing else")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the event log.

    Raises:
        EventLogError: there is no event log, or it cannot be read.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    with EventLog(config.event_log.file, read_only=True) as events:
        rows = events.events(since_wall_s=arguments.since)
        if arguments.json:
            for row in rows:
                print(json.dumps(row))
            return 0
        # No box and short headings, so that a row fits the 80 columns of an SSH terminal.
        table = Table(
            Column("time", no_wrap=True),
            *("item", "label", "conf.", "bin", "reason"),
            Column("outcome", no_wrap=True),
            title=escape(str(config.event_log.file)),
            box=None,
        )
        for row in rows:
            when = datetime.fromtimestamp(row["wall_s"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
            table.add_row(
                when if row["wall_synced"] else f"{when}?",
                str(row["number"]),
                row["label"],
                f"{row['confidence']:.2f}",
                row["bin"],
                row["reason"],
                row["outcome"],
            )
        Console().print(table if table.row_count else "no events")
    return 0


def since(text: str) -> float:
    """Convert ``2h`` or ``2026-05-01`` to seconds since 1970 UTC.

    Raises:
        argparse.ArgumentTypeError: ``text`` is neither.
    """
    relative = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text.strip())
    if relative:
        return time.time() - float(relative[1]) * UNITS_S[relative[2]]
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo is None else moment.astimezone(UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(
            f"expected 90m, 2h, 7d or a date like 2026-05-01T12:30, got {text!r}"
        ) from error
