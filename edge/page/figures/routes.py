"""Figures: what was sorted, how well, how fast, and how the bin is; thirty days in one look, to be printed as well."""

from datetime import date, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from edge.page.access.needs import needs
from edge.page.access.roles import Role
from edge.page.event_source import EventSource
from edge.page.figures.fill_forecast import FillForecast, forecast
from edge.page.figures.month import DAYS, MonthFigures, bounds_of, days_until, month_figures
from edge.page.figures.vitals import VitalSample, levels_of
from edge.page.items.item_view import OUTCOME_TEXTS
from edge.page.page_state import PageState, state_of
from edge.page.rendering import render
from edge.page.review.bin_shares import BinShare, bin_shares
from edge.records.event_reader import EventReader
from edge.records.sorting_times import read_sorting_times


def routes() -> list[BaseRoute]:
    """Where they are served."""
    return [Route("/figures", show)]


@needs(Role.LOOK)
async def show(request: Request) -> Response:
    """The page; ``until`` in its address is the last day, left out: that of the newest item."""
    state = state_of(request)
    newest = await run_in_threadpool(EventSource(state.settings).read, _newest_day)
    last = _day(request.query_params.get("until", ""), newest)
    days = days_until(last)
    found, shares, now = await run_in_threadpool(_read, state, days)
    samples = [] if state.vitals is None else state.vitals.samples
    return render(
        request,
        "figures.html",
        month=found,
        shares=shares,
        outcomes=OUTCOME_TEXTS,
        now=now,
        forecasts=_forecasts(samples, now),
        last=last.isoformat(),
        earlier=(last - timedelta(days=DAYS)).isoformat(),
        later=None if last >= newest else min(last + timedelta(days=DAYS), newest).isoformat(),
        plots=_plots(state, found, samples),
    )


def _read(state: PageState, days: list[date]) -> tuple[MonthFigures, list[BinShare], VitalSample | None]:
    source = EventSource(state.settings)

    def read(events: EventReader) -> MonthFigures:
        totals = events.totals(since_day=days[0].isoformat(), until_day=days[-1].isoformat())
        times = events.read(lambda database: read_sorting_times(database, bounds_of(days)))
        return month_figures(days, totals, times, state.settings.bins)

    month = source.read(read)
    now = None if state.vitals is None else state.vitals.now(levels_of(state.bin))
    return month, bin_shares(state.settings, source, source.reviews()), now


def _forecasts(samples: list[VitalSample], now: VitalSample | None) -> dict[str, FillForecast]:
    """Bin -> when it will be full, of those whose level is known now."""
    if now is None:
        return {}
    found: dict[str, FillForecast] = {}
    for name in now.levels:
        levels = [(one.wall_s, one.levels[name]) for one in (*samples, now) if name in one.levels]
        if (one := forecast(levels)) is not None:
            found[name] = one
    return found


# object: JSON for the page's script
def _plots(state: PageState, month: MonthFigures, samples: list[VitalSample]) -> dict[str, object]:
    """What the script draws."""
    times = [month.times.get(day) for day in month.days]
    residual = state.settings.residual_bin
    return {
        "days": month.days,
        "bins": month.by_bin,
        "labels": month.by_label,
        "residual": month.shares(residual) if residual else [],
        "median_s": [None if one is None else one.median_s for one in times],
        "slow_s": [None if one is None else one.slow_s for one in times],
        "vitals": {
            "wall_s": [round(one.wall_s) for one in samples],
            "temperature_c": [one.temperature_c for one in samples],
            "free_gb": [None if one.free_mb is None else one.free_mb / 1000 for one in samples],
            "levels": {
                name: [one.levels.get(name) for one in samples]
                for name in dict.fromkeys(name for one in samples for name in one.levels)
            },
        },
    }


def _newest_day(events: EventReader) -> date:
    """Day of the newest event, today at the latest: a copied log, or a bin that stood still, is shown as it was."""
    query = "SELECT max(wall_s) FROM event"
    newest_s = events.read(lambda database: database.execute(query).fetchone()[0])
    try:
        return min(date.fromtimestamp(newest_s), date.today())
    except (TypeError, ValueError, OverflowError, OSError):
        return date.today()


def _day(text: str, newest: date) -> date:
    """The last day that an address asks for, ``newest`` at the latest."""
    try:
        return min(date.fromisoformat(text), newest)
    except ValueError:
        return newest
