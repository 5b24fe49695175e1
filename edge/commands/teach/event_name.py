"""Finds the event that a command line names: by the name of its picture, or by the number in the list of events."""

import re

from edge.errors import EventLogError
from edge.records.event_log import EventLog
from edge.records.event_row import image_name
from edge.records.event_schema import EventRow

_NAME = re.compile(r"(?:s?(\d{1,8})-)?(\d{1,9})(?:\.jpg)?")

HELP = (
    "number of the item in 'sorter events' (the newest of that number), or SESSION-NUMBER, or the name of its picture"
)


def find_event(events: EventLog, text: str) -> EventRow:
    """The event that is meant.

    Raises:
        EventLogError: there is none, or the log cannot be read.
    """
    match = _NAME.fullmatch(text.strip().rpartition("/")[2])
    if match is None:
        raise EventLogError(f"event {text!r}: expected a number as 34, SESSION-NUMBER as 12-34, or s00000012-000034")
    session = None if match[1] is None else int(match[1])
    event = events.event(int(match[2]), session)
    if event is None:
        raise EventLogError(f"event {text}: there is none in {events.path}; 'sorter events' lists them")
    return event


def event_name(event: EventRow) -> str:
    """The name of an event, which is also that of its picture."""
    return image_name(event["session"], event["number"])
