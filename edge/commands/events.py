"""``sorter events``: lists and counts what was sorted; ``--repair`` saves what can be read of a damaged event log."""

import argparse
import logging
import os
import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from edge.commands.event_listing import write_csv, write_json, write_lines
from edge.commands.event_totals import write_totals
from edge.commands.options import add_config_options, chosen_config, count, service_hint
from edge.config.file import load_config
from edge.errors import EventLogError, InputMissingError
from edge.records.event_log import EventLog
from edge.records.repair_command import repair_command
from edge.records.salvage import salvage
from edge.records.set_aside_logs import mark_repaired, set_aside_logs
from edge.terminal.output import say, say_json

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
"""Unit of ``--since`` -> seconds."""

DAY_S = UNITS_S["d"]

UNIT_NAMES = {
    "sec": "s",
    "second": "s",
    "min": "m",
    "minute": "m",
    "hour": "h",
    "day": "d",
    "week": "w",
}
"""Longer name of a unit, in the singular -> unit."""

LAST = 50
"""Number of events that are listed on a terminal if nothing else is asked for: two screens."""

EVERY_LOG = Path()
"""Value of ``--repair`` without a file."""

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``events``."""
    parser.description = (
        f"List what was sorted, oldest first: the last {LAST} events, or those that are asked for. "
        "With --json or --csv, and no --last, every event."
    )
    add_config_options(parser)
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--last", type=count, metavar="N", help=f"only the last N events; default: {LAST} in the list")
    parser.add_argument(
        "--since",
        type=since,
        metavar="WHEN",
        help="only events since WHEN: today, 90m, 2h, '7 days', or a date like 2026-05-01 or 2026-05-01T12:30 (local time)",
    )
    amount.add_argument("--all", action="store_true", help="every event")
    parser.add_argument(
        "--totals",
        action="store_true",
        help="how many were sorted, by bin, label and outcome; events that were deleted meanwhile are counted as well",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object per line, nothing else")
    form.add_argument("--csv", action="store_true", help="a table for spreadsheets; with --totals, a row for each day")
    parser.add_argument(
        "--repair",
        nargs="?",
        type=Path,
        const=EVERY_LOG,
        metavar="FILE",
        help="save the events of FILE, a damaged event log, or of all that the sorter has set aside; stop it first",
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the event log, or repair it.

    Raises:
        EventLogError: there is no event log, or it cannot be read; with ``--repair``, it cannot be written.
        InputMissingError: the file to repair does not exist.
    """
    _refuse_idle_options(arguments)
    path = chosen_config(arguments)
    config = load_config(path, arguments.overrides)
    file = config.event_log.file
    if (hint := service_hint(path)) and not file.is_file():
        raise EventLogError(f"event log {file}: no such file{hint}")
    if arguments.repair is not None:
        _repair(file, arguments.repair, as_json=arguments.json)
        return 0
    aside = set_aside_logs(file)
    if aside:
        names = ", ".join(path.name for path in aside)
        log.warning("the events of %s are not listed: '%s' saves them", names, repair_command(file))
    with EventLog(file, read_only=True) as events:
        if arguments.totals:
            first_day = "" if arguments.since is None else arguments.since.first_day
            write_totals(events, since_day=first_day, as_json=arguments.json, as_csv=arguments.csv)
            return 0
        newest = arguments.last
        if newest is None and not (arguments.all or arguments.since is not None or arguments.json or arguments.csv):
            newest = LAST
        rows = events.events(since_wall_s=0.0 if arguments.since is None else arguments.since.wall_s, newest=newest)
        if arguments.json:
            write_json(rows)
        elif arguments.csv:
            write_csv(rows)
        else:
            listed = write_lines(rows, title=str(file), labels=list(config.decision.labels), bins=list(config.bins))
            if listed == newest and arguments.last is None:
                say(f"the last {listed} events; 'sorter events --all' lists every one, --totals counts them")
    return 0


def _refuse_idle_options(arguments: argparse.Namespace) -> None:
    """An option that would do nothing is wrong usage: who gave it would take the answer for another one."""
    given = {
        name for name in ("last", "all", "since", "totals", "csv") if getattr(arguments, name) not in (None, False)
    }
    if arguments.repair is not None and given:
        arguments.parser.error(f"--{min(given)}: not allowed with --repair, which lists nothing")
    if arguments.totals and "last" in given:
        arguments.parser.error("--last: not allowed with --totals, which counts whole days; --since says from which on")


def _repair(event_log: Path, file: Path, *, as_json: bool) -> None:
    """Merge the events of one damaged log, or of all that were set aside, into the event log."""
    if file != EVERY_LOG and not file.is_file():
        raise InputMissingError(f"--repair {file}: no such file; leave it out to repair every log that was set aside")
    beside = [event_log, *(event_log.with_name(f"{event_log.name}-{part}") for part in ("wal", "journal"))]
    if file == EVERY_LOG and not set_aside_logs(event_log) and not any(map(os.path.lexists, beside)):
        _say_nothing_to_repair(event_log, as_json=as_json)  # and no log is begun where there is none
        return
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
                say_json({"file": str(one), "into": str(event_log), "saved": saved, "known": known, "lost": found.lost})
            else:
                say(
                    f"{one}: {saved} events saved in {event_log}, {known} were there already, at least {found.lost} are lost"
                )
            if one.resolve() in [path.resolve() for path in aside]:
                mark_repaired(one)
        if not files:
            _say_nothing_to_repair(event_log, as_json=as_json)


def _say_nothing_to_repair(event_log: Path, *, as_json: bool) -> None:
    if not as_json:
        say(f"{event_log}: no event log was set aside there, nothing to repair")


@dataclass(frozen=True)
class Since:
    """What ``--since`` asks for.

    Attributes:
        wall_s: the first event's time, in seconds since 1970 UTC.
        first_day: the first day of totals, which count whole days, as ``2026-05-01``. Seven days are today and the six before
            it: files of one week each add up.
    """

    wall_s: float
    first_day: str


def since(text: str) -> Since:
    """Read ``2h``, ``7 days``, ``today`` or ``2026-05-01``.

    Raises:
        argparse.ArgumentTypeError: ``text`` is none of these.
    """
    words = text.strip().lower()
    relative = re.fullmatch(r"(\d+(?:\.\d+)?) *([a-z]+)", words)
    if relative:
        name = relative[2] if len(relative[2]) == 1 else relative[2].removesuffix("s")
        unit = UNIT_NAMES.get(name, name)
        if unit in UNITS_S:
            ago_s = float(relative[1]) * UNITS_S[unit]
            wall_s = time.time() - ago_s
            is_days = unit in ("d", "w") and ago_s >= DAY_S and ago_s % DAY_S == 0
            return _since(wall_s, wall_s + DAY_S if is_days else wall_s)
    if words == "today":
        return _since(datetime.combine(date.fromtimestamp(time.time()), datetime.min.time()).timestamp())
    try:
        moment = datetime.fromisoformat(text.strip())
        return _since((moment if moment.tzinfo is None else moment.astimezone(UTC)).timestamp())
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(
            f"expected today, 90m, 2h, 7d or a date like 2026-05-01T12:30, got {text!r}"
        ) from error


def _since(wall_s: float, day_wall_s: float | None = None) -> Since:
    """A time, and the day of it or of another one."""
    try:
        return Since(wall_s, date.fromtimestamp(wall_s if day_wall_s is None else day_wall_s).isoformat())
    except (ValueError, OverflowError, OSError):
        return Since(wall_s, "")  # before all days
