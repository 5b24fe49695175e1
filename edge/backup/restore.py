"""Puts a backup in its places: all of it or nothing, over nothing that is there unless that is asked for."""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from edge.backup.accounts import ACCOUNTS_NAME, PRIVATE, check_accounts
from edge.backup.archive import ArchiveMember, read_members
from edge.backup.contents import COMPILED_NAME, EVENTS_NAME, MANIFEST_NAME, MODEL_NAME, is_picture
from edge.backup.plan import RestorePlan, beside_log, logs_of, staging_place
from edge.backup.taught import check_taught
from edge.backup.update import check_update, is_of_update
from edge.errors import BackupError, EventLogError, ModelError
from edge.files.owner import rights_of_owner
from edge.files.state_files import own_as_folder, set_aside, sync_folder
from edge.inference.bundle import read_bundle
from edge.records.event_database import open_for_reading
from edge.records.log_damage import LogDamageError
from edge.records.log_lock import LogLock, lock_name

STAGING = ".restoring"
"""Folder beside the places, in which files lie until all of them are there; one that is left over is removed."""

REPLACED = "replaced"
"""Part of the name under which what was there is kept."""

JPEG = b"\xff\xd8\xff"
"""Beginning of a JPEG picture."""


def restore(plan: RestorePlan, *, force: bool) -> tuple[Path, ...]:
    """Write every file beside its place, check it once more, and only then give all of them their names.

    What fails on the way leaves everything as it was.

    Args:
        plan: the plan.
        force: rename what is there to ``NAME.replaced-N``.

    Returns:
        What was there before, under its new name.

    Raises:
        BackupError: something is there already and ``force`` is false; or a file is no sound model, event log or picture.
        LogInUseError: a sorter that runs uses the event log.
        OSError: a file cannot be written.
    """
    if plan.occupied and not force:
        raise BackupError(occupied_text(plan))
    with ExitStack() as stack:
        _lock(stack, plan.config.event_log.file)
        folders = {staging_place(name, place) for name, place in plan.places.items()}
        staging = {folder: stack.enter_context(_staging_folder(folder)) for folder in sorted(folders)}
        staged = _stage(plan, staging)
        return _put_in_place(plan, staged)


def occupied_text(plan: RestorePlan) -> str:
    """What is in the way of a restore, and what to do."""
    names = ", ".join(str(path) for path in plan.occupied[:3])
    more = f" and {len(plan.occupied) - 3} more" if len(plan.occupied) > 3 else ""
    return f"{names}{more}: there already; --force keeps them as NAME.{REPLACED}-N and takes their place"


def _lock(stack: ExitStack, event_log: Path) -> None:
    """Keep every sorter from the event log; without a lock file there is none that runs."""
    log = event_log.parent.resolve() / event_log.name
    if os.path.lexists(lock_name(log)):
        with rights_of_owner(log.parent):
            stack.callback(LogLock(log).close)


@contextmanager
def _staging_folder(folder: Path) -> Iterator[Path]:
    """A folder within ``folder`` that is empty at first, and gone afterwards; missing folders above it go with it if unused."""
    made: list[Path] = []
    with rights_of_owner(folder):
        for one in reversed([folder, *folder.parents]):
            if not one.exists():
                one.mkdir()
                made.append(one)
        staging = folder / STAGING
        if os.path.lexists(staging):
            shutil.rmtree(staging)
        staging.mkdir(mode=0o700)
        _own(staging, folder)
    try:
        yield staging
    finally:
        with rights_of_owner(folder):
            shutil.rmtree(staging, ignore_errors=True)
            for one in reversed(made):
                with suppress(OSError):  # it is in use
                    one.rmdir()


def _own(path: Path, folder: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        own_as_folder(descriptor, folder)
    finally:
        os.close(descriptor)


def _stage(plan: RestorePlan, staging: dict[Path, Path]) -> dict[str, Path]:
    """Unpack every file beside its place; name in the backup -> where it lies now."""
    wanted = {entry.name: entry for entry in plan.backup.manifest.files}
    staged: dict[str, Path] = {}
    for member in read_members(plan.backup.path):
        if member.name == MANIFEST_NAME:
            continue
        entry, place = wanted.get(member.name), plan.places.get(member.name)
        if entry is None or place is None or member.name in staged:
            raise _changed(plan)
        folder = staging_place(member.name, place)
        path = staging[folder] / f"{len(staged)}-{place.name}"
        with rights_of_owner(folder):
            digest = _write(path, member, place)
            if digest != entry.sha256:
                raise _changed(plan)
            _check_content(plan.backup.path, member.name, path)
        staged[member.name] = path
    if staged.keys() != wanted.keys():
        raise _changed(plan)
    os.sync()  # once for all: a card takes minutes to sync thousands of pictures one by one
    return staged


def _changed(plan: RestorePlan) -> BackupError:
    return BackupError(f"backup {plan.backup.path}: has changed since it was checked; nothing was restored")


def _write(path: Path, member: ArchiveMember, place: Path) -> str:
    """Write a file; its SHA-256. A configuration that is replaced gives its mode and owner to the new one."""
    digest = hashlib.sha256()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        own_as_folder(descriptor, path.parent)
        if place.is_file() and not place.is_symlink():
            status = place.stat()
            os.fchmod(descriptor, status.st_mode & 0o777)
            with suppress(PermissionError):  # only root may give files away
                os.fchown(descriptor, status.st_uid, status.st_gid)
        if member.name == ACCOUNTS_NAME:
            os.fchmod(descriptor, PRIVATE)
        for chunk in member.chunks():
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _check_content(backup: Path, name: str, path: Path) -> None:
    """Check that a file is what its name says.

    Raises:
        BackupError: it is not.
    """
    try:
        if name in (MODEL_NAME, COMPILED_NAME):
            read_bundle(path)
        elif name == EVENTS_NAME:
            with closing(open_for_reading(path)) as events:
                events.execute("SELECT count(*) FROM session").fetchone()
        elif is_picture(name):
            with path.open("rb") as file:
                if file.read(len(JPEG)) != JPEG:
                    raise ValueError("it is no JPEG picture")
        elif name == ACCOUNTS_NAME:
            check_accounts(path)
        elif is_of_update(name):
            check_update(name, path)
        else:
            check_taught(name, path)
    except (sqlite3.Error, LogDamageError, EventLogError, ModelError, ValueError) as error:
        reason = str(error).replace(str(path), name)
        raise BackupError(f"backup {backup}: {name} cannot be used: {reason}; nothing was restored") from error


def _set_aside(plan: RestorePlan) -> Iterator[tuple[Path, Path]]:
    """Rename what is there; each former and new path. A write-ahead log stays with its event log, which needs it."""
    log_of = {part: log for log in logs_of(plan.places, plan.config) for part in beside_log(log)}
    kept_as: dict[Path, Path] = {}
    for path in plan.occupied:
        log = log_of.get(path)
        if log is not None and log in kept_as:
            kept = kept_as[log].with_name(f"{kept_as[log].name}{path.name.removeprefix(log.name)}")
            with rights_of_owner(path.parent):
                os.rename(path, kept)
        else:
            kept = set_aside(path, REPLACED)
        kept_as[path] = kept
        yield path, kept


def _put_in_place(plan: RestorePlan, staged: dict[str, Path]) -> tuple[Path, ...]:
    """Rename every file to its place; if one cannot be, all that was renamed gets its former name."""
    aside: list[Path] = []
    with ExitStack() as undo:
        for path, kept in _set_aside(plan):
            undo.callback(_rename_back, kept, path)
            aside.append(kept)
        images = plan.config.event_log.images
        if any(map(is_picture, plan.places)) and not images.exists():
            with rights_of_owner(images.parent):
                images.mkdir()
                undo.callback(_remove_empty, images)
                _own(images, images.parent)
        for name, place in plan.places.items():
            with rights_of_owner(place.parent):
                if os.path.lexists(place):
                    raise BackupError(f"{place}: has appeared meanwhile; is a sorter running? Nothing was restored")
                os.rename(staged[name], place)
            undo.callback(_rename_back, place, staged[name])
        for folder in {place.parent for place in plan.places.values()}:
            sync_folder(folder)
        undo.pop_all()
    return tuple(aside)


def _rename_back(now: Path, before: Path) -> None:
    with suppress(OSError), rights_of_owner(now.parent):
        os.rename(now, before)


def _remove_empty(folder: Path) -> None:
    with suppress(OSError), rights_of_owner(folder.parent):
        folder.rmdir()
