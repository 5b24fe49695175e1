"""What the owner taught, as far as it belongs to a backup: the taught pictures, what was said of decisions, the head in use."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from edge.config.schema import Config
from edge.inference.head_file import read_head
from edge.records.event_database import connect
from edge.records.log_damage import LogDamageError
from edge.teaching.reviews.review_log import NAME as REVIEWS_NAME
from edge.teaching.reviews.review_log import check_reviews
from edge.teaching.taught_set.taught_database import FILE_NAME as TAUGHT_NAME
from edge.teaching.taught_set.taught_schema import check_schema

HEAD_NAME = "taught.head"

DATABASES: dict[str, Callable[[sqlite3.Connection], bool]] = {
    TAUGHT_NAME: check_schema,
    REVIEWS_NAME: check_reviews,
}
"""Name in the backup of each database -> its check, which returns False for one without a table."""


def taught_places(config: Config) -> dict[str, Path]:
    """Name in the backup -> place of what was taught; none of it need be there. A head of an update is in its slot."""
    return {HEAD_NAME: config.configured.head_file} | {name: config.teaching_folder / name for name in DATABASES}


def open_database(name: str, path: Path) -> sqlite3.Connection:
    """Open one of ``DATABASES`` for reading.

    Raises:
        LogDamageError: it is another program's, or of a newer version.
        sqlite3.Error: it cannot be read.
    """
    database = connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        DATABASES[name](database)
    except BaseException:
        database.close()
        raise
    return database


def check_taught(name: str, path: Path) -> None:
    """Check a file of a backup.

    Raises:
        ModelError: it is no sound head.
        ValueError, sqlite3.Error: it is no sound database of its kind.
    """
    if name == HEAD_NAME:
        read_head(path)
    elif name in DATABASES:
        try:
            with closing(open_database(name, path)) as database:
                found = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
        except LogDamageError as error:
            raise ValueError(str(error)) from error
        if found != "ok":
            raise ValueError(f"it is damaged ({found})")
