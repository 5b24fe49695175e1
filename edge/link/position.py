"""How far the broker has taken the event log over, in a small file."""

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from edge.files.bounded import read_bounded
from edge.files.state_files import set_aside, write_whole

log = logging.getLogger(__name__)

MOST_BYTES = 1000
"""Largest file that is read, in bytes."""


@dataclass(frozen=True, slots=True)
class Position:
    """An event of the log, as a place in it.

    Attributes:
        id: its id, which only increases while the log is the same one; 0: before the first.
        session, number: its key, by which another log is told that has the same id; -1: it is damaged.
    """

    id: int = 0
    session: int = 0
    number: int = 0


START = Position()
"""Before the first event."""


class PositionFile:
    """Keeps the position of the last event that the broker has acknowledged.

    What is lost or damaged means the start: every event is sent once more then, and whoever gets it knows it by its key.

    Args:
        path: the file; its folder is made when it is first written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: str | None = None

    def read(self) -> Position:
        """The position; the start where none is kept."""
        try:
            found = json.loads(read_bounded(self._path, MOST_BYTES))
            values = [found[name] for name in ("id", "session", "number")]
            if not all(type(value) is int for value in values) or values[0] < 0:
                raise ValueError("expected three whole numbers")
            return Position(*values)
        except FileNotFoundError:
            return START
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            try:
                kept = f"kept as {set_aside(self._path, most=1).name}"
            except OSError:
                kept = "left as it is"
            log.warning("%s: is damaged (%s) and %s; every event is sent once more", self._path, error, kept)
            return START

    def write(self, position: Position) -> None:
        """Keep a position. One that cannot be written is told in the log: after the next start some events are sent twice."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, json.dumps(asdict(position)).encode(), durable=False)
            self._told = None
        except OSError as error:
            if str(error) != self._told:
                log.warning("%s: cannot be written: %s", self._path, error)
            self._told = str(error)
