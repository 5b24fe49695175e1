"""What was sorted today, and the newest items: read once for all who watch."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from starlette.concurrency import run_in_threadpool

from edge.page.bin_settings import BinSettings
from edge.page.event_source import EventSource
from edge.records.event_reader import EventReader
from edge.records.event_schema import EventRow
from edge.records.event_search import EventFilter, search

NEWEST = 6
"""Items that are shown."""


@dataclass(frozen=True, slots=True)
class Today:
    """What was sorted.

    Attributes:
        counts: bin -> items of today.
        newest: the newest items, of whatever day, the newest first.
    """

    counts: Mapping[str, int]
    newest: tuple[EventRow, ...]


class TodayReader:
    """Reads it."""

    def __init__(self) -> None:
        self._news: object = None
        self._found: Today | None = None
        self._one = asyncio.Lock()

    async def read(self, settings: BinSettings, news: object = None) -> Today:
        """What was sorted until now.

        Args:
            settings: the bin.
            news: what the bin has told; what was read after the same news before is still true. None: nothing, it is read.

        Raises:
            HTTPException: the log cannot be read.
        """
        async with self._one:
            if self._found is None or news is None or news is not self._news:
                self._found, self._news = await run_in_threadpool(_read, settings), news
            return self._found


def _read(settings: BinSettings) -> Today:
    day = date.today().isoformat()

    def read(events: EventReader) -> Today:
        counts: Counter[str] = Counter()
        for total in events.totals(since_day=day, until_day=day):
            counts[total.bin] += total.events
        newest = events.read(lambda database: search(database, EventFilter(), count=NEWEST))
        return Today(counts, newest.events)

    return EventSource(settings).read(read)
