"""The SQLite file of the taught set: opened, checked, set aside where it is damaged, and changed in transactions."""

import errno
import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from edge.errors import TaughtSetError
from edge.files.owner import make_folder, rights_of_owner
from edge.files.state_files import is_in_the_way, is_regular, set_aside
from edge.records.event_database import CANNOT_OPEN, commit, connect, is_damage
from edge.records.log_damage import LogDamageError
from edge.teaching.taught_set.taught_salvage import salvage_taught
from edge.teaching.taught_set.taught_schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION, check_schema

log = logging.getLogger(__name__)

FILE_NAME = "taught.sqlite"
"""Name of the database in its folder."""

READ_ONLY = 8
"""SQLite's result code for a database that may not be written."""

SYNCHRONOUS = "EXTRA"
"""How SQLite writes: also the end of a change, the deleting of its journal, survives a power cut."""

Result = TypeVar("Result")


class TaughtDatabase:
    """The database of a taught set. Every change is one transaction: after a kill or a power cut it is there, or none of it is.

    Root works in it with the rights of the folder's owner. A database that is damaged or another program's is set aside by
    name, and what can be read of it is taken over into a new one.

    Args:
        folder: its folder; created if necessary.
        read_only: open one that is there for reading; nothing is created or mended.

    Attributes:
        path: the database.

    Raises:
        TaughtSetError: it cannot be opened; if ``read_only``, also if it is damaged.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.path = folder / FILE_NAME
        self._folder = folder
        try:
            if not read_only:
                make_folder(folder)
            with rights_of_owner(folder):
                self._refuse_what_is_no_file()
                self._database = self._open_for_reading() if read_only else self._open()
        except (sqlite3.Error, LogDamageError, OSError) as error:
            if isinstance(error, TaughtSetError):
                raise
            raise TaughtSetError(f"taught set {self.path}: cannot be opened: {error}{_hint(error)}") from error

    def read(self, query: Callable[[sqlite3.Connection], Result]) -> Result:
        """The result of a query.

        Raises:
            TaughtSetError: the database cannot be read.
        """
        try:
            with rights_of_owner(self._folder):
                return query(self._database)
        except (sqlite3.Error, OSError) as error:
            raise TaughtSetError(f"taught set {self.path}: cannot be read: {error}") from error

    def write(self, change: Callable[[sqlite3.Connection], Result]) -> Result:
        """Make a change. It is on the disk when this returns.

        Raises:
            TaughtSetError: the database cannot be written, or what ``change`` raised; nothing of it was written.
        """
        try:
            with rights_of_owner(self._folder):
                return commit(self._database, lambda: change(self._database))
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, TaughtSetError):
                raise
            raise TaughtSetError(
                f"taught set {self.path}: cannot be written: {error}; nothing was changed{_hint(error)}"
            ) from error

    def close(self) -> None:
        """Close the database. May be called more than once."""
        with rights_of_owner(self._folder):
            self._database.close()

    def _refuse_what_is_no_file(self) -> None:
        """What is no file of its own is set aside (links, folders, pipes), or refused (a second name of another file).

        Raises:
            TaughtSetError: the file has a second name.
            OSError: it cannot be set aside.
        """
        for path in (self.path, self._journal):
            if is_in_the_way(path):
                log.error("taught set: %s is no file, kept as %s", path, set_aside(path).name)
            elif is_regular(path) and path.stat().st_nlink > 1:
                raise TaughtSetError(
                    f"taught set {path}: has a second name (a hard link), under which something else may be meant; expected a "
                    "file of its own: copy it to another name, delete it, and name the copy as it was"
                )

    @property
    def _journal(self) -> Path:
        return self.path.with_name(f"{self.path.name}-journal")

    def _open_for_reading(self) -> sqlite3.Connection:
        if is_nothing_taught(self._folder):
            raise TaughtSetError(f"taught set {self.path}: no such file; nothing has been taught yet")
        # A change that was cut off is rolled back by whoever may write; who may not is told so by SQLite.
        database = connect(f"{self.path.resolve().as_uri()}?mode={self._mode}", uri=True)
        try:
            if not check_schema(database):
                raise LogDamageError("damaged", "it is empty")
        except BaseException:
            database.close()
            raise
        return database

    @property
    def _mode(self) -> str:
        return "rw" if os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK) else "ro"

    def _open(self) -> sqlite3.Connection:
        """Open the database for writing; one that cannot be used is set aside first."""
        kept: Path | None = None
        for place in (self._folder, self.path):
            if place.exists() and not os.access(place, os.W_OK):
                # SQLite would say so only at the first change.
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))
        if self.path.exists():
            try:
                self._examine()
            except (sqlite3.Error, LogDamageError) as error:
                kind = error.kind if isinstance(error, LogDamageError) else "damaged"
                if not is_damage(error) or kind == "newer":
                    raise
                kept = set_aside(self.path, kind)
                if is_regular(self._journal):
                    set_aside(self._journal, kind)
                log.error("taught set %s: %s; kept as %s, a new one is begun", self.path, error, kept.name)
        database = connect(self.path)
        try:
            self._begin(database)
            if kept is not None and (saved := commit(database, lambda: salvage_taught(kept, database))):
                log.warning("taught set %s: %d pictures of the damaged one were taken over", self.path, saved)
        except BaseException:
            database.close()
            raise
        return database

    def _examine(self) -> None:
        with closing(connect(f"{self.path.resolve().as_uri()}?mode={self._mode}", uri=True)) as database:
            if not check_schema(database):
                return
            found = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
            if found != "ok":
                raise LogDamageError("damaged", found)

    def _begin(self, database: sqlite3.Connection) -> None:
        """Set how the database writes, and make its tables if it is new."""
        database.execute("PRAGMA journal_mode = DELETE")  # one file when nobody writes, to be copied and read as it is
        database.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
        # A picture that is deleted is gone: its place in the file is overwritten.
        database.execute("PRAGMA secure_delete = ON")
        with suppress(sqlite3.OperationalError):  # another process has just made them
            if not check_schema(database):
                # What is deleted makes the file smaller: the budget holds for it as well.
                database.execute("PRAGMA auto_vacuum = FULL")
                marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
                database.executescript(f"BEGIN IMMEDIATE; {SCHEMA} {marks} COMMIT;")
        check_schema(database)


def is_nothing_taught(folder: Path) -> bool:
    """Whether there is no taught set in a folder; False where the folder may not be looked into."""
    try:
        return not (folder / FILE_NAME).exists()
    except PermissionError:
        return False


def _hint(error: Exception) -> str:
    """What to do where rights are missing: the end of a sentence."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    denied = isinstance(error, PermissionError) or code in (CANNOT_OPEN, READ_ONLY)
    return "; the set of a bin that runs as a service belongs to it: run this with sudo" if denied else ""
