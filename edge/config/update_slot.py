"""The slot of updates in use: a folder with a model, a head and settings that go together, and one small file that names it.

Only ``edge.updates`` writes here. That file changes by one rename: at every moment the bin has the slot before, or the new one.
"""

import hashlib
import json
import logging
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from edge.config.schema import Config, DecisionConfig
from edge.config.teach import HEAD_NAME
from edge.errors import SorterError
from edge.files.bounded import read_bounded
from edge.models import is_shipped

log = logging.getLogger(__name__)

IN_USE = "in-use.json"
"""File in the folder of updates that names the slot in use. Without it, what the configuration says is in use."""

OUTCOME = "outcome.json"
"""File there with what became of the last update."""

SLOTS = "slots"
MODEL_NAME = "model.tflite"
RECORD = "slot.json"

MOST_JSON_BYTES = 20_000
MOST_MODEL_BYTES = 100_000_000

SETTINGS = frozenset({"contamination_cost", "residual_cost", "min_confidence", "unknown", "hazard_confidence"})
"""Keys of the section ``decision`` that an update may set: none names a bin, and none moves anything."""

_SLOT = re.compile(r"[0-9a-f]{16}")


class SlotError(SorterError, ValueError):
    """A slot of updates cannot be used."""

    exit_code = 65


@dataclass(frozen=True, slots=True)
class SlotRecord:
    """What is in a slot; its file ``slot.json``.

    Attributes:
        configured: the model that the configuration named when the slot was made, see ``configured_model``. While it names
            another one, the slot does not count: whoever has changed it wants that model.
        model: SHA-256 of the slot's model file; None: the configured model.
        head: whether the slot has a place of its own for the taught head: with another model, and with a head that was sent.
        settings: key of the section ``decision`` -> value.
        targets: name -> version of what was taken from the repository.
    """

    configured: str
    model: str | None = None
    head: bool = False
    settings: dict[str, object] = field(default_factory=dict)
    targets: dict[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """From a file.

        Raises:
            SlotError: it is none.
        """
        try:
            found = json.loads(content)
            record = cls(**found)
        except (ValueError, TypeError, RecursionError) as error:
            raise SlotError(f"{RECORD}: damaged: {error}") from None
        kinds = (record.configured, str), (record.head, bool), (record.settings, dict), (record.targets, dict)
        if not all(isinstance(value, kind) for value, kind in kinds) or not isinstance(record.model, str | None):
            raise SlotError(f"{RECORD}: damaged: a value of another kind than expected")
        return record

    def to_bytes(self) -> bytes:
        """As a file."""
        return json.dumps(asdict(self), sort_keys=True, indent=1).encode()

    @property
    def name(self) -> str:
        """Name of the slot: the same content has the same name, whatever its owner teaches it later."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:16]


def slot_folder(updates: Path, slot: str) -> Path:
    """The folder of a slot.

    Args:
        updates: the folder of updates.
        slot: its name.
    """
    return updates / SLOTS / slot


def configured_model(config: Config) -> str:
    """What a slot knows the configured model by: its name if it ships, else its path from the folder of updates.

    Neither changes where another release of the program lies elsewhere, or a backup is restored in another folder.

    Args:
        config: its file's content, without an update.
    """
    file = config.model.file
    return file.stem if is_shipped(file) else os.path.relpath(file, config.updates_folder)


def slot_in_use(updates: Path) -> str | None:
    """Name of the slot in use; None: none is.

    Raises:
        SlotError: the file that names it is damaged.
    """
    try:
        content = read_bounded(updates / IN_USE, MOST_JSON_BYTES)
        found = json.loads(content)
        slot = found["slot"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise SlotError(f"{updates / IN_USE}: cannot be read: {error}") from None
    if not isinstance(slot, str) or not _SLOT.fullmatch(slot):
        raise SlotError(f"{updates / IN_USE}: names no slot: {slot!r:.60}")
    return slot


def read_slot(updates: Path, slot: str) -> SlotRecord:
    """What is in a slot, which is whole.

    Raises:
        SlotError: it is missing or damaged.
    """
    folder = slot_folder(updates, slot)
    try:
        record = SlotRecord.parse(read_bounded(folder / RECORD, MOST_JSON_BYTES))
        if record.name != slot:
            raise SlotError(f"{RECORD}: damaged: another one than the slot's")
        if record.model is not None:
            content = read_bounded(folder / MODEL_NAME, MOST_MODEL_BYTES)
            if hashlib.sha256(content).hexdigest() != record.model:
                raise SlotError(f"{MODEL_NAME}: damaged: its SHA-256 is another one than was signed")
    except (OSError, ValueError) as error:
        raise SlotError(f"slot {folder}: {error}") from None
    return record


def config_with(config: Config, slot: str, record: SlotRecord) -> Config:
    """The configuration with a slot in place.

    Raises:
        SlotError: the slot is for another configured model, or its settings are none.
    """
    configured, folder = config.configured, slot_folder(config.updates_folder, slot)
    named = configured_model(configured)
    if record.configured != named:
        raise SlotError(f"slot {slot}: was made for the model {record.configured}, the configuration names {named}")
    model = configured.model
    if record.model is not None:
        model = model.model_copy(update={"file": folder / MODEL_NAME, "delegate": None, "delegate_file": None})
    if record.head:
        model = model.model_copy(update={"head": folder / HEAD_NAME})
    return configured.updated(slot, model, decision_with(configured.decision, record.settings))


def decision_with(decision: DecisionConfig, settings: dict[str, object]) -> DecisionConfig:
    """The section with the settings of an update.

    Raises:
        SlotError: a key may not be set, or a value is out of its range.
    """
    strange = sorted(settings.keys() - SETTINGS)
    if strange:
        raise SlotError(f"settings: {strange[0]} may not be set; expected some of {', '.join(sorted(SETTINGS))}")
    if not settings:
        return decision
    try:
        return DecisionConfig.model_validate(decision.model_dump() | settings)
    except ValidationError as error:
        first = error.errors()[0]
        raise SlotError(f"settings: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def with_update(config: Config) -> Config:
    """The configuration with the update in use, if there is one. One that is damaged is told, and does not count."""
    try:
        slot = slot_in_use(config.updates_folder)
        if slot is None:
            return config
        return config_with(config, slot, read_slot(config.updates_folder, slot))
    except SlotError as error:
        log.warning("update not used, the configuration's model answers: %s", error)
        return config


def last_outcome(updates: Path) -> dict[str, object] | None:
    """What became of the last update, see ``edge.updates.outcome``; None: nothing is known."""
    with suppress(OSError, ValueError, RecursionError):
        found = json.loads(read_bounded(updates / OUTCOME, MOST_JSON_BYTES))
        if isinstance(found, dict):
            return found
    return None
