"""Tables that stand in an event log beside those of its schema, whose version stays: an older release passes over them."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.records.log_damage import LogDamageError


@dataclass(frozen=True, slots=True)
class SideTables:
    """Tables that are added together to a log that has none of them.

    Attributes:
        columns: name of each table -> names of its columns.
        schema: SQL that makes them, and changes nothing where they are.
    """

    columns: Mapping[str, Sequence[str]]
    schema: str

    def are_in(self, database: sqlite3.Connection) -> bool:
        """Whether the log has all of them: one that was only ever written by an older release has none.

        Raises:
            sqlite3.Error: it cannot be read.
        """
        names = ", ".join(f"'{name}'" for name in self.columns)
        found = f"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ({names})"
        return int(database.execute(found).fetchone()[0]) == len(self.columns)

    def check_columns(self, database: sqlite3.Connection) -> None:
        """Check the columns of those that are there.

        Raises:
            LogDamageError: a table has other columns.
            sqlite3.Error: it cannot be read.
        """
        for table, columns in self.columns.items():
            found = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            if found not in ([], list(columns)):
                raise LogDamageError("damaged", f"table {table} has other columns")

    def make(self, database: sqlite3.Connection) -> None:
        """Add them to a log that has none.

        Raises:
            sqlite3.Error: it cannot be written.
        """
        if not self.are_in(database):
            database.executescript(f"BEGIN IMMEDIATE; {self.schema} COMMIT;")
