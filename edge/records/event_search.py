"""Finds events by label, bin, reason, time and review, newest first, a page at a time: of a million as fast as of a few.

Label, bin and reason are found by the lists of their kinds, a day by the index of times. Whatever the log, a page looks at a
bounded number of events: where so many do not fill it, as in a log whose events are not listed yet, the next one goes on.
"""

import heapq
import math
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from edge.records.event_kinds import has_kinds, listed_id, read_kinds
from edge.records.event_query import read_event
from edge.records.event_row import LAST_SESSION
from edge.records.event_schema import EventRow
from edge.records.feature_table import feature_id
from edge.records.log_damage import LogDamageError

PAGE_EVENTS = 50
"""Events of a page unless asked for otherwise."""

MOST_LOOKED_AT = 10_000
"""Events that are looked at for one page: some 40 ms."""

MOST_UNLISTED = 2000
"""Newest events without a list that are looked at for each page; the bin lists them 64 at a time, so more are there only where an
older release recorded them."""

SCAN_ROWS = 500
"""Events that are read at once where there is no list."""

_LIGHT = "session, number, label, bin, reason, wall_s"
"""Columns that a filter is about: the rest is read of what passes."""

_Candidate = tuple[int, bool]
"""Place of an event that is looked at, and whether it may be wanted."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; None: whatever it is.

    Attributes:
        label, bin, reason: as of ``EventRow``.
        since_wall_s, until_wall_s: decided from the first time on and before the second, in seconds since 1970 UTC.
        only: places (``feature_id``) that they are among, such as those of what was reviewed.
        without: places that they are not among.
    """

    label: str | None = None
    bin: str | None = None
    reason: str | None = None
    since_wall_s: float | None = None
    until_wall_s: float | None = None
    only: frozenset[int] | None = None
    without: frozenset[int] = frozenset()

    @property
    def is_of_kind(self) -> bool:
        """Whether it asks for a label, a bin or a reason."""
        return (self.label, self.bin, self.reason) != (None, None, None)

    @property
    def is_of_time(self) -> bool:
        """Whether it asks for a time."""
        return (self.since_wall_s, self.until_wall_s) != (None, None)

    def passes_kind(self, label: object, bin_name: object, reason: object) -> bool:
        """Whether it asks for events of this kind."""
        return self.label in (None, label) and self.bin in (None, bin_name) and self.reason in (None, reason)

    def passes(self, label: object, bin_name: object, reason: object, wall_s: object) -> bool:
        """Whether it asks for events of this kind and time."""
        if not self.passes_kind(label, bin_name, reason):
            return False
        if not self.is_of_time:
            return True
        if not isinstance(wall_s, int | float):
            return False
        is_late = self.since_wall_s is None or wall_s >= self.since_wall_s
        return is_late and (self.until_wall_s is None or wall_s < self.until_wall_s)


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some of the events that were found, the newest first.

    Attributes:
        events: at most as many as were asked for; fewer, or none, where many had to be looked at.
        next: what the next page is asked for with; None: this is the last one.
    """

    events: tuple[EventRow, ...]
    next: int | None


def search(
    database: sqlite3.Connection, wanted: EventFilter, *, before: int | None = None, count: int = PAGE_EVENTS
) -> EventPage:
    """A page of the events that are wanted. A damaged one is left out.

    Args:
        database: an event log, of whatever release.
        wanted: which.
        before: ``next`` of the page before; None: the first page.
        count: number of events, >= 1.

    Raises:
        sqlite3.Error, LogDamageError: the log cannot be read.
    """
    below = (LAST_SESSION + 1) << 32 if before is None else before
    events: list[EventRow] = []
    for looked_at, (place, may_pass) in enumerate(_candidates(database, wanted, below), 1):
        event = _event(database, place) if may_pass and place not in wanted.without else None
        # Asked of the event itself too: what a list says may be of before it was deleted or damaged.
        if event is not None and wanted.passes(event["label"], event["bin"], event["reason"], event["wall_s"]):
            events.append(event)
        if len(events) == count or looked_at == MOST_LOOKED_AT:
            return EventPage(tuple(events), place)
    return EventPage(tuple(events), None)


def _candidates(database: sqlite3.Connection, wanted: EventFilter, below: int) -> Iterator[_Candidate]:
    if wanted.only is not None:
        return ((place, True) for place in sorted(wanted.only, reverse=True) if place < below)
    if wanted.is_of_time:
        return _of_time(database, wanted, below)
    if wanted.is_of_kind and has_kinds(database):
        unlisted = _unlisted(database, wanted)
        if unlisted is not None:
            return _of_kinds(database, wanted, below, unlisted)
    return _in_order(database, wanted, below)


def _of_time(database: sqlite3.Connection, wanted: EventFilter, below: int) -> Iterator[_Candidate]:
    since_s = -math.inf if wanted.since_wall_s is None else wanted.since_wall_s
    until_s = math.inf if wanted.until_wall_s is None else wanted.until_wall_s
    rows = database.execute(f"SELECT {_LIGHT} FROM event WHERE wall_s >= ? AND wall_s < ?", (since_s, until_s))
    found = (one for one in (_candidate(row, wanted) for row in rows) if one is not None and one[0] < below)
    return iter(sorted(found, reverse=True))


def _of_kinds(
    database: sqlite3.Connection, wanted: EventFilter, below: int, unlisted: list[int]
) -> Iterator[_Candidate]:
    """From the lists of all kinds that are wanted, merged, and from what is not listed yet."""
    query = "SELECT place FROM kind_event WHERE kind = ? AND place < ? ORDER BY place DESC"
    lists: list[Iterable[int]] = [
        (int(row[0]) for row in database.execute(query, (kind.number, below)))
        for kind in read_kinds(database)
        if wanted.passes_kind(kind.label, kind.bin, kind.reason)
    ]
    lists.append(place for place in sorted(unlisted, reverse=True) if place < below)
    return ((place, True) for place, _ in groupby(heapq.merge(*lists, reverse=True)))


def _unlisted(database: sqlite3.Connection, wanted: EventFilter) -> list[int] | None:
    """Places of the wanted events that are not listed yet; None: there are too many to look through."""
    query = f"SELECT {_LIGHT} FROM event WHERE id > ? ORDER BY id LIMIT ?"
    rows = database.execute(query, (listed_id(database), MOST_UNLISTED + 1)).fetchall()
    if len(rows) > MOST_UNLISTED:
        return None
    found = (_candidate(row, wanted) for row in rows)
    return [one[0] for one in found if one is not None and one[1]]


def _in_order(database: sqlite3.Connection, wanted: EventFilter, below: int) -> Iterator[_Candidate]:
    query = f"SELECT {_LIGHT} FROM event WHERE (session, number) < (?, ?) ORDER BY session DESC, number DESC LIMIT {SCAN_ROWS}"
    while True:
        rows = database.execute(query, (below >> 32, below & 0xFFFFFFFF)).fetchall()
        found = [one for one in (_candidate(row, wanted) for row in rows) if one is not None]
        yield from found
        if len(rows) < SCAN_ROWS:
            return
        if not found or found[-1][0] >= below:
            # Otherwise it would be read in a circle.
            raise LogDamageError("damaged", "its events do not stand in their order")
        below = found[-1][0]


def _candidate(row: sqlite3.Row, wanted: EventFilter) -> _Candidate | None:
    """A row's place, and whether it is wanted; None: it is damaged."""
    session, number, label, bin_name, reason, wall_s = row
    if not isinstance(session, int) or not isinstance(number, int) or number >> 32:
        return None
    return feature_id(session, number), wanted.passes(label, bin_name, reason, wall_s)


def _event(database: sqlite3.Connection, place: int) -> EventRow | None:
    return read_event(database, place & 0xFFFFFFFF, place >> 32)
