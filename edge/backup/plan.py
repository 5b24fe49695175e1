"""Finds the place of every file of a backup, and what stands in the way."""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edge.backup.checked import CheckedBackup
from edge.backup.contents import CONFIG_NAME, EVENTS_NAME, PICTURES, is_picture, log_name_of, place_of
from edge.backup.taught import DATABASES
from edge.backup.update import KNOWN
from edge.config.file import load_config
from edge.config.schema import Config
from edge.errors import BackupError, SorterError
from edge.files.owner import rights_of_owner

STATE = Path("/var/lib/sorter")
"""State folder of the service."""

SPARE_BYTES = 20_000_000
"""Free space that a restore leaves: enough to begin with."""


@dataclass(frozen=True)
class RestorePlan:
    """What a restore will do.

    Attributes:
        backup: the backup.
        config: its configuration, as it will be in its place.
        places: name in the backup -> place, the configuration last.
        occupied: places where something is already.
    """

    backup: CheckedBackup
    config: Config
    places: dict[str, Path]
    occupied: tuple[Path, ...]


def plan_restore(backup: CheckedBackup, config_file: Path, *, anywhere: bool) -> RestorePlan:
    """Find the place of every file. Nothing is written.

    Args:
        backup: the backup.
        config_file: place of the configuration.
        anywhere: also places outside the folder of the configuration and the state folder.

    Raises:
        BackupError: a file has no place, or lies outside; the release does not accept the configuration; no space is left.
    """
    config_file = config_file.parent.resolve() / config_file.name
    config = backup.config_at(config_file)
    places: dict[str, Path] = {}
    for entry in backup.manifest.files:
        if entry.name == CONFIG_NAME:
            continue
        place = place_of(entry.name, config)
        if place is None:
            raise BackupError(f"backup {backup.path}: its configuration has no place for {entry.name}")
        places[entry.name] = place
    # Last: it names all the others.
    places[CONFIG_NAME] = config_file
    if not anywhere:
        _refuse_outside(backup.path, places, _allowed(config_file))
    return _planned(backup, config, places)


def plan_look(backup: CheckedBackup, folder: Path) -> RestorePlan:
    """Put every file into one folder, wherever the configuration of the backup says that it belongs. Nothing is written.

    Raises:
        BackupError: the release does not accept the configuration; no space is left.
    """
    folder = folder.resolve()
    config = backup.config_at(folder / CONFIG_NAME)
    events = config.event_log.model_copy(update={"file": folder / EVENTS_NAME, "images": folder / PICTURES})
    config = config.model_copy(update={"event_log": events})
    places = {entry.name: folder / entry.name for entry in backup.manifest.files}
    places[CONFIG_NAME] = places.pop(CONFIG_NAME)
    return _planned(backup, config, places)


def _planned(backup: CheckedBackup, config: Config, places: dict[str, Path]) -> RestorePlan:
    _refuse_full_disk(backup, places)
    images = config.event_log.images
    pictures = [images] if any(map(is_picture, places)) and _is_filled(images) else []
    single = [place for name, place in places.items() if not is_picture(name)]
    # With all of its parts: the write-ahead log of one log must not become another's.
    logs = [path for log in logs_of(places, config) for path in (log, *beside_log(log))]
    # Else the bin would go on with an update that the backup does not have.
    update = [config.updates_folder / name for name in KNOWN]
    wanted = dict.fromkeys((*pictures, *logs, *single, *update))
    return RestorePlan(backup, config, places, tuple(path for path in wanted if os.path.lexists(path)))


def _is_filled(folder: Path) -> bool:
    """Whether there is anything but an empty folder; pictures of two bins must not mix, so that it is replaced as a whole."""
    try:
        with rights_of_owner(folder.parent):
            return folder.is_symlink() or any(folder.iterdir())
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _allowed(config_file: Path) -> tuple[Path, ...]:
    """Folders that a restore may write to: that of the configuration, and the state folder that the machine has now."""
    folders = [config_file.parent, STATE]
    with suppress(SorterError):
        folders.append(load_config(config_file).event_log.file.parent.resolve())
    return tuple(folders)


def _refuse_outside(path: Path, places: dict[str, Path], allowed: tuple[Path, ...]) -> None:
    for name, place in places.items():
        if not any(staging_place(name, place).resolve().is_relative_to(folder) for folder in allowed):
            raise BackupError(
                f"backup {path}: {name} belongs to {place}, outside {' and '.join(map(str, dict.fromkeys(allowed)))}; "
                "--anywhere writes there too, if you trust the backup"
            )


def _refuse_full_disk(backup: CheckedBackup, places: dict[str, Path]) -> None:
    needed: dict[int, tuple[Path, int]] = {}
    for entry in backup.manifest.files:
        folder = next(one for one in places[entry.name].parents if one.exists())
        device = folder.stat().st_dev
        needed[device] = (folder, needed.get(device, (folder, 0))[1] + entry.size)
    for folder, size in needed.values():
        free = shutil.disk_usage(folder).free
        if free < size + SPARE_BYTES:
            raise BackupError(
                f"backup {backup.path}: needs {(size + SPARE_BYTES) / 1e6:,.0f} MB at {folder}, {free / 1e6:,.0f} MB are free; "
                "free some space, or make the backup without pictures"
            )


def logs_of(names: Iterable[str], config: Config) -> list[Path]:
    """Places of the event logs, in use or set aside, and of other databases, that files of a backup are or belong to."""
    named = (log_name_of(name) or (name if name in DATABASES else None) for name in names)
    found = (place_of(log, config) for log in named if log is not None)
    return list(dict.fromkeys(place for place in found if place is not None))


def beside_log(log: Path) -> list[Path]:
    """What SQLite keeps beside an event log, or another database."""
    return [log.with_name(f"{log.name}{suffix}") for suffix in ("-wal", "-shm", "-journal")]


def staging_place(name: str, place: Path) -> Path:
    """The folder that a file is unpacked in. Pictures lie beside their folder, which may be renamed."""
    return place.parent.parent if is_picture(name) else place.parent
