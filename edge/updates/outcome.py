"""What became of updates, as the bin tells it: in its status, over the link, and to ``sorter update status``."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from edge.config.update_slot import MOST_JSON_BYTES, OUTCOME
from edge.files.bounded import read_bounded
from edge.files.owner import make_folder, rights_of_owner
from edge.files.state_files import write_whole

REFUSED = "refused.json"
"""File of what this bin does not try again."""

MOST_REFUSED, MOST_REASON = 50, 300


class UpdateState(StrEnum):
    """What became of an update."""

    TRIAL = "trial"
    """It runs, and is watched."""
    KEPT = "kept"
    """It has proved itself."""
    REFUSED = "refused"
    """It was not put in place: it does not suit the bin, or is worse than what runs."""
    TAKEN_BACK = "taken_back"
    """It ran and was worse; what was before runs again."""
    WITHDRAWN = "withdrawn"
    """It was in use, and its owner has withdrawn it."""
    GONE_BACK = "gone_back"
    """A person has gone back from it."""

    @property
    def is_failure(self) -> bool:
        """Whether the repository's owner is to count it against the update."""
        return self in (UpdateState.REFUSED, UpdateState.TAKEN_BACK, UpdateState.GONE_BACK)


@dataclass(frozen=True, slots=True)
class UpdateOutcome:
    """What became of one update.

    Attributes:
        bin: name of the bin.
        ring: its ring.
        target: name of what was updated.
        version: its version.
        sha256: of its file.
        state: see ``UpdateState``.
        reason: why, as a sentence.
        wall_s: when, in seconds since 1970 UTC.
    """

    bin: str
    ring: str
    target: str
    version: int
    sha256: str
    state: UpdateState
    reason: str
    wall_s: float


def write_outcome(updates: Path, outcome: UpdateOutcome) -> None:
    """Keep what became of the last update; its file is what the bin tells.

    Raises:
        OSError: it cannot be written.
    """
    make_folder(updates)
    write_whole(updates / OUTCOME, json.dumps(asdict(outcome)).encode(), durable=True)


class RefusedVersions:
    """The versions that this bin does not try again by itself.

    Args:
        updates: the folder of updates.
    """

    def __init__(self, updates: Path) -> None:
        self._path = updates / REFUSED

    def reason(self, target: str, version: int) -> str | None:
        """Why a version is not tried again; None: it may be."""
        return self._read().get(f"{target} {version}")

    def add(self, target: str, version: int, reason: str) -> None:
        """Do not try a version again.

        Raises:
            OSError: it cannot be written.
        """
        known = {**self._read(), f"{target} {version}": reason[:MOST_REASON]}
        make_folder(self._path.parent)
        newest = dict(list(known.items())[-MOST_REFUSED:])
        write_whole(self._path, json.dumps(newest).encode(), durable=True)

    def clear(self) -> None:
        """Try everything again.

        Raises:
            OSError: it cannot be written.
        """
        with rights_of_owner(self._path.parent):
            self._path.unlink(missing_ok=True)

    def _read(self) -> dict[str, str]:
        with suppress(OSError, ValueError, RecursionError):
            found = json.loads(read_bounded(self._path, MOST_JSON_BYTES))
            if isinstance(found, dict):
                return {str(key): str(value) for key, value in found.items()}
        return {}
