"""How long sorting took, day by day, from a sample of its events."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SAMPLE = 200
"""Events of a day that are looked at: their median is within a few per cent of that of all."""


@dataclass(frozen=True, slots=True)
class SortingTimes:
    """Times of one day.

    Attributes:
        day: as it was asked for.
        events: number of events that the figures are of, >= 1.
        median_s, slow_s: time from rest to the decision, in seconds: of the middle event, and of the one that only a twentieth
            is slower than.
        classify_ms: time of one classification, in milliseconds, of the middle event.
    """

    day: str
    events: int
    median_s: float
    slow_s: float
    classify_ms: float


def read_sorting_times(database: sqlite3.Connection, days: Iterable[tuple[str, float, float]]) -> list[SortingTimes]:
    """The times of days, without those that have no event.

    Args:
        database: an event log.
        days: name of each, and when it begins and ends, in seconds since 1970 UTC.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    return [times for day, since_s, until_s in days if (times := _of_day(database, day, since_s, until_s)) is not None]


def _of_day(database: sqlite3.Connection, day: str, since_s: float, until_s: float) -> SortingTimes | None:
    which = "wall_s >= ? AND wall_s < ?"
    (number,) = database.execute(f"SELECT count(*) FROM event WHERE {which}", (since_s, until_s)).fetchone()
    # Every so manieth: the index of times has the ids, so that the others are not read.
    rows = database.execute(
        f"SELECT rest_to_decision_s, latency_ms FROM event WHERE {which} AND id % ? = 0",
        (since_s, until_s, max(number // SAMPLE, 1)),
    ).fetchall()
    sound = [(rest, ms) for rest, ms in map(tuple, rows) if isinstance(rest, float) and isinstance(ms, float)]
    if not sound:
        return None
    rests, times_ms = (sorted(column) for column in zip(*sound, strict=True))
    return SortingTimes(day, len(sound), _quantile(rests, 0.5), _quantile(rests, 0.95), _quantile(times_ms, 0.5))


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
