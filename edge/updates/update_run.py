"""One run of ``sorter update``: looks, proves, puts in place. Nothing of it stays in memory."""

import json
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

from edge.config.schema import Config
from edge.config.update_slot import SlotError, SlotRecord, config_with, configured_model, decision_with
from edge.errors import UnavailableError
from edge.files.bounded import read_bounded
from edge.files.state_files import write_whole
from edge.updates.offer import Offer
from edge.updates.outcome import UpdateOutcome, UpdateState
from edge.updates.proof import ModelProof, Proof
from edge.updates.refusal import UpdateRefusedError
from edge.updates.trial import UpdateTrial
from edge.updates.update_tools import UpdateTools
from edge.updates.update_watch import UpdateWatch

if TYPE_CHECKING:
    from edge.updates.repository import SignedRepository

log = logging.getLogger(__name__)

LOOKED = "looked.json"
"""File with the time of the last look at the repository."""

MOST_FRAGMENT_BYTES = 10_000
"""Largest settings fragment, in bytes."""


class UpdateRun:
    """The steps.

    Args:
        config: with the update in use; its section ``update`` is there.
        tools: what it works with.

    Attributes:
        watch: keeps what runs, or takes it back.
    """

    def __init__(self, config: Config, tools: UpdateTools) -> None:
        assert config.update is not None
        self._config = config
        self._settings = config.update
        self._tools = tools
        self._folder = config.updates_folder
        self.watch = UpdateWatch(config, tools)

    def advance(self, *, when_due: bool = False, again: bool = False) -> UpdateOutcome | None:
        """Judge what is watched; else look, go back from what is withdrawn, or take one of what is new: what two of them did
        could not be told apart.

        Args:
            when_due: look only when it is time to, and say nothing of what is still watched.
            again: also take what was refused or taken back before.

        Returns:
            What became of it; None: nothing is to be done.

        Raises:
            UnavailableError: an update is being watched, or the bin does not run.
            RepositoryRefusedError, RepositoryUnreachableError, UpdateStorageError: as of ``look``.
        """
        judged = self.watch.judge()
        if judged is not None:
            return judged  # the next one is compared with what runs then
        if when_due and not self.is_due():
            return None
        if again:
            self.watch.refused.clear()
        repository, offers = self.look()
        # Also what is being watched: who withdraws it knows more than this bin.
        withdrawn = self.withdraw(repository)
        if withdrawn is not None:
            return withdrawn
        if self.watch.trial is None:
            return self.apply(repository, offers[0]) if offers else None
        if when_due:
            return None
        raise UnavailableError(
            "an update is being watched: 'sorter update status' tells of it, 'sorter update back' ends it"
        )

    def is_due(self) -> bool:
        """Whether it is time to look at the repository again."""
        now_s = self._tools.clock.wall_s()
        local = time.localtime(now_s)
        if not self._settings.is_time(local.tm_hour + local.tm_min / 60):
            return False
        try:
            looked_s = float(json.loads(read_bounded(self._folder / LOOKED, 1000))["wall_s"])
        except (OSError, ValueError, KeyError, TypeError):
            return True
        return not 0 <= now_s - looked_s < 3600 * self._settings.every_hours

    def look(self) -> "tuple[SignedRepository, list[Offer]]":
        """What the repository has for this bin that is not in use: fetched and verified lists, no files yet.

        Raises:
            RepositoryRefusedError, RepositoryUnreachableError: nothing of it can be used, or it does not come.
            UnavailableError: the clock cannot be believed.
            UpdateStorageError: nothing can be written.
        """
        self._tools.time.check()
        repository = self._tools.repository()
        repository.refresh()
        with self.watch.storing():
            self._tools.time.note()
            write_whole(
                self._folder / LOOKED, json.dumps({"wall_s": self._tools.clock.wall_s()}).encode(), durable=False
            )
        record = self.watch.record
        versions = {} if record is None else record.targets
        found: dict[str, Offer] = {}
        for name in self._settings.wants:
            offer = repository.offer(name)
            if offer is None:
                log.info("%s: the repository offers nothing of this name to the ring %s", name, self._settings.ring)
                continue
            is_new = versions.get(name, 0) < offer.version or offer.place.startswith("bins/")
            if offer.kind == "program" or not is_new or versions.get(name) == offer.version:
                continue
            reason = self.watch.refused.reason(name, offer.version)
            if reason is None:
                found.setdefault(offer.kind, offer)
            else:
                log.info("%s %d: not tried again without --again: %s", name, offer.version, reason)
        return repository, list(found.values())

    def withdrawn(self, repository: "SignedRepository") -> tuple[str, int] | None:
        """Name and version of what is in use and that its owner offers no more; None: there is none.

        Args:
            repository: as it is now.

        Raises:
            RepositoryRefusedError, RepositoryUnreachableError: as of ``look``.
        """
        record = self.watch.record
        for name, version in ({} if record is None else record.targets).items():
            offer = repository.offer(name)
            if offer is None or (offer.version < version and not offer.place.startswith("bins/")):
                return name, version
        return None

    def withdraw(self, repository: "SignedRepository") -> UpdateOutcome | None:
        """Go back from an update that its owner offers no more; None: there is none.

        Args:
            repository: as it is now.

        Raises:
            RepositoryRefusedError, RepositoryUnreachableError, UpdateStorageError: as of ``look``.
        """
        slots = self._tools.slots
        current, withdrawn = slots.current, self.withdrawn(repository)
        if current is None or withdrawn is None:
            return None
        trial = UpdateTrial(current, slots.before, *withdrawn)
        return self.watch.take_back(trial, UpdateState.WITHDRAWN, "its owner has withdrawn it")

    def apply(self, repository: "SignedRepository", offer: Offer) -> UpdateOutcome:
        """Fetch an offer, prove it, put it in place, and see the bin take it.

        Raises:
            RepositoryRefusedError, RepositoryUnreachableError: it does not come as it was signed.
            UnavailableError: the bin does not run; the update is tried again.
            UpdateStorageError: nothing can be written.
        """
        self._tools.bin.check()
        slots = self._tools.slots
        before = slots.current
        file = repository.fetch(offer)
        try:
            record, proof = self._prove(repository, offer, file)
            slot = slots.make(record, model=self._model_of(offer, file), head=proof.head)
            config_with(self._config, slot, record)
        except (UpdateRefusedError, SlotError) as error:
            return self._refuse(offer, str(error))
        last_event, baseline = self.watch.baseline()
        trial = UpdateTrial(
            slot,
            before,
            offer.name,
            offer.version,
            offer.sha256,
            self._tools.clock.wall_s(),
            last_event,
            baseline,
        )
        with self.watch.storing():
            self.watch.trials.write(trial)
        slots.use(slot, before=before)
        try:
            is_taken = self._tools.bin.take(slot)
        except UnavailableError as error:
            return self.watch.take_back(trial, UpdateState.TAKEN_BACK, f"the bin stopped as it took it: {error}")
        if not is_taken:
            return self.watch.take_back(
                trial, UpdateState.TAKEN_BACK, "the bin has not taken it in time; its log says why"
            )
        repository.clear()
        return self.watch.tell(trial.target, trial.version, trial.sha256, UpdateState.TRIAL, proof.line)

    def _prove(self, repository: "SignedRepository", offer: Offer, file: Path) -> tuple[SlotRecord, Proof]:
        """What the new slot holds: what the present one does, but for what is sent."""
        old = self.watch.record or SlotRecord(configured_model(self._config.configured))
        targets = {**old.targets, offer.name: offer.version}
        if offer.kind == "settings":
            settings = _fragment(file)
            decision_with(self._config.configured.decision, settings)
            record = SlotRecord(old.configured, old.model, old.head, settings, targets)
            return record, Proof(self._own_head(old), "settings in their ranges")
        proof_of = ModelProof(self._config, self._folder)
        if offer.kind == "head":
            return SlotRecord(old.configured, old.model, True, old.settings, targets), proof_of.prove_head(file)
        proof = proof_of.prove(file, repository.golden(offer))
        return SlotRecord(old.configured, offer.sha256, True, old.settings, targets), proof

    def _own_head(self, record: SlotRecord) -> bytes | None:
        """The head in use, where it lies in the slot."""
        file = self._config.head_file
        return read_bounded(file, 50_000_000) if record.head and file.exists() else None

    def _model_of(self, offer: Offer, file: Path) -> Path | None:
        if offer.kind == "model":
            return file
        record = self.watch.record
        return self._config.model.file if record is not None and record.model is not None else None

    def _refuse(self, offer: Offer, reason: str) -> UpdateOutcome:
        with self.watch.storing():
            self.watch.refused.add(offer.name, offer.version, reason)
        return self.watch.tell(offer.name, offer.version, offer.sha256, UpdateState.REFUSED, reason)


def _fragment(file: Path) -> dict[str, object]:
    """The settings of a fragment. Raises UpdateRefusedError."""
    try:
        found = json.loads(read_bounded(file, MOST_FRAGMENT_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise UpdateRefusedError(f"settings: cannot be read: {error}") from None
    if not isinstance(found, dict):
        raise UpdateRefusedError("settings: expected a JSON object, key of the section decision -> value")
    return found
