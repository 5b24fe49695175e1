"""How many items were sorted, in all and today, from the totals of the event log."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from edge.records.totals import LAST_DAY, DayTotal, read_totals

Kind = tuple[str, str, str]
"""Label, bin and outcome."""


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Numbers of items whose outcome is known.

    Attributes:
        all: kind -> items since the log began, those that were deleted as well.
        today: bin -> items of today.
    """

    all: Mapping[Kind, int] = field(default_factory=dict)
    today: Mapping[str, int] = field(default_factory=dict)

    def percent_today(self, name: str) -> float | None:
        """Share of a bin in today's items, in percent; None: there were none."""
        total = sum(self.today.values())
        return round(100 * self.today.get(name, 0) / total, 1) if total else None


class CountReader:
    """Reads them. Days that are over are read once an hour: ten years of them take a tenth of a second."""

    def __init__(self) -> None:
        self._before: Counter[Kind] = Counter()
        self._known: tuple[str, int] | None = None

    def read(self, database: sqlite3.Connection, today: date, hour: int) -> DayCounts:
        """How many there are.

        Args:
            database: the event log.
            today: the local date.
            hour: number of the hour, by whatever clock.

        Raises:
            sqlite3.Error, LogDamageError: the log cannot be read.
        """
        day = today.isoformat()
        if self._known != (day, hour):
            yesterday = (today - timedelta(days=1)).isoformat()
            self._before = Counter()
            for total in _known_totals(database, until_day=yesterday):
                self._before[total.label, total.bin, total.outcome] += total.events
            self._known = (day, hour)
        kinds, of_today = self._before.copy(), Counter[str]()
        # Later days are there where the clock was put back.
        for total in _known_totals(database, since_day=day):
            kinds[total.label, total.bin, total.outcome] += total.events
            if total.day == day:
                of_today[total.bin] += total.events
        return DayCounts(kinds, of_today)


def _known_totals(
    database: sqlite3.Connection, *, since_day: str = "", until_day: str = LAST_DAY
) -> Iterator[DayTotal]:
    """Those of items whose outcome is known: others count once it is."""
    return (total for total in read_totals(database, since_day, until_day) if total.outcome != "decided")
