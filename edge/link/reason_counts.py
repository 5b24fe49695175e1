"""How many items were decided for which reason, since the link began: a figure that only grows, and begins again with it."""

import sqlite3
from collections import Counter


class ReasonCounter:
    """Counts the decisions that came since it was made.

    Attributes:
        counts: reason -> how many.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._until: int | None = None

    def read(self, database: sqlite3.Connection) -> None:
        """Count what came since the last time.

        Args:
            database: the event log.

        Raises:
            sqlite3.Error: it cannot be read.
        """
        newest = int(database.execute("SELECT max(id) FROM event").fetchone()[0] or 0)
        # A log that takes the place of another begins anew.
        after = newest if self._until is None else min(self._until, newest)
        rows = database.execute(
            "SELECT CAST(reason AS TEXT), count(*) FROM event WHERE id > ? AND id <= ? GROUP BY 1", (after, newest)
        )
        for reason, number in rows:
            self.counts[str(reason)] += int(number)
        self._until = newest
