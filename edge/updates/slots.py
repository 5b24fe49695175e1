"""Makes slots, and says which one is in use. Every step can be the last one: what was in use stays, whole, or the next one is."""

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from edge.config.teach import HEAD_NAME
from edge.config.update_slot import (
    IN_USE,
    MODEL_NAME,
    RECORD,
    SLOTS,
    SlotError,
    SlotRecord,
    read_slot,
    slot_folder,
    slot_in_use,
)
from edge.files.owner import make_folder, rights_of_owner
from edge.files.state_files import sync_folder, write_whole
from edge.updates.refusal import UpdateStorageError

BEFORE = "before.json"
"""File that names the slot that was in use before the present one."""

Note = Callable[[str], None]


class SlotFolder:
    """The slots of a bin.

    Args:
        updates: the folder of updates; made with the first slot.
        note: called with the name of each step before it, for a test.
    """

    def __init__(self, updates: Path, *, note: Note = lambda step: None) -> None:
        self._updates = updates
        self._note = note

    @property
    def current(self) -> str | None:
        """Name of the slot in use; None: none is, or the file that names it is damaged."""
        try:
            return slot_in_use(self._updates)
        except SlotError:
            return None

    @property
    def before(self) -> str | None:
        """Name of the slot before the present one, if it is whole; None: what the configuration says."""
        with suppress(OSError, ValueError, KeyError, TypeError, SlotError):
            slot = json.loads((self._updates / BEFORE).read_bytes())["slot"]
            if isinstance(slot, str):
                read_slot(self._updates, slot)
                return slot
        return None

    def record(self, slot: str | None) -> SlotRecord | None:
        """What is in a slot; None: it is none, or not whole."""
        if slot is None:
            return None
        try:
            return read_slot(self._updates, slot)
        except SlotError:
            return None

    def make(self, record: SlotRecord, *, model: Path | None, head: bytes | None) -> str:
        """Make a slot, which is not in use yet; one that is there and whole stays, with what it was taught.

        Args:
            record: what is in it.
            model: the model's file, verified; None: the configured one.
            head: the taught head; None: none yet.

        Returns:
            Its name.

        Raises:
            UpdateStorageError: it cannot be written.
            SlotError: the file is not the one that the record names.
        """
        name = record.name
        final, part = slot_folder(self._updates, name), slot_folder(self._updates, f"part-{name}")
        try:
            self._note("folder")
            make_folder(final.parent)
            with rights_of_owner(final.parent):
                self._note("clean")
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir()
                self._note("model")
                if model is not None:
                    write_whole(part / MODEL_NAME, model.read_bytes(), durable=True)
                self._note("head")
                if head is not None:
                    write_whole(part / HEAD_NAME, head, durable=True)
                self._note("record")
                write_whole(part / RECORD, record.to_bytes(), durable=True)
                self._note("place")
                shutil.rmtree(final, ignore_errors=True)  # one that was kept from an earlier try, and is not in use
                os.rename(part, final)
                sync_folder(final.parent)
        except OSError as error:
            raise UpdateStorageError(
                f"{final}: cannot be written: {error.strerror or error}; what was in use stays"
            ) from error
        read_slot(self._updates, name)
        return name

    def use(self, slot: str | None, *, before: str | None) -> None:
        """Use a slot from now on: one rename.

        Args:
            slot: its name; None: what the configuration says.
            before: the slot to go back to.

        Raises:
            UpdateStorageError: it cannot be written.
        """
        try:
            self._note("before")
            make_folder(self._updates)
            write_whole(self._updates / BEFORE, json.dumps({"slot": before}).encode(), durable=True)
            self._note("switch")
            if slot is None:
                with rights_of_owner(self._updates):
                    (self._updates / IN_USE).unlink(missing_ok=True)
                    sync_folder(self._updates)
            else:
                write_whole(self._updates / IN_USE, json.dumps({"slot": slot}).encode(), durable=True)
            self._note("switched")
        except OSError as error:
            raise UpdateStorageError(
                f"{self._updates / IN_USE}: cannot be written: {error.strerror or error}; what was in use stays"
            ) from error

    def prune(self) -> None:
        """Remove the slots that are neither in use nor the one before; what cannot be removed is no reason to fail."""
        kept = {self.current, self.before}
        folder = self._updates / SLOTS
        with suppress(OSError), rights_of_owner(folder):
            for path in folder.iterdir():
                if path.name not in kept:
                    self._note("prune")
                    shutil.rmtree(path, ignore_errors=True)
