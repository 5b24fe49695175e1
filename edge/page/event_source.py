"""What was sorted and what was said of it, as the page's rooms read it: each request opens the log, and holds nothing of it."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request

from edge.errors import EventLogError, ReviewError
from edge.files.bounded import read_bounded
from edge.page.access.roles import Role
from edge.page.access.visitors import visitor_of
from edge.page.bin_settings import BinSettings
from edge.page.page_state import state_of
from edge.records.event_reader import EventReader, empty_events, open_events
from edge.records.event_row import image_name
from edge.records.event_schema import EventRow
from edge.teaching.reviews.review_log import Review, ReviewKey, ReviewLog

Found = TypeVar("Found")

MOST_PICTURE_BYTES = 4_000_000
"""Largest picture that is sent, in bytes: many times what the ring keeps."""


def may_correct(request: Request) -> bool:
    """Whether whoever asks may say what items were: where nothing can be taught, nobody may."""
    visitor = visitor_of(request)
    is_there = state_of(request).settings.teaching_folder is not None
    return is_there and visitor is not None and visitor.account.role.includes(Role.TEACH)


class EventSource:
    """The events of a bin. Its methods wait for the disk: call them in a thread.

    Args:
        settings: the bin.
    """

    def __init__(self, settings: BinSettings) -> None:
        self._settings = settings

    def read(self, query: Callable[[EventReader], Found]) -> Found:
        """What a query finds.

        Raises:
            HTTPException: the log is not there, or cannot be read.
        """
        try:
            with self._open() as events:
                return query(events)
        except EventLogError as error:
            raise HTTPException(503, str(error)) from error

    def _open(self) -> EventReader:
        # A bin that has sorted nothing yet has no log: its pages are empty, and not in error.
        return open_events(self._settings.event_log) if self._settings.event_log.exists() else empty_events()

    def event(self, name: str) -> EventRow:
        """The event of a name, session and number with a hyphen between.

        Raises:
            HTTPException: there is none, or the log cannot be read.
        """
        session, _, number = name.partition("-")
        event = None
        if all(part.isascii() and part.isdigit() and len(part) < 10 for part in (session, number)):
            event = self.read(lambda events: events.event(int(number), int(session)))
        if event is None:
            raise HTTPException(404)
        return event

    def picture(self, event: EventRow) -> bytes:
        """The JPEG of an event.

        Raises:
            HTTPException: it is not kept, or no longer.
        """
        # Its name is made of the event's numbers: what stands in the log is not used as a path.
        path = f"{image_name(event['session'], event['number'])}.jpg"
        if self._settings.images is not None and event["image"] is not None:
            with suppress(OSError, ValueError):
                return read_bounded(self._settings.images / path, MOST_PICTURE_BYTES)
        raise HTTPException(404)

    def reviews(self) -> dict[ReviewKey, Review]:
        """What was said of events.

        Raises:
            HTTPException: it cannot be read.
        """
        if self._settings.teaching_folder is None:
            return {}
        try:
            return {review.key: review for review in ReviewLog(self._settings.teaching_folder).reviews()}
        except ReviewError as error:
            raise HTTPException(503, str(error)) from error
