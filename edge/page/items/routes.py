"""Items: what was sorted, the newest first, and why."""

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from edge.page.access.needs import needs
from edge.page.access.roles import Role
from edge.page.event_source import EventSource, may_correct
from edge.page.items.bin_rules import RulesReader
from edge.page.items.item_filter import REASONS, ItemFilter
from edge.page.items.item_view import REASON_TEXTS, view_item
from edge.page.page_state import state_of
from edge.page.rendering import render
from edge.records.event_kinds import EventKind, count_unlisted, has_kinds, read_kinds
from edge.records.event_reader import EventReader
from edge.records.event_schema import EventRow
from edge.records.event_search import EventFilter, EventPage, search
from edge.records.event_table import CSV_COLUMNS, table_cells

FIRST_SHOWN = 12
"""Items of the first page: what fills a large screen. Twice as many take a phone 0.15 s longer to show anything."""

SHOWN = 24
"""Further items that come at once as the list is scrolled."""

TAKEN = 500
"""Items of a file that are read at once."""

PICTURE_CACHING = "private, max-age=604800, immutable"
"""Caching of a picture: the picture of an event never changes."""


def _csv_line(event: EventRow) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(table_cells(event))
    return text.getvalue()


@dataclass(frozen=True, slots=True)
class _FileForm:
    """A form of file: its name and type, its first line, and what makes a line of an event."""

    name: str
    media_type: str
    head: str
    line: Callable[[EventRow], str]


FORMS = {
    "csv": _FileForm("items.csv", "text/csv", ",".join(CSV_COLUMNS) + "\r\n", _csv_line),
    "jsonl": _FileForm("items.jsonl", "application/jsonl", "", lambda event: json.dumps(event) + "\n"),
}
"""Ending of an address -> its form."""


def routes() -> list[BaseRoute]:
    """Where they are served."""
    room = ItemsRoom()
    return [
        Route("/items", needs(Role.LOOK)(room.show)),
        Route("/items/all.{form}", needs(Role.LOOK)(room.file)),
        Route("/items/{event}/picture", needs(Role.LOOK)(room.picture)),
    ]


class ItemsRoom:
    """The room. Each filter is in the address, so that a list can be kept as a bookmark."""

    def __init__(self) -> None:
        self._rules = RulesReader()

    async def show(self, request: Request) -> Response:
        """A page of the list; ``before`` in the address asks for the next."""
        settings = state_of(request).settings
        wanted, before = ItemFilter.of(request.query_params), _place(request)
        count = FIRST_SHOWN if before is None else SHOWN
        source = EventSource(settings)
        reviews = await run_in_threadpool(source.reviews)

        def read(events: EventReader) -> tuple[EventPage, list[EventKind], int | None]:
            found = wanted.events(reviews)
            page = events.read(lambda database: search(database, found, before=before, count=count))
            return page, events.read(read_kinds), events.read(lambda database: _matching(database, wanted))

        page, kinds, matching = await run_in_threadpool(source.read, read)
        rules = self._rules.rules(settings)
        items = [view_item(event, settings, rules, reviews) for event in page.events]
        labels = {kind.label for kind in kinds} | set(settings.labels)
        return render(
            request,
            "items.html",
            items=items,
            wanted=wanted,
            next=page.next,
            is_first=before is None,
            labels=sorted(labels),
            bins=list(dict.fromkeys([*settings.bins, *sorted({kind.bin for kind in kinds})])),
            reasons={reason: REASON_TEXTS[reason] for reason in REASONS},
            matching=matching,
            may_correct=may_correct(request),
        )

    async def picture(self, request: Request) -> Response:
        """The picture of an item."""
        source = EventSource(state_of(request).settings)
        event = await run_in_threadpool(source.event, request.path_params["event"])
        content = await run_in_threadpool(source.picture, event)
        return Response(content, media_type="image/jpeg", headers={"Cache-Control": PICTURE_CACHING})

    async def file(self, request: Request) -> Response:
        """All items of a filter as a file, which is made while it is sent."""
        form = FORMS.get(request.path_params["form"])
        if form is None:
            raise HTTPException(404)
        source = EventSource(state_of(request).settings)
        found = ItemFilter.of(request.query_params).events(await run_in_threadpool(source.reviews))

        def read(before: int | None) -> EventPage:
            return source.read(partial(_read, wanted=found, before=before))

        # Before the answer begins: a log that cannot be read is told instead.
        first = await run_in_threadpool(read, None)

        def parts() -> Iterator[str]:
            yield form.head
            page = first
            while True:
                yield "".join(map(form.line, page.events))
                if page.next is None:
                    return
                page = read(page.next)

        headers = {"Content-Disposition": f'attachment; filename="{form.name}"'}
        return StreamingResponse(parts(), media_type=form.media_type, headers=headers)


def _read(events: EventReader, wanted: EventFilter, before: int | None) -> EventPage:
    return events.read(lambda database: search(database, wanted, before=before, count=TAKEN))


def _matching(database: sqlite3.Connection, wanted: ItemFilter) -> int | None:
    """Number of items that a filter finds; None: only looking through them would tell."""
    if wanted.day or wanted.reviewed or not has_kinds(database):
        return None
    unlisted = count_unlisted(database)
    if unlisted is None:
        return None
    listed = [((one.label, one.bin, one.reason), one.events) for one in read_kinds(database)]
    passes = wanted.events({}).passes_kind
    return sum(events for key, events in [*listed, *unlisted.items()] if passes(*key))


def _place(request: Request) -> int | None:
    """Where the list goes on, as the address says; None: at its beginning."""
    text = request.query_params.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
