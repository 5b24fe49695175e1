"""The schema of the event log's database."""

from typing import TypedDict

SCHEMA_VERSION = 3
"""Version of the schema, stored as ``user_version``."""

APPLICATION_ID = 0x536F7274
"""Marks a SQLite file as an event log ("Sort" in ASCII)."""

SCHEMA = """
CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    started_wall_s REAL NOT NULL,
    ended_wall_s REAL,              -- NULL: running, or it stopped uncleanly
    model TEXT NOT NULL
);
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES session (id),
    number INTEGER NOT NULL,
    time_s REAL NOT NULL,
    wall_s REAL NOT NULL,
    wall_synced INTEGER NOT NULL,
    label TEXT NOT NULL,
    confidence REAL NOT NULL,
    probabilities TEXT NOT NULL,    -- JSON object, label -> probability
    bin TEXT NOT NULL,
    reason TEXT NOT NULL,
    views INTEGER NOT NULL,
    agreement REAL NOT NULL,
    rest_to_decision_s REAL NOT NULL,
    latency_ms REAL NOT NULL,
    image TEXT,
    outcome TEXT NOT NULL,          -- decided, then done, stuck or interrupted
    score REAL,                     -- NULL: the model gives none
    things INTEGER,                 -- on the tray at the decision; NULL: recorded before this was
    joined INTEGER,                 -- came after the decision, before the flap was home; NULL: not known
    fell INTEGER,                   -- seen to fall, of things and joined; NULL: not known
    UNIQUE (session, number)
);
CREATE INDEX event_wall ON event (wall_s);
"""

UPGRADES = {
    1: "ALTER TABLE event ADD COLUMN score REAL;",
    2: "ALTER TABLE event ADD COLUMN things INTEGER; ALTER TABLE event ADD COLUMN joined INTEGER; "
    "ALTER TABLE event ADD COLUMN fell INTEGER;",
}
"""Schema version -> SQL that upgrades it to the next version."""

OUTCOMES = ("decided", "done", "stuck", "empty", "interrupted")
"""decided: recorded, before the flap moves; done: the flap opened and closed, and the item is gone; stuck: the item stayed on
the tray; empty: nothing fell, and what was seen is taken for a part of the tray; interrupted: the delivery was cancelled, or the
program stopped during it."""


class EventRow(TypedDict):
    """A row of the table ``event``: ``SortEvent``, its session, its outcome, and what became of the things on the tray.

    ``things`` were there at the decision, ``joined`` came before the flap was home again, ``fell`` of both were seen to fall. The
    rest, ``things + joined - fell``, were not seen to fall. None: not known.
    """

    id: int
    session: int
    number: int
    time_s: float
    wall_s: float
    wall_synced: bool
    label: str
    confidence: float
    probabilities: dict[str, float]
    bin: str
    reason: str
    views: int
    agreement: float
    rest_to_decision_s: float
    latency_ms: float
    image: str | None
    outcome: str
    score: float | None
    things: int | None
    joined: int | None
    fell: int | None
