"""Copies a SQLite database as it is at one moment, whatever is written to it meanwhile."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from edge.errors import EventLogError
from edge.files.owner import rights_of_owner
from edge.records.event_database import connect, is_damage
from edge.records.log_damage import LogDamageError
from edge.records.repair_command import repair_command


@contextmanager
def copied_database(
    path: Path, target: Path, open_source: Callable[[Path], sqlite3.Connection], *, what: str = "event log"
) -> Iterator[BufferedReader]:
    """A copy of a database; it lies beside ``target`` while it is read.

    Args:
        path: the database.
        target: file beside which the copy lies.
        open_source: opens the database for reading, and checks what it is.
        what: what it is, for messages.

    Raises:
        EventLogError: it cannot be read, or is damaged.
    """
    copy = target.with_name(f".{target.name}.{path.stem}.part")
    hint = (
        f"; '{repair_command(path)}' saves what can be read"
        if what == "event log"
        else "; it is mended when something is taught"
    )
    remove_quietly(copy)
    try:
        create_private(copy).close()
        try:
            with rights_of_owner(path.parent):
                source = open_source(path)
            with closing(source), rights_of_owner(target.parent), closing(connect(copy)) as made:
                source.backup(made)
                made.execute("PRAGMA journal_mode = DELETE")  # one file, without a write-ahead log beside it
                found = str(made.execute("PRAGMA quick_check(1)").fetchone()[0])
        except (sqlite3.Error, LogDamageError) as error:
            advice = hint if is_damage(error) else ""
            raise EventLogError(f"{what} {path}: cannot be copied: {error}{advice}") from error
        if found != "ok":
            raise EventLogError(f"{what} {path}: is damaged ({found}){hint}")
        with rights_of_owner(target.parent):
            file = copy.open("rb")
        with file:
            yield file
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            remove_quietly(copy.with_name(f"{copy.name}{suffix}"))


def create_private(path: Path) -> BinaryIO:
    """A new file that only the owner of its folder may read.

    Raises:
        OSError: it cannot be made.
    """
    with rights_of_owner(path.parent):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "w+b")


def remove_quietly(path: Path) -> None:
    """Delete a file if that can be done."""
    with suppress(OSError), rights_of_owner(path.parent):
        path.unlink()
