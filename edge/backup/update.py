"""The update in use, as far as it belongs to a backup: its slot with model, head and settings, and what became of updates."""

import re
from collections.abc import Iterator
from pathlib import Path

from edge.config.schema import UPDATES_FOLDER, Config
from edge.config.teach import HEAD_NAME
from edge.config.update_slot import IN_USE, MODEL_NAME, OUTCOME, RECORD, SLOTS, SlotError, SlotRecord, slot_folder
from edge.inference.bundle import read_bundle
from edge.inference.head_file import read_head

ROOT_NAME = f"{UPDATES_FOLDER}/root.json"
"""Name in the backup of the file of keys that the bin trusts."""

KNOWN = ("trial.json", "refused.json", OUTCOME, IN_USE)
"""Files of the folder of updates that are taken along; the one that names the slot last. What is trusted of the repository is not
among them: a bin fetches it again, and a backup must not take it back in time."""

_OF_SLOT = re.compile(
    rf"{UPDATES_FOLDER}/{SLOTS}/([0-9a-f]{{16}})/({'|'.join(map(re.escape, (MODEL_NAME, HEAD_NAME, RECORD)))})"
)


def update_files(config: Config) -> Iterator[tuple[str, Path]]:
    """Name in the backup and place of each file of the update in use that is there; nothing where none is in use.

    Args:
        config: with the update in use.
    """
    updates = config.updates_folder
    if config.update is not None and config.update.root.is_file():
        yield ROOT_NAME, config.update.root
    if config.slot is None:
        return
    slot = slot_folder(updates, config.slot)
    for path in (*(slot / name for name in (MODEL_NAME, HEAD_NAME, RECORD)), *(updates / name for name in KNOWN)):
        if path.is_file():
            yield f"{UPDATES_FOLDER}/{path.relative_to(updates)}", path


def is_of_update(name: str) -> bool:
    """Whether a file of a backup belongs to an update."""
    own = (ROOT_NAME, *(f"{UPDATES_FOLDER}/{one}" for one in KNOWN))
    return name in own or _OF_SLOT.fullmatch(name) is not None


def update_place(name: str, config: Config) -> Path | None:
    """Where such a file belongs; None if the configuration has no place for it."""
    if name == ROOT_NAME:
        return None if config.update is None else config.update.root
    return config.updates_folder / name.removeprefix(f"{UPDATES_FOLDER}/")


def check_update(name: str, path: Path) -> None:
    """Check a file of a backup.

    Raises:
        ModelError: it is no sound model or head.
        SlotError: it is no sound record of its slot.
    """
    found = _OF_SLOT.fullmatch(name)
    kind = None if found is None else found[2]
    if kind == MODEL_NAME:
        read_bundle(path)
    elif kind == HEAD_NAME:
        read_head(path)
    elif found is not None and SlotRecord.parse(path.read_bytes()).name != found[1]:
        raise SlotError(f"{RECORD}: damaged: another one than the slot's")
