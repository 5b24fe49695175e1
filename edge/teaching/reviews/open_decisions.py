"""Decisions that are offered for review and of which nothing was said yet."""

from collections.abc import Collection, Iterator

from edge.records.event_reader import EventReader
from edge.records.event_schema import EventRow
from edge.teaching.reviews.review_log import ReviewKey


def open_decisions(events: EventReader, done: Collection[ReviewKey]) -> Iterator[EventRow]:
    """The events of these decisions, the newest first.

    Args:
        events: the event log.
        done: what something was said of.

    Raises:
        EventLogError: the log cannot be read.
    """
    for session, number in events.offered():
        event = events.event(number, session)
        if event is not None and (session, number, event["wall_s"]) not in done:
            yield event
