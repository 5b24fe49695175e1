"""An update on trial: what was so before, and what the first items say of it. Silence counts against it."""

import json
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Self

from edge.config.update_slot import MOST_JSON_BYTES
from edge.files.bounded import read_bounded
from edge.files.owner import make_folder, rights_of_owner
from edge.files.state_files import write_whole
from edge.records.event_schema import EventRow
from edge.teaching.reviews.contamination import clopper_pearson
from edge.teaching.reviews.review_log import ReviewKey
from edge.values import Reason

TRIAL = "trial.json"

BASELINE_ITEMS = 200
"""Most items before an update that it is compared with."""

FEWEST_JUDGED = 10
"""Fewest items after which a trial ends early, because the update is plainly worse."""

FEWEST_BASELINE = 20
"""Fewest items that say what was usual: without them shares are judged by ``UNKNOWN_BASELINE``."""

UNKNOWN_BASELINE = 0.25

MARGIN = 0.10
"""By how much a share may grow before it counts: what lies on the tray changes from day to day."""

SLOWER, SLOWER_S = 1.5, 0.5
"""How many times as long a decision may take as before, and how many seconds more."""

BY_LABEL = frozenset({Reason.CONFIDENT, Reason.UNSURE, Reason.UNKNOWN, Reason.HAZARD})
"""Reasons that the model has a part in."""


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """What some items say.

    Attributes:
        items: number of items that a model decided.
        unsure, strangers, corrected: number of these that were unsure, unknown to the model, or corrected by a person.
        decision_s: median time from rest to decision, in seconds.
    """

    items: int = 0
    unsure: int = 0
    strangers: int = 0
    corrected: int = 0
    decision_s: float = 0.0

    @classmethod
    def of_events(cls, events: Iterable[EventRow], corrected: Collection[ReviewKey]) -> Self:
        """Count.

        Args:
            events: the items' events.
            corrected: those of which a person said something else.
        """
        own = [event for event in events if event["reason"] in BY_LABEL]
        return cls(
            len(own),
            sum(event["reason"] == Reason.UNSURE for event in own),
            sum(event["reason"] == Reason.UNKNOWN for event in own),
            sum((event["session"], event["number"], event["wall_s"]) in corrected for event in own),
            median(event["rest_to_decision_s"] for event in own) if own else 0.0,
        )


@dataclass(frozen=True, slots=True)
class UpdateTrial:
    """An update that is watched.

    Attributes:
        slot: its slot.
        before: the slot in use before; None: what the configuration said.
        target, version, sha256: what was updated.
        began_wall_s: when it was put in place, in seconds since 1970 UTC.
        last_event: id of the newest event before.
        baseline: what was usual before.
    """

    slot: str
    before: str | None
    target: str
    version: int
    sha256: str = ""
    began_wall_s: float = 0.0
    last_event: int = 0
    baseline: ItemFigures = ItemFigures()

    def judge(self, seen: ItemFigures, *, items: int) -> str | None:
        """Why the update is to be taken back; None: nothing speaks against it, so far.

        Args:
            seen: what the items since then say.
            items: number of items after which it is kept.
        """
        if seen.items < min(items, FEWEST_JUDGED):
            return None
        for what, count, usual in (
            ("unsure", seen.unsure, self.baseline.unsure),
            ("unknown to it", seen.strangers, self.baseline.strangers),
            ("corrected", seen.corrected, self.baseline.corrected),
        ):
            known = self.baseline.items >= FEWEST_BASELINE
            share = usual / self.baseline.items if known else UNKNOWN_BASELINE
            if count / seen.items > share + MARGIN and clopper_pearson(count, seen.items)[0] > share:
                before = f"{usual} of {self.baseline.items} before" if known else f"{share:.0%} would be usual"
                return f"{count} of {seen.items} items {what}, {before}"
        if self.baseline.items and seen.decision_s > SLOWER * self.baseline.decision_s + SLOWER_S:
            return f"a decision takes {seen.decision_s:.2f} s, {self.baseline.decision_s:.2f} before"
        return None


class TrialFile:
    """Keeps the trial under way.

    Args:
        updates: the folder of updates.
    """

    def __init__(self, updates: Path) -> None:
        self._path = updates / TRIAL

    def read(self) -> UpdateTrial | None:
        """The trial under way; None: there is none, or its file is damaged."""
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            found = json.loads(read_bounded(self._path, MOST_JSON_BYTES))
            return UpdateTrial(**{**found, "baseline": ItemFigures(**found["baseline"])})
        return None

    def write(self, trial: UpdateTrial) -> None:
        """Begin a trial.

        Raises:
            OSError: it cannot be written.
        """
        make_folder(self._path.parent)
        write_whole(self._path, json.dumps(asdict(trial)).encode(), durable=True)

    def end(self) -> None:
        """End it.

        Raises:
            OSError: it cannot be removed.
        """
        with rights_of_owner(self._path.parent):
            self._path.unlink(missing_ok=True)
