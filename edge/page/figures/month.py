"""What was sorted in thirty days: day by day, by label and by bin."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from edge.records.sorting_times import SortingTimes
from edge.records.totals import DayTotal

DAYS = 30
"""Days of the page."""


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """The figures of some days in a row.

    Attributes:
        days: as ``2026-05-01``, the oldest first.
        by_bin, by_label: name -> items of each day; the largest first.
        outcomes: outcome -> items of all days.
        times: day -> its sorting times, of days with items.
        unsynced: items that were recorded while the clock was not set, so that their day may be wrong.
    """

    days: tuple[str, ...]
    by_bin: dict[str, list[int]]
    by_label: dict[str, list[int]]
    outcomes: dict[str, int]
    times: dict[str, SortingTimes]
    unsynced: int

    @property
    def items(self) -> list[int]:
        """Items of each day."""
        return [sum(counts) for counts in zip(*self.by_bin.values(), strict=True)] or [0] * len(self.days)

    @property
    def total(self) -> int:
        """Items of all days."""
        return sum(self.items)

    def shares(self, bin_name: str) -> list[float | None]:
        """Share of each day's items that went into a bin, 0..1; None: there were no items."""
        of_bin = self.by_bin.get(bin_name, [0] * len(self.days))
        return [part / whole if whole else None for part, whole in zip(of_bin, self.items, strict=True)]

    def share(self, bin_name: str) -> float | None:
        """Share of all items that went into a bin, 0..1; None: there were no items."""
        return sum(self.by_bin.get(bin_name, ())) / self.total if self.total else None


def days_until(last: date) -> list[date]:
    """The days of the page, the oldest first."""
    return [last - timedelta(days=ago) for ago in reversed(range(DAYS))]


def bounds_of(days: Iterable[date]) -> list[tuple[str, float, float]]:
    """Name of each day, and when it begins and ends where the bin is, in seconds since 1970 UTC."""

    def begin_s(day: date) -> float:
        return datetime.combine(day, datetime.min.time()).timestamp()

    return [(day.isoformat(), begin_s(day), begin_s(day + timedelta(days=1))) for day in days]


def month_figures(
    days: Iterable[date], totals: Iterable[DayTotal], times: Iterable[SortingTimes], bins: Iterable[str]
) -> MonthFigures:
    """Put the figures together.

    Args:
        days: the days, the oldest first.
        totals: of these days; of others they do not count.
        times: of these days.
        bins: names of bins that are shown first, also where nothing went into them.
    """
    names = [day.isoformat() for day in days]
    place = {name: number for number, name in enumerate(names)}
    by_bin: dict[str, list[int]] = {name: [0] * len(names) for name in bins}
    by_label: dict[str, list[int]] = {}
    outcomes: Counter[str] = Counter()
    unsynced = 0
    for one in totals:
        if one.day in place:
            for table, name in ((by_bin, one.bin), (by_label, one.label)):
                table.setdefault(name, [0] * len(names))[place[one.day]] += one.events
            outcomes[one.outcome] += one.events
            unsynced += 0 if one.wall_synced else one.events
    largest = dict(sorted(by_label.items(), key=lambda item: -sum(item[1])))
    return MonthFigures(tuple(names), by_bin, largest, dict(outcomes), {one.day: one for one in times}, unsynced)
