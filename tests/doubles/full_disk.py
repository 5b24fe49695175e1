"""A disk that is full, for an event log."""

from edge.errors import EventLogError
from edge.records.event_log import EventLog
from tests.builders.values import make_event

FILLER = 1_000_000


"""Number of the first event that ``fill_disk`` records."""


def fill_disk(log: EventLog) -> None:
    """Let SQLite find the disk full at the next event: no page may be added, and those there are full of events."""
    pages = log._db.execute("PRAGMA page_count").fetchone()[0]
    log._db.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(FILLER, FILLER + 1000):
        try:
            log.record(make_event(number))
        except EventLogError:
            return
    raise AssertionError("the disk did not get full")


def free_disk(log: EventLog) -> None:
    """The disk has room again."""
    log._db.execute("PRAGMA max_page_count = 1000000")
