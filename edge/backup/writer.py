"""Makes a backup while the bin sorts: everything is read as it is at that moment, and the finished file is read once more."""

import gzip
import hashlib
import io
import os
import socket
import stat
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from edge.backup.accounts import ACCOUNTS_NAME, accounts_place
from edge.backup.archive import most_unpacked
from edge.backup.checked import CheckedBackup, check_backup
from edge.backup.contents import (
    CONFIG_NAME,
    EVENTS_NAME,
    MANIFEST_NAME,
    PICTURES,
    is_picture,
    is_set_aside,
    single_files,
)
from edge.backup.database_copy import copied_database, create_private, remove_quietly
from edge.backup.manifest import FORMAT, VERSION, BackupEntry, BackupManifest
from edge.backup.taught import HEAD_NAME, open_database, taught_places
from edge.backup.update import update_files
from edge.config.schema import Config
from edge.config.update_slot import MOST_MODEL_BYTES as MOST_UPDATE_BYTES
from edge.config.yaml_file import MOST_BYTES as MOST_CONFIG_BYTES
from edge.errors import BackupError, InputMissingError
from edge.files.input_kind import InputKind
from edge.files.owner import rights_of_owner
from edge.files.page_folder import MOST_ACCOUNTS_BYTES
from edge.files.state_files import sync_folder
from edge.inference.bundle import MOST_BYTES as MOST_MODEL_BYTES
from edge.inference.head_file import MOST_BYTES as MOST_HEAD_BYTES
from edge.records.event_database import open_for_reading
from edge.records.repair_command import repair_command
from edge.records.set_aside_logs import set_aside_logs

MOST_PICTURE_BYTES = 50_000_000
"""Largest picture that is taken along: a hundred times a usual one."""

LEVEL = 6
"""Compression, 1 to 9: events shrink to a tenth; pictures and models hardly shrink at any level."""


@dataclass
class _Archive:
    """A backup that is being written, with the list of its files so far."""

    tar: tarfile.TarFile
    entries: list[BackupEntry] = field(default_factory=list)

    def add(self, name: str, content: io.BytesIO | io.BufferedReader, digest: str | None = None) -> None:
        size = content.seek(0, os.SEEK_END)
        content.seek(0)
        digest = digest or hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self.tar.addfile(info, content)
        self.entries.append(BackupEntry(name=name, size=size, sha256=digest))


def write_backup(
    target: Path, config_file: Path, config: Config, *, pictures: bool, made_wall_s: float
) -> CheckedBackup:
    """Write a backup, and read it back before it gets its name.

    The file gets the rights of its folder's owner, and nobody else may read it: configurations may hold passwords.

    Args:
        target: the file to write; one that is there is replaced once the new one is whole.
        config_file: the configuration.
        config: its content.
        pictures: whether the pictures of the items are taken along.
        made_wall_s: the time, in seconds since 1970 UTC.

    Raises:
        InputMissingError: the folder of ``target``, or a file that the configuration names, does not exist.
        BackupError: a file of the bin cannot be taken along.
        EventLogError: the event log cannot be read.
        OSError: the backup cannot be written.
    """
    if not target.parent.is_dir():
        raise InputMissingError(f"backup {target}: there is no folder {target.parent}")
    part = target.with_name(f".{target.name}.part")
    remove_quietly(part)
    try:
        with (
            create_private(part) as file,
            gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=LEVEL) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.USTAR_FORMAT) as tar,
        ):
            archive = _Archive(tar)
            _fill(archive, target, config_file, config, pictures=pictures, made_wall_s=made_wall_s)
        _refuse_empty_logs(archive, config.event_log.file, part.stat().st_size)
        with rights_of_owner(target.parent):
            checked = check_backup(part)
            _flush(part)
            os.replace(part, target)
            sync_folder(target.parent)
    except BaseException:
        remove_quietly(part)
        raise
    return replace(checked, path=target)


def _fill(
    archive: _Archive, target: Path, config_file: Path, config: Config, *, pictures: bool, made_wall_s: float
) -> None:
    archive.add(CONFIG_NAME, io.BytesIO(_read("configuration", config_file, MOST_CONFIG_BYTES)))
    for name, path in single_files(config).items():
        archive.add(name, io.BytesIO(_read(name, path, MOST_MODEL_BYTES)))
    # Before the log and after it: what is repaired or set aside in between is in one of them.
    _add_set_aside(archive, config.event_log.file)
    if config.event_log.file.exists():
        with copied_database(config.event_log.file, target, open_for_reading) as events:
            archive.add(EVENTS_NAME, events)
    _add_set_aside(archive, config.event_log.file)
    _add_taught(archive, config, target)
    for name, path in update_files(config):
        archive.add(name, io.BytesIO(_read("update", path, MOST_UPDATE_BYTES)))
    if (accounts := accounts_place(config)).is_file():
        archive.add(ACCOUNTS_NAME, io.BytesIO(_read("accounts", accounts, MOST_ACCOUNTS_BYTES)))
    for name, picture in _pictures(config.event_log.images) if pictures else ():
        archive.add(name, io.BytesIO(picture))
    manifest = BackupManifest(
        format=FORMAT,
        version=VERSION,
        made_wall_s=made_wall_s,
        host=socket.gethostname(),
        program=version("smart-bin-sorter"),
        files=tuple(archive.entries),
    )
    archive.add(MANIFEST_NAME, io.BytesIO(manifest.model_dump_json(indent=1).encode()))


def _refuse_empty_logs(archive: _Archive, log: Path, packed_bytes: int) -> None:
    """Name the log that makes the backup unpack to more than a reader accepts.

    Raises:
        BackupError: it does.
    """
    if sum(entry.size for entry in archive.entries) > most_unpacked(packed_bytes):
        largest = max(archive.entries, key=lambda entry: entry.size)
        path = log.with_name(f"{log.name}{largest.name.removeprefix(EVENTS_NAME)}")
        raise BackupError(
            f"{path}: {largest.size / 1e6:,.0f} MB, nearly all of it zeros; '{repair_command(log)}' saves "
            "its events, or move it elsewhere"
        )


def _add_set_aside(archive: _Archive, log: Path) -> None:
    """Take along every event log that was set aside and not repaired, as it is, unless the backup has it already.

    Raises:
        BackupError: one cannot be read.
    """
    with rights_of_owner(log.parent):
        aside = set_aside_logs(log)
    for path in (one.with_name(f"{one.name}{part}") for one in aside for part in ("", "-wal", "-journal")):
        name = f"{EVENTS_NAME}{path.name.removeprefix(log.name)}"
        if not is_set_aside(name) or any(entry.name == name for entry in archive.entries):
            continue
        with ExitStack() as stack:
            try:
                with rights_of_owner(log.parent):
                    if not path.is_file():
                        continue  # it was repaired meanwhile, or has no such part
                    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                file = stack.enter_context(os.fdopen(descriptor, "rb"))
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise BackupError(
                    f"event log set aside as {path}: cannot be taken along: {error}; '{repair_command(log)}' "
                    "saves what can be read, or move it elsewhere"
                ) from error
            archive.add(name, file, digest)


def _add_taught(archive: _Archive, config: Config, target: Path) -> None:
    """Take along what was taught, as far as there is something.

    Raises:
        BackupError: the head cannot be read.
        EventLogError: a database cannot be read, or is damaged.
    """
    for name, path in taught_places(config).items():
        if not path.is_file():
            continue
        if name == HEAD_NAME:
            archive.add(name, io.BytesIO(_read("taught head", path, MOST_HEAD_BYTES)))
            continue
        with copied_database(path, target, partial(open_database, name), what="what was taught") as copy:
            archive.add(name, copy)


def _pictures(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name in the backup and content of every picture; one that is deleted meanwhile is left out, and no link is followed."""
    with rights_of_owner(folder):
        paths = sorted(folder.glob("*.jpg"))
    for path in paths:
        name = f"{PICTURES}/{path.name}"
        content = _read_picture(path) if is_picture(name) else None
        if content is not None:
            yield name, content


def _read_picture(path: Path) -> bytes | None:
    with rights_of_owner(path.parent):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_PICTURE_BYTES:
                return None
            return file.read(MOST_PICTURE_BYTES)


def _read(what: str, path: Path, most: int) -> bytes:
    kind = InputKind(what, BackupError, "expected a file to take along", "the configuration names it")
    with kind.reading(path), rights_of_owner(path.parent):
        return kind.read(path, most)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
