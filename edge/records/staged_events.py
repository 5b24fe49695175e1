"""Events on their way from a damaged log into a sound one: on the disk, as there may be millions."""

import json
import sqlite3
import weakref
from collections.abc import Iterator
from typing import cast

from edge.records.event_schema import EventRow


class StagedEvents:
    """Events without doubles: of one that was added more than once, the newest version stays. Iterates by their ids.

    They lie in a temporary file of SQLite's, which has no name and goes with this object.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        weakref.finalize(self, self._database.close)
        self._database.execute("PRAGMA journal_mode = OFF")
        # By all that tells one from another: a damaged number must not take another's place.
        self._database.execute(
            "CREATE TABLE staged (id INTEGER, session INTEGER, number INTEGER, time_s REAL, wall_s REAL, event TEXT, "
            "UNIQUE (session, number, time_s, wall_s))"
        )

    def add(self, event: EventRow) -> None:
        """Add an event, or a newer version of it."""
        self._database.execute(
            "INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET id = excluded.id, event = excluded.event",
            (event["id"], event["session"], event["number"], event["time_s"], event["wall_s"], json.dumps(event)),
        )

    def highest_id(self, most: int) -> int:
        """Highest id that is not above ``most``; 0 if there is none."""
        return int(self._database.execute("SELECT max(id) FROM staged WHERE id <= ?", (most,)).fetchone()[0] or 0)

    def distinct_ids(self) -> int:
        """Number of different ids."""
        return int(self._database.execute("SELECT count(DISTINCT id) FROM staged").fetchone()[0])

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM staged").fetchone()[0])

    def __iter__(self) -> Iterator[EventRow]:
        for (text,) in self._database.execute("SELECT event FROM staged ORDER BY id, rowid"):
            yield cast(EventRow, json.loads(text))

    def __contains__(self, event: object) -> bool:
        return any(event == one for one in self)
