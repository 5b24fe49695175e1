"""What a person said of the bin's decisions: beside the event log, which the running sorter alone writes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.errors import ReviewError
from edge.files.owner import make_folder, rights_of_owner
from edge.files.state_files import is_in_the_way
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

WAIT_S = 5.0
"""Longest wait for another command that writes, in seconds."""


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

    @property
    def key(self) -> tuple[int, int, float]:
        """What the event is told by."""
        return self.session, self.number, self.wall_s


class ReviewLog:
    """Keeps reviews; a second one of the same event replaces the first.

    Args:
        folder: the folder of what was taught; made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def add(self, review: Review) -> None:
        """Keep a review. It is on the disk when this returns.

        Raises:
            ReviewError: it cannot be written.
        """
        values = (*review.key, review.head, review.bin, review.decided, review.label, review.share, int(review.offered))
        with self._open(for_writing=True) as database:
            database.execute("INSERT OR REPLACE INTO review VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

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
                with database:
                    yield database
        except (sqlite3.Error, LogDamageError, OSError) as error:
            if isinstance(error, ReviewError):
                raise
            raise ReviewError(
                f"review log {self.path}: cannot be used: {error}; move it away to begin a new one"
            ) from error


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
