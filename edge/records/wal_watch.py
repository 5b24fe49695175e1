"""Notices that the write-ahead log of an open event log was removed, and saves what it holds."""

import logging
import os
import sqlite3
from pathlib import Path

from edge.records.event_database import write_wal_back

log = logging.getLogger(__name__)


class WalWatch:
    """Knows the write-ahead log that was last written to.

    SQLite goes on writing to one that somebody has removed, and with the process its events would be gone.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._status: os.stat_result | None = None

    def note_commit(self, log_path: Path) -> None:
        """Remember the write-ahead log that was just written to.

        Args:
            log_path: the event log, with all links resolved.
        """
        self._path = log_path.with_name(f"{log_path.name}-wal")
        try:
            self._status = self._path.stat()
        except OSError:
            self._status = None

    def save_removed(self, database: sqlite3.Connection) -> bool:
        """Whether it was removed; what it holds is then in the event log itself, which is to be opened again.

        Args:
            database: the connection that has written to it.

        Raises:
            sqlite3.Error: it was removed, and the event log cannot be written.
        """
        if self._path is None or self._status is None or self._is_there(self._path, self._status):
            return False
        write_wal_back(database)
        log.error("event log: %s was removed while it was in use; its events are kept", self._path)
        self._path = None
        return True

    @staticmethod
    def _is_there(path: Path, known: os.stat_result) -> bool:
        try:
            return os.path.samestat(known, path.stat())
        except OSError:
            return False
