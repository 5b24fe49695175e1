"""Events as rows of a table for spreadsheets."""

from collections.abc import Iterable
from datetime import datetime

from edge.records.event_schema import EventRow
from hardware.printable import one_line

CSV_COLUMNS = (
    "session",
    "number",
    "time",
    "wall_synced",
    "label",
    "confidence",
    "bin",
    "reason",
    "outcome",
    "things",
    "joined",
    "fell",
    "score",
    "views",
    "agreement",
    "rest_to_decision_s",
    "latency_ms",
    "image",
)
"""Columns of the table: as of ``EventRow``, with the local time and its offset in place of ``wall_s``."""

FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a text that a spreadsheet takes for a formula, and runs: https://owasp.org/www-community/attacks/CSV_Injection."""


def table_cells(event: EventRow) -> list[object]:
    """The cells of an event, in the order of ``CSV_COLUMNS``; None becomes an empty field."""
    time = local_time(event["wall_s"]).isoformat(timespec="seconds")
    values = {**event, "time": time, "wall_synced": int(event["wall_synced"])}
    return harmless(values[name] for name in CSV_COLUMNS)


def harmless(cells: Iterable[object]) -> list[object]:
    """The cells of a row, of which no spreadsheet takes a text for a formula."""
    return [_text(one_line(cell)) if isinstance(cell, str) else cell for cell in cells]


def local_time(wall_s: float) -> datetime:
    """The local time of an event, with its offset."""
    return datetime.fromtimestamp(wall_s).astimezone()


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_MARKS) else text
