"""Review: decisions that a person should look at, one tap each, and what the answers say of each bin."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from edge.errors import SorterError
from edge.page.access.needs import local_path, needs
from edge.page.access.noting import note_change
from edge.page.access.roles import Role
from edge.page.event_source import EventSource
from edge.page.page_state import state_of
from edge.page.rendering import language_of, render
from edge.page.review.apprentice import Apprentice
from edge.page.review.bin_shares import BinShare, bin_shares
from edge.page.review.spoken_word import SpokenWords
from edge.page.sorter_child import run_sorter
from edge.page.texts import PageError, mark
from edge.records.event_schema import EventRow
from edge.teaching.reviews.open_decisions import open_decisions

SHOWN = 24
"""Decisions that are shown at once."""

FOLDED = "60"
"""Newest decisions among which those that look alike are found."""

SAID_OF_MANY = mark("said that %(number)s items, %(first)s to %(last)s, were %(label)s")

TAKEN_BACK_OF_MANY = mark("took back what was said of %(number)s items, %(first)s to %(last)s")


def routes() -> list[BaseRoute]:
    """Where they are served."""
    room = ReviewRoom()
    return [
        Route("/review", needs(Role.TEACH)(room.show)),
        Route("/review/alike", needs(Role.TEACH)(room.alike), methods=["POST"]),
        Route("/review/say", needs(Role.TEACH)(room.say), methods=["POST"]),
        Route("/review/take-back", needs(Role.TEACH)(room.take_back), methods=["POST"]),
    ]


@dataclass(frozen=True, slots=True)
class _Word:
    """What a form or script sends. ``next``: where a form leads; empty: a script asks."""

    events: Sequence[str]
    label: str
    next: str


class ReviewRoom:
    """The room."""

    def __init__(self) -> None:
        self._apprentice = Apprentice()
        self._one_child = asyncio.Lock()

    async def show(self, request: Request) -> Response:
        """The newest open decisions, and the shares of what belongs elsewhere."""
        settings = state_of(request).settings
        source = EventSource(settings)

        def read() -> tuple[list[EventRow], list[str], list[BinShare], int]:
            words = SpokenWords(settings)
            reviews = source.reviews()
            found = source.read(lambda events: list(islice(open_decisions(events, reviews), SHOWN)))
            return found, words.labels(), bin_shares(settings, source, reviews), words.untaught()

        try:
            decisions, labels, shares, untaught = await run_in_threadpool(read)
        except PageError as error:
            return render(request, "review.html", error=error, decisions=[], labels=[], shares=[], problem=None)
        if untaught:
            self._apprentice.hear(settings)  # a page that was stopped meanwhile has not handed it over
        return render(
            request,
            "review.html",
            error=None,
            decisions=decisions,
            labels=labels,
            shares=shares,
            problem=self._apprentice.problem,
        )

    async def alike(self, request: Request) -> Response:
        """Name of an open decision -> the newest one that it looks like."""
        try:
            async with self._one_child:
                found = await run_sorter(state_of(request).settings, ["teach", "review"], ["--json", "--last", FOLDED])
        except SorterError as error:
            raise HTTPException(503, str(error)) from error
        return JSONResponse({_short(one["event"]): _short(one["alike"]) for one in found["open"]})

    async def say(self, request: Request) -> Response:
        """Keep what some items were."""
        word = await _word(request)
        settings = state_of(request).settings
        try:
            label = await run_in_threadpool(lambda: SpokenWords(settings).say(word.events, word.label))
        except PageError as error:
            raise HTTPException(400, _in_words(request, error)) from error
        await self._note(request, word, mark("said that item %(first)s was %(label)s"), SAID_OF_MANY, label=label)
        return await self._answer(request, word, {"label": label})

    async def take_back(self, request: Request) -> Response:
        """Take back what was said of some items."""
        word = await _word(request)
        settings = state_of(request).settings
        try:
            number = await run_in_threadpool(lambda: SpokenWords(settings).take_back(word.events))
        except PageError as error:
            raise HTTPException(400, _in_words(request, error)) from error
        await self._note(request, word, mark("took back what was said of item %(first)s"), TAKEN_BACK_OF_MANY)
        return await self._answer(request, word, {"taken_back": number})

    async def _note(self, request: Request, word: _Word, of_one: str, of_many: str, **values: str) -> None:
        events = word.events
        values |= (
            {"first": events[0]}
            if len(events) == 1
            else {"number": str(len(events)), "first": events[0], "last": events[-1]}
        )
        await note_change(request, of_one if len(events) == 1 else of_many, **values)
        self._apprentice.hear(state_of(request).settings)

    async def _answer(self, request: Request, word: _Word, answer: Mapping[str, object]) -> Response:
        if word.next:
            return RedirectResponse(word.next, 303)
        settings = state_of(request).settings
        source = EventSource(settings)
        shares = await run_in_threadpool(lambda: bin_shares(settings, source, source.reviews()))
        language = language_of(request)
        told = {one.bin: [one.reviewed, one.wrong, one.range_text(language)] for one in shares}
        return JSONResponse({**answer, "shares": told})


async def _word(request: Request) -> _Word:
    """What was sent. Raises HTTPException if it is neither a form nor JSON of ours."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        form = await request.form()
        events = [value for value in form.getlist("event") if isinstance(value, str)]
        return _Word(events, str(form.get("label", "")), local_path(str(form.get("next", "/review"))))
    try:
        found = json.loads(await request.body())
        events, label = found["events"], found.get("label", "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise HTTPException(400, "expected an object with events and a label") from error
    if not isinstance(events, list) or not all(isinstance(one, str) for one in [*events, label]):
        raise HTTPException(400, "expected events and a label as texts")
    return _Word(events, label, "")


def _short(name: str) -> str:
    """``s00000012-000034`` as the page calls it: ``12-34``."""
    session, _, number = name.lstrip("s").partition("-")
    return f"{int(session)}-{int(number)}"


def _in_words(request: Request, error: PageError) -> str:
    return language_of(request).text(error.text) % error.values
