"""What belongs to a backup: the name of each file in it, and its place on a machine, which the configuration gives."""

import re
from collections.abc import Iterator
from pathlib import Path

from edge.backup.accounts import ACCOUNTS_NAME, accounts_place
from edge.backup.taught import DATABASES, HEAD_NAME, taught_places
from edge.backup.update import is_of_update, update_place
from edge.config.schema import Config
from edge.models import is_shipped
from edge.records.log_damage import KINDS

CONFIG_NAME = "config.yaml"
EVENTS_NAME = "events.sqlite"
MODEL_NAME = "model.tflite"
COMPILED_NAME = "model-compiled.tflite"
TRAY_NAME = "empty-tray"
MANIFEST_NAME = "manifest.json"
"""The last file of a backup: without it the backup is cut."""

PICTURES = "pictures"
"""Folder of a backup that holds the pictures of the items."""

_PICTURE = re.compile(rf"{PICTURES}/([A-Za-z0-9][A-Za-z0-9_.-]{{0,80}}\.jpg)")
"""Name of a picture in a backup: a plain name, which leads to no other folder."""

_SET_ASIDE = re.compile(
    rf"({re.escape(EVENTS_NAME)}(?:-wal|-journal|\.lock)?\.(?:{'|'.join(KINDS)})-[0-9]{{1,9}})(?:-wal|-journal)?"
)
"""Name in a backup of an event log that was set aside, or of what lies beside it: as on the bin, after the name of its log."""


def single_files(config: Config) -> dict[str, Path]:
    """Name in the backup -> place of every file that the configuration names, apart from events and pictures.

    A model that ships with the program is left out: every release has it. One that an update has put in its place is the slot's.
    """
    model = config.configured.model
    named = {
        MODEL_NAME: model.file,
        COMPILED_NAME: model.delegate_file,
        TRAY_NAME: config.tray.empty_tray,
    }
    return {name: path for name, path in named.items() if path is not None and not is_shipped(path)}


def place_of(name: str, config: Config) -> Path | None:
    """Where a file of a backup belongs; None if the configuration has no place for a file of that name.

    Args:
        name: name in the backup.
        config: the configuration of the backup, with the paths that it has where it is restored.
    """
    if name == EVENTS_NAME or is_set_aside(name):
        log = config.event_log.file
        return log.with_name(f"{log.name}{name.removeprefix(EVENTS_NAME)}")
    if name == ACCOUNTS_NAME:
        return accounts_place(config)
    if is_of_update(name):
        return update_place(name, config)
    picture = _PICTURE.fullmatch(name)
    return config.event_log.images / picture[1] if picture else (single_files(config) | taught_places(config)).get(name)


def is_known(name: str) -> bool:
    """Whether a file of this name may stand in a backup."""
    fixed = (
        CONFIG_NAME,
        EVENTS_NAME,
        MODEL_NAME,
        COMPILED_NAME,
        TRAY_NAME,
        MANIFEST_NAME,
        HEAD_NAME,
        ACCOUNTS_NAME,
        *DATABASES,
    )
    return name in fixed or is_set_aside(name) or is_of_update(name) or _PICTURE.fullmatch(name) is not None


def is_set_aside(name: str) -> bool:
    """Whether a file of a backup is an event log that was set aside and not repaired yet, or a part of one."""
    return _SET_ASIDE.fullmatch(name) is not None


def log_name_of(name: str) -> str | None:
    """The event log, in use or set aside, that a file of a backup is or belongs to; None if it is nothing of a log."""
    found = _SET_ASIDE.fullmatch(name)
    return found[1] if found else name if name == EVENTS_NAME else None


def is_picture(name: str) -> bool:
    """Whether a file of a backup is the picture of an item."""
    return _PICTURE.fullmatch(name) is not None


def left_out(config: Config) -> Iterator[str]:
    """Keys of the configuration that name files which no backup contains: photographs that stand in for a camera."""
    paths = {
        "camera.folder.path": config.camera.folder.path,
        "camera.folder.empty": config.camera.folder.empty,
        "simulation.photos": config.simulation.photos,
        "simulation.listing": config.simulation.listing,
    }
    yield from (key for key, path in paths.items() if path is not None)
