"""The event log of a simulated bin of the fleet: items of a real run, over and over, without a file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from edge.link.event_batch import MOST, EventBatch
from edge.link.position import Position
from edge.records.event_schema import EventRow

SESSION = 1

Kind = tuple[str, str, str]
"""Label, bin and outcome."""


@dataclass(frozen=True, slots=True)
class EventStream:
    """The items that a bin sorts, one after the other.

    Attributes:
        rows: of the run.
        first: which of them the bin begins with.
        clock_s: how far its clock is off, in seconds; 0: it is right.
    """

    rows: Sequence[EventRow]
    first: int = 0
    clock_s: float = 0.0

    def event(self, number: int) -> EventRow:
        """The item with a number, from 1."""
        row = self.rows[(self.first + number) % len(self.rows)]
        changes = {
            "id": number,
            "session": SESSION,
            "number": number,
            "wall_s": max(row["wall_s"] + self.clock_s, 0.0),
            "wall_synced": self.clock_s == 0,
        }
        return cast(EventRow, {**row, **changes})

    def batch(self, after: Position, sorted_: int) -> EventBatch:
        """The next items after a position, of those that were sorted so far."""
        numbers = range(after.id + 1, min(after.id + MOST, sorted_) + 1)
        events = tuple((Position(number, SESSION, number), self.event(number)) for number in numbers)
        return EventBatch(after, events, sorted_ - after.id - len(events))

    def kinds(self, count: int) -> Counter[Kind]:
        """How many of each kind are among the first items."""
        found: Counter[Kind] = Counter()
        whole, rest = divmod(count, len(self.rows))
        for place, row in enumerate(self.rows):
            # Items 1 to count stand at first + 1 onwards.
            more = (place - self.first - 1) % len(self.rows) < rest
            found[row["label"], row["bin"], row["outcome"]] += whole + more
        return +found


def bin_stream(rows: Sequence[EventRow], number: int) -> EventStream:
    """The items of the bin with a number: every tenth bin's clock stands in 1970, every other tenth's is ten years ahead."""
    ten_years_s = 10 * 365.25 * 86_400
    clock_s = {0: -1e12, 5: ten_years_s}.get(number % 10, 0.0)
    return EventStream(rows, number * 7 % len(rows), clock_s)
