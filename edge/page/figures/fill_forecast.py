"""When a bin will be full, by how its level rose since it was emptied."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.emptying import EMPTIED

DAY_S = 86_400.0

LEAST_SPAN_S = DAY_S / 2
"""Shortest time that says how fast a bin fills, in seconds."""

LEAST_RISE = 0.05
"""Least rise of the level that is more than the sensor's own noise."""

MOST_POINTS = 120
"""Levels that are compared with each other."""


@dataclass(frozen=True, slots=True)
class FillForecast:
    """When a bin will be full.

    Attributes:
        level: how full it is now, 0 empty, 1 full.
        soonest_days, latest_days: days from now; None: it cannot be told.
    """

    level: float
    soonest_days: float | None = None
    latest_days: float | None = None


def forecast(levels: Sequence[tuple[float, float]]) -> FillForecast | None:
    """The forecast for a bin; None: no level is known.

    The middle half of all slopes between two levels, at least a quarter of the time apart, gives the range: one reading that
    is far off moves it little.

    Args:
        levels: when, in seconds, and how full, the oldest first.
    """
    if not levels:
        return None
    level = levels[-1][1]
    since = _since_emptied(levels)
    span_s = since[-1][0] - since[0][0]
    if level >= 1:
        return FillForecast(level, 0.0, 0.0)
    if span_s < LEAST_SPAN_S or level - since[0][1] < LEAST_RISE:
        return FillForecast(level)
    points = since[:: max(1, len(since) // MOST_POINTS)]
    slopes = sorted(
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for place, earlier in enumerate(points)
        for later in points[place + 1 :]
        if later[0] - earlier[0] >= span_s / 4
    )
    slow, fast = slopes[len(slopes) // 4], slopes[3 * len(slopes) // 4]
    if fast <= 0:
        return FillForecast(level)
    latest = (1 - level) / slow / DAY_S if slow > 0 else None
    return FillForecast(level, (1 - level) / fast / DAY_S, latest)


def _since_emptied(levels: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    start = 0
    for place in range(1, len(levels)):
        if levels[place - 1][1] - levels[place][1] > EMPTIED:
            start = place
    return levels[start:]
