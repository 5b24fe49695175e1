"""Watches an update that runs: it is kept or taken back, and told. A kill at any moment leaves the one or the other to do."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from edge.config.schema import Config
from edge.config.update_slot import SlotRecord
from edge.errors import SorterError, UnavailableError
from edge.files.owner import make_folder
from edge.records.event_reader import open_events
from edge.records.event_schema import EventRow
from edge.teaching.reviews.review_log import ReviewKey, ReviewLog
from edge.updates.outcome import RefusedVersions, UpdateOutcome, UpdateState, write_outcome
from edge.updates.refusal import UpdateRefusedError, UpdateStorageError
from edge.updates.trial import BASELINE_ITEMS, ItemFigures, TrialFile, UpdateTrial
from edge.updates.update_tools import UpdateTools

log = logging.getLogger(__name__)

CLOCK_BACK_H = 1.0
"""How far the clock may be set back during a trial, in hours."""


class UpdateWatch:
    """Looks at what the bin has decided since an update.

    Args:
        config: with the update in use; its section ``update`` is there.
        tools: what it works with.

    Attributes:
        trials: keeps the trial under way.
        refused: what is not tried again.
    """

    def __init__(self, config: Config, tools: UpdateTools) -> None:
        assert config.update is not None
        self._config = config
        self._settings = config.update
        self._tools = tools
        self._folder = config.updates_folder
        self.trials = TrialFile(self._folder)
        self.refused = RefusedVersions(self._folder)

    @property
    def trial(self) -> UpdateTrial | None:
        """The trial under way. One whose slot is not in use never began, or was ended by a kill."""
        trial = self.trials.read()
        return trial if trial is not None and trial.slot == self._tools.slots.current else None

    @property
    def record(self) -> SlotRecord | None:
        """What is in the slot in use; None: none is."""
        return self._tools.slots.record(self._tools.slots.current)

    def judge(self) -> UpdateOutcome | None:
        """Keep the update on trial, or take it back; None: there is none, or it goes on.

        Raises:
            EventLogError: the event log cannot be read.
            UpdateStorageError: nothing can be written.
        """
        trial = self.trial
        if trial is None:
            return None
        wanted = self._settings.watch_items
        events = [event for event in self._events(newest=10 * wanted) if event["id"] > trial.last_event]
        seen = ItemFigures.of_events(events, self._corrected())
        reason = trial.judge(seen, items=wanted)
        waited_h = (self._tools.clock.wall_s() - trial.began_wall_s) / 3600
        if reason is None and seen.items >= wanted:
            shares = f"{seen.unsure} unsure, {seen.strangers} unknown, {seen.corrected} corrected"
            kept = self.tell(
                trial.target, trial.version, trial.sha256, UpdateState.KEPT, f"{seen.items} items: {shares}"
            )
            with self.storing():
                self.trials.end()
            self._tools.slots.prune()
            return kept
        if reason is None and not -CLOCK_BACK_H <= waited_h <= self._settings.watch_hours:
            reason = f"{seen.items} items in {waited_h:.1f} h, expected {wanted}: silence proves nothing"
        return None if reason is None else self.take_back(trial, UpdateState.TAKEN_BACK, reason)

    def back(self) -> UpdateOutcome:
        """Go back to what was in use before, because a person asks.

        Raises:
            UpdateRefusedError: no update is in use.
            UpdateStorageError: it cannot be written.
        """
        current, record = self._tools.slots.current, self.record
        if current is None or record is None:
            raise UpdateRefusedError("no update is in use: what the configuration says is")
        before = self._tools.slots.before
        trial = self.trial or UpdateTrial(current, before, *_newest(record, self._tools.slots.record(before)))
        return self.take_back(trial, UpdateState.GONE_BACK, "a person has gone back")

    def take_back(self, trial: UpdateTrial, state: UpdateState, reason: str) -> UpdateOutcome:
        """Put in use again what was before, and do not try the update again.

        Args:
            trial: the update.
            state: what is told of it.
            reason: why, as a sentence.

        Raises:
            UpdateStorageError: it cannot be written.
        """
        slots = self._tools.slots
        before = trial.before if slots.record(trial.before) is not None else None
        with self.storing():
            self.refused.add(trial.target, trial.version, reason)
        outcome = self.tell(trial.target, trial.version, trial.sha256, state, reason)
        slots.use(before, before=None)
        with self.storing():
            self.trials.end()
        try:
            if not self._tools.bin.take(before):
                log.warning("the bin has not left %s yet: it does when the tray is free", trial.target)
        except UnavailableError as error:
            log.info("the bin takes what was before at its next start: %s", error)
        slots.prune()
        return outcome

    def baseline(self) -> tuple[int, ItemFigures]:
        """Id of the newest event, 0 without any, and what was usual up to it.

        Raises:
            EventLogError: the event log cannot be read.
        """
        events = self._events(newest=BASELINE_ITEMS)
        return (events[-1]["id"] if events else 0), ItemFigures.of_events(events, self._corrected())

    def tell(self, target: str, version: int, sha256: str, state: UpdateState, reason: str) -> UpdateOutcome:
        """Keep and log what became of an update.

        Args:
            target, version, sha256, state, reason: see ``UpdateOutcome``.

        Raises:
            UpdateStorageError: it cannot be written.
        """
        now_s = round(self._tools.clock.wall_s(), 3)
        outcome = UpdateOutcome(self._tools.name, self._settings.ring, target, version, sha256, state, reason, now_s)
        with self.storing():
            write_outcome(self._folder, outcome)
        tell = log.warning if state.is_failure else log.info
        tell("update %s %d: %s: %s", target, version, state.value, reason)
        return outcome

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Say of an error of the disk what it means. Raises UpdateStorageError."""
        try:
            make_folder(self._folder)
            yield
        except OSError as error:
            if isinstance(error, SorterError):
                raise
            raise UpdateStorageError(f"{self._folder}: cannot be written: {error.strerror or error}") from error

    def _events(self, *, newest: int) -> list[EventRow]:
        if not self._config.event_log.file.exists():
            return []
        with open_events(self._config.event_log.file) as reader:
            return list(reader.events(newest=newest))

    def _corrected(self) -> frozenset[ReviewKey]:
        reviews = ReviewLog(self._config.teaching_folder).reviews()
        return frozenset(one.key for one in reviews if one.label != one.decided)


def _newest(record: SlotRecord, before: SlotRecord | None) -> tuple[str, int]:
    """Name and version of what a slot has and the one before has not."""
    known = {} if before is None else before.targets
    new = [one for one in record.targets.items() if known.get(one[0]) != one[1]]
    return new[0] if new else ("", 0)
