"""Writes events as lines for a person, as CSV, or as JSON, one after the other: a million take no more memory than one."""

import csv
import sys
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from edge.records.event_schema import EventRow
from edge.records.event_table import CSV_COLUMNS, harmless, local_time, table_cells
from edge.terminal.output import say, say_json

TIME_WIDTH = len("2026-05-01 12:30:00?")

HEADS = ("time", "item", "label", "conf.", "bin", "reason", "outcome", "fell")

REASON_WIDTH, OUTCOME_WIDTH = len("confident"), len("interrupted")
"""The longest of the usual ones; a longer one moves what follows on its line."""


def write_lines(rows: Iterable[EventRow], *, title: str, labels: Sequence[str], bins: Sequence[str]) -> int:
    """Write events as lines under a heading; returns their number.

    Args:
        rows: the events.
        title: the first line.
        labels, bins: names that usually occur, which set the widths of their columns.
    """
    # So narrow that a row fits the 80 columns of an SSH terminal.
    widths = (
        TIME_WIDTH,
        len("item"),
        max(map(cell_len, (*labels, "label"))),
        len("conf."),
        max(map(cell_len, (*bins, "bin"))),
        REASON_WIDTH,
        OUTCOME_WIDTH,
        0,
    )
    listed = 0
    for row in rows:
        if not listed:
            say(title)
            say(_line(HEADS, widths))
        when = local_time(row["wall_s"]).strftime("%Y-%m-%d %H:%M:%S")
        cells = (
            when if row["wall_synced"] else f"{when}?",
            str(row["number"]),
            row["label"],
            f"{row['confidence']:.2f}",
            row["bin"],
            row["reason"],
            row["outcome"],
            describe_fall(row),
        )
        say(" ".join(_line(cells, widths).splitlines()))
        listed += 1
    if not listed:
        say("no events")
    return listed


def write_json(rows: Iterable[EventRow]) -> None:
    """Write one JSON object a line."""
    for row in rows:
        say_json(row)


def write_csv(rows: Iterable[EventRow]) -> None:
    """Write events as CSV (RFC 4180)."""
    writer = CsvTable(CSV_COLUMNS)
    for row in rows:
        writer.write(table_cells(row))


class CsvTable:
    """CSV on standard output, whose texts no spreadsheet takes for formulas.

    Args:
        columns: the names in the first line.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._writer = None if sys.stdout is None else csv.writer(sys.stdout, lineterminator="\r\n")
        self.write(columns)

    def write(self, values: Sequence[object]) -> None:
        """Write a row. None becomes an empty field."""
        if self._writer is not None:
            self._writer.writerow(harmless(values))


def describe_fall(event: EventRow) -> str:
    """How many things fell of how many: ``2 of 1+1`` for one that was decided and one that joined it; ``-``: not known."""
    things, joined, fell = ("-" if event[key] is None else str(event[key]) for key in ("things", "joined", "fell"))
    return f"{fell} of {things}" if joined == "0" else f"{fell} of {things}+{joined}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True))
    return " ".join(padded).rstrip()
