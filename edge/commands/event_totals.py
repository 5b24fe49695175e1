"""Writes how many events there were: today, in seven days, and in all, by bin, label and outcome."""

import time
from collections import Counter
from dataclasses import asdict, fields
from datetime import date, timedelta

from rich.table import Table

from edge.commands.event_listing import CsvTable
from edge.records.event_log import EventLog
from edge.records.totals import DayTotal
from edge.terminal.console import make_console
from edge.terminal.output import say, say_json

WEEK_DAYS = 7
"""Days of the column "7 days", today included."""

KINDS = ("bin", "label", "outcome")


def write_totals(events: EventLog, *, since_day: str, as_json: bool, as_csv: bool) -> None:
    """Write the totals: a table for a person, or a row for each day and kind.

    Args:
        events: the event log.
        since_day: only days from this one on, as ``2026-05-01``; empty: all.
        as_json, as_csv: a row for each day, as JSON lines or as CSV.

    Raises:
        EventLogError: it cannot be read.
    """
    found = events.totals(since_day=since_day)
    if as_json:
        for one in found:
            say_json(asdict(one))
    elif as_csv:
        table = CsvTable([field.name for field in fields(DayTotal)])
        for one in found:
            table.write([one.day, one.label, one.bin, one.outcome, int(one.wall_synced), one.events])
    else:
        _write_table(events, found=list(found), since_day=since_day)


def _write_table(events: EventLog, *, found: list[DayTotal], since_day: str) -> None:
    if not found:
        say("no events")
        return
    today = date.fromtimestamp(time.time())
    week = (today - timedelta(days=WEEK_DAYS - 1)).isoformat()
    table = Table(title=str(events.path), title_justify="left", box=None)
    table.add_column("")
    for head in ("today", f"{WEEK_DAYS} days", f"since {since_day}" if since_day else "in all"):
        table.add_column(head, justify="right", no_wrap=True)
    counts = {
        column: _count(found, since) for column, since in (("today", today.isoformat()), ("week", week), ("all", ""))
    }
    table.add_row("events", *(f"{counts[column]['', '']:,}" for column in counts))
    for kind in KINDS:
        names = sorted({str(getattr(one, kind)) for one in found})
        for place, name in enumerate(names):
            head = f"{kind if place == 0 else ' ' * len(kind)} {name}"
            table.add_row(head, *(f"{counts[column][kind, name]:,}" for column in counts))
    make_console().print(table)
    unset = sum(one.events for one in found if not one.wall_synced)
    if unset:
        say(f"recorded while the clock was not set, so that the day may be wrong: {unset:,}")


def _count(found: list[DayTotal], since_day: str) -> Counter[tuple[str, str]]:
    """Number of events of each kind since a day; ``("", "")``: of all."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in found:
        if one.day >= since_day:
            counts["", ""] += one.events
            for kind in KINDS:
                counts[kind, str(getattr(one, kind))] += one.events
    return counts
