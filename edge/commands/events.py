"""``sorter events``: lists what was sorted; ``--repair`` saves what can be read of a damaged event log."""

import argparse
import logging
import re
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Column, Table

from edge.commands.options import add_config_options, chosen_config
from edge.config.file import load_config
from edge.errors import EventLogError, InputMissingError
from edge.records.event_log import EventLog
from edge.records.event_schema import EventRow
from edge.records.salvage import salvage
from edge.records.set_aside_logs import mark_repaired, set_aside_logs
from edge.terminal.console import make_console, say, say_json

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
"""Unit of ``--since`` -> seconds."""


EVERY_LOG = Path()
"""Value of ``--repair`` without a file."""

log = logging.getLogger(__name__)


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
    parser.add_argument(
        "--repair",
        nargs="?",
        type=Path,
        const=EVERY_LOG,
        metavar="FILE",
        help="save the events of FILE, a damaged event log, or of all that the sorter has set aside; stop it first",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the event log, or repair it.

    Raises:
        EventLogError: there is no event log, or it cannot be read; with ``--repair``, it cannot be written.
        InputMissingError: the file to repair does not exist.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    if arguments.repair is not None:
        _repair(config.event_log.file, arguments.repair, as_json=arguments.json)
        return 0
    aside = set_aside_logs(config.event_log.file)
    if aside:
        names = ", ".join(path.name for path in aside)
        log.warning("the events of %s are not listed: 'sorter events --repair' saves them", names)
    with EventLog(config.event_log.file, read_only=True) as events:
        rows = events.events(since_wall_s=arguments.since)
        if arguments.json:
            for row in rows:
                say_json(row)
            return 0
        # No box and short headings, so that a row fits the 80 columns of an SSH terminal.
        table = Table(
            Column("time", no_wrap=True),
            *("item", "label", "conf.", "bin", "reason"),
            Column("outcome", no_wrap=True),
            Column("fell", no_wrap=True),
            title=str(config.event_log.file),
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
                describe_fall(row),
            )
        make_console().print(table if table.row_count else "no events")
    return 0


def _repair(event_log: Path, file: Path, *, as_json: bool) -> None:
    """Merge the events of one damaged log, or of all that were set aside, into the event log."""
    if file != EVERY_LOG and not file.is_file():
        raise InputMissingError(f"--repair {file}: no such file; leave it out to repair every log that was set aside")
    with EventLog(event_log) as events:
        if file != EVERY_LOG and event_log.exists() and file.samefile(event_log):
            raise EventLogError(
                f"--repair {file}: this is the event log itself, and it is sound; expected a damaged one"
            )
        aside = set_aside_logs(event_log)
        files = aside if file == EVERY_LOG else [file]
        for one in files:
            found = salvage(one)
            saved = events.merge(found)
            known = len(found.events) - saved
            if as_json:
                say_json({"file": str(one), "saved": saved, "known": known, "lost": found.lost})
            else:
                say(f"{one}: {saved} events saved, {known} were there already, at least {found.lost} are lost")
            if one.resolve() in [path.resolve() for path in aside]:
                mark_repaired(one)
        if not files and not as_json:
            say("no event log was set aside: nothing to repair")


def describe_fall(event: EventRow) -> str:
    """How many things fell of how many: ``2 of 1+1`` for one that was decided and one that joined it; ``-``: not known."""
    things, joined, fell = ("-" if event[key] is None else str(event[key]) for key in ("things", "joined", "fell"))
    return f"{fell} of {things}" if joined == "0" else f"{fell} of {things}+{joined}"


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
