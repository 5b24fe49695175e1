"""What a person said of the bin's decisions: beside the event log, which the running sorter alone writes."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from edge.errors import ReviewError
from edge.files.owner import make_folder, rights_of_owner
from edge.files.state_files import is_in_the_way
from edge.records.event_schema import EventRow
from edge.records.feature_table import ReviewOffer
from edge.records.log_damage import LogDamageError

NAME = "reviews.sqlite"
"""Its name in the folder of what was taught."""

APPLICATION_ID = 0x52657677
"""Marks a SQLite file as a review log ("Revw" in ASCII)."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS review (
    session INTEGER NOT NULL,
    number INTEGER NOT NULL,
    wall_s REAL NOT NULL,           -- of the event: a log that was begun anew gives its numbers again
    head TEXT,
    bin TEXT NOT NULL,
    decided TEXT NOT NULL,
    label TEXT NOT NULL,
    share REAL NOT NULL,
    offered INTEGER NOT NULL,
    PRIMARY KEY (session, number, wall_s)
);
"""

UNTAUGHT_SCHEMA = """
CREATE TABLE IF NOT EXISTS untaught (
    session INTEGER NOT NULL,
    number INTEGER NOT NULL,
    wall_s REAL NOT NULL,
    PRIMARY KEY (session, number, wall_s)
) WITHOUT ROWID;
"""
"""Events of which something was said, or taken back, that the taught set does not know yet."""

WAIT_S = 5.0
"""Longest wait for another command that writes, in seconds."""


ReviewKey = tuple[int, int, float]
"""What an event is told by: its session, its number, and its time, since a log that was begun anew gives its numbers again."""


@dataclass(frozen=True, slots=True)
class Review:
    """What a person said of one decision.

    Attributes:
        session, number, wall_s: the event's.
        head: SHA-256 of the taught head that decided; None: the model alone.
        bin, decided: bin and label that were decided.
        label: what it was.
        share: probability with which such a decision is offered for review, 0..1.
        offered: whether it was; otherwise the person came upon it.
    """

    session: int
    number: int
    wall_s: float
    head: str | None
    bin: str
    decided: str
    label: str
    share: float
    offered: bool

    @classmethod
    def of(cls, event: EventRow, offer: ReviewOffer | None, label: str) -> Self:
        """What is said of an event: that it was a ``label``.

        Args:
            event: the event.
            offer: whether it was offered; None: not known, so that it counts as one that the person came upon.
            label: what it was.
        """
        offer = offer or ReviewOffer(None, 0.0, False)
        key = event["session"], event["number"], event["wall_s"]
        return cls(*key, offer.head, event["bin"], event["label"], label, offer.share, offer.offered)

    @property
    def key(self) -> ReviewKey:
        """What the event is told by."""
        return self.session, self.number, self.wall_s


class ReviewLog:
    """Keeps reviews; a second one of the same event replaces the first.

    Args:
        folder: the folder of what was taught; made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def add(self, review: Review, *, is_taught: bool = True) -> None:
        """Keep a review. It is on the disk when this returns.

        Args:
            review: what was said.
            is_taught: whether the taught set has it already; otherwise ``untaught`` tells of it.

        Raises:
            ReviewError: it cannot be written.
        """
        values = (*review.key, review.head, review.bin, review.decided, review.label, review.share, int(review.offered))
        with self._open(for_writing=True) as database:
            database.execute("INSERT OR REPLACE INTO review VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
            _mark(database, review.key, is_taught=is_taught)

    def remove(self, key: ReviewKey) -> bool:
        """Take back what was said of an event; returns whether something was. ``untaught`` tells of it.

        Raises:
            ReviewError: it cannot be written.
        """
        if not self.path.exists():
            return False
        with self._open(for_writing=True) as database:
            delete = "DELETE FROM review WHERE session = ? AND number = ? AND wall_s = ?"
            was_there = database.execute(delete, key).rowcount > 0
            if was_there:
                _mark(database, key, is_taught=False)
        return was_there

    def untaught(self) -> list[ReviewKey]:
        """Events of which something was said, or taken back, that the taught set does not know yet; the oldest first.

        Raises:
            ReviewError: they cannot be read.
        """
        if not self.path.exists():
            return []
        with self._open(for_writing=False) as database:
            known = "SELECT 1 FROM sqlite_master WHERE name = 'untaught'"
            if not check_reviews(database) or database.execute(known).fetchone() is None:
                return []
            return [(row[0], row[1], row[2]) for row in database.execute("SELECT * FROM untaught ORDER BY 1, 2, 3")]

    def settle(self, keys: Iterable[ReviewKey]) -> None:
        """The taught set knows what was said of these events.

        Raises:
            ReviewError: it cannot be written.
        """
        with self._open(for_writing=True) as database:
            for key in keys:
                _mark(database, key, is_taught=True)

    def reviews(self) -> list[Review]:
        """All reviews, the oldest event first.

        Raises:
            ReviewError: they cannot be read.
        """
        if not self.path.exists():
            return []
        with self._open(for_writing=False) as database:
            if not check_reviews(database):
                return []  # whoever made it was killed before its first word
            rows = database.execute("SELECT * FROM review ORDER BY session, number, wall_s").fetchall()
            return [_review_of(row) for row in rows]

    @contextmanager
    def _open(self, *, for_writing: bool) -> Iterator[sqlite3.Connection]:
        try:
            if is_in_the_way(self.path):
                raise ReviewError(f"review log {self.path}: is no file; move it away")
            if for_writing:
                make_folder(self.path.parent)
            with rights_of_owner(self.path.parent), closing(sqlite3.connect(self.path, timeout=WAIT_S)) as database:
                if not check_reviews(database) and for_writing:
                    database.executescript(
                        f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; COMMIT;"
                    )
                if for_writing:
                    database.executescript(UNTAUGHT_SCHEMA)  # a log of an older release has no such table
                with database:
                    yield database
        except (sqlite3.Error, LogDamageError, OSError) as error:
            if isinstance(error, ReviewError):
                raise
            raise ReviewError(
                f"review log {self.path}: cannot be used: {error}; move it away to begin a new one"
            ) from error


def _mark(database: sqlite3.Connection, key: ReviewKey, *, is_taught: bool) -> None:
    if is_taught:
        database.execute("DELETE FROM untaught WHERE session = ? AND number = ? AND wall_s = ?", key)
    else:
        database.execute("INSERT OR IGNORE INTO untaught VALUES (?, ?, ?)", key)


def _review_of(row: tuple[int, int, float, str | None, str, str, str, float, int]) -> Review:
    session, number, wall_s, head, bin_name, decided, label, share, offered = row
    return Review(session, number, wall_s, head, bin_name, decided, label, share, bool(offered))


def check_reviews(database: sqlite3.Connection) -> bool:
    """Check that an opened database is a review log.

    Returns:
        False if it has no table yet.

    Raises:
        LogDamageError: it is another program's.
        sqlite3.Error: it cannot be read.
    """
    if not int(database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]):
        return False
    if int(database.execute("PRAGMA application_id").fetchone()[0]) != APPLICATION_ID:
        raise LogDamageError("foreign", "it is another program's database")
    if database.execute("SELECT 1 FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchone() is not None:
        raise LogDamageError("foreign", "it has triggers or views, which no review log has")
    return True
