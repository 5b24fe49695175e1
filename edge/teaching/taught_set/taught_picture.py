"""What the taught set holds: pictures with their labels, and lines about them."""

import sqlite3
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edge.teaching.pictures.looks import Looks
from edge.teaching.pictures.stored_picture import StoredPicture

ROW_BYTES = 300
"""What a picture takes beside its JPEG, mask and features, in bytes."""


class Source(StrEnum):
    """Where a taught picture comes from. The values are stored."""

    FILE = "file"
    """A picture file that the owner named."""
    CAMERA = "camera"
    """The bin's camera."""
    EVENT = "event"
    """A decision that the owner corrected."""


@dataclass(frozen=True, slots=True, eq=False)
class TaughtPicture:
    """A picture that teaches a label.

    Attributes:
        label: its label.
        source: where it comes from.
        origin: name of the file, of the event, or of the camera, for messages.
        wall_s: when it was taken, in seconds since 1970 UTC.
        picture: the picture; None: only its features are known.
        model: SHA-256 of the model whose features ``features`` are; empty if there are none.
        features: int8 (views, n), see ``Looks``; None if they are still to be made from the picture.
        is_cut_off: whether the item runs out of the picture.
        brightness: mean grey level of its first view, 0..255; None: not known.

    Raises:
        ValueError: it has neither picture nor features, or the features have another shape or type.
    """

    label: str
    source: Source
    origin: str
    wall_s: float
    picture: StoredPicture | None
    model: str = ""
    features: NDArray[np.int8] | None = None
    is_cut_off: bool = False
    brightness: float | None = None

    def __post_init__(self) -> None:
        if self.picture is None and self.features is None:
            raise ValueError(f"taught picture {self.origin}: has neither a picture nor features")
        if self.features is not None and (self.features.ndim != 2 or self.features.dtype != np.int8 or not self.model):
            raise ValueError(
                f"taught picture {self.origin}: expected features int8 (views, numbers) of a model, got {self.features.dtype} "
                f"{self.features.shape}"
            )

    @classmethod
    def of_looks(
        cls, label: str, source: Source, origin: str, wall_s: float, picture: StoredPicture, looks: Looks, model: str
    ) -> "TaughtPicture":
        """One whose looks were taken. Arguments as the attributes; ``looks`` are of ``model``."""
        return cls(
            label, source, origin, wall_s, picture, model, looks.features, looks.is_cut_off, round(looks.brightness, 1)
        )

    @property
    def size_bytes(self) -> int:
        """What it takes of the budget, in bytes."""
        picture = 0 if self.picture is None else self.picture.size_bytes
        return ROW_BYTES + picture + (0 if self.features is None else self.features.nbytes)


@dataclass(frozen=True, slots=True)
class TaughtEntry:
    """A line about a picture of the set.

    Attributes:
        number: its number, which never changes.
        label, source, origin, wall_s, is_cut_off, brightness: see ``TaughtPicture``.
        size_bytes: what it takes of the budget.
        has_picture: whether it is there as a picture, and not only by its features.
        is_whole: whether no thing is marked on its picture, so that the whole picture counts.
    """

    number: int
    label: str
    source: str
    origin: str
    wall_s: float
    is_cut_off: bool
    brightness: float | None
    size_bytes: int
    has_picture: bool
    is_whole: bool


ENTRY_COLUMNS = (
    "id, label, source, origin, wall_s, cut_off, brightness, bytes, jpeg IS NOT NULL AS has_picture, "
    "jpeg IS NOT NULL AND mask IS NULL AS is_whole"
)
"""Columns of ``picture`` that ``entry_of`` reads."""


def entry_of(row: sqlite3.Row) -> TaughtEntry:
    """The line about the picture of a row with ``ENTRY_COLUMNS``."""
    return TaughtEntry(
        int(row["id"]),
        str(row["label"]),
        str(row["source"]),
        str(row["origin"]),
        float(row["wall_s"]),
        bool(row["cut_off"]),
        None if row["brightness"] is None else float(row["brightness"]),
        int(row["bytes"]),
        bool(row["has_picture"]),
        bool(row["is_whole"]),
    )


def insert_picture(database: sqlite3.Connection, picture: TaughtPicture, *, change: int) -> int:
    """Insert a picture that a change adds; returns its number.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    stored = picture.picture
    values = (
        picture.label,
        change,
        picture.source.value,
        picture.origin,
        picture.wall_s,
        picture.is_cut_off,
        picture.brightness,
        picture.size_bytes,
        None if stored is None else stored.jpeg,
        None if stored is None else stored.mask,
    )
    cursor = database.execute(
        "INSERT INTO picture (label, added, source, origin, wall_s, cut_off, brightness, bytes, jpeg, mask) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values,
    )
    number = int(cursor.lastrowid or 0)
    if picture.features is not None:
        insert_looks(database, number, picture.model, picture.features)
    return number


def insert_looks(database: sqlite3.Connection, number: int, model: str, features: NDArray[np.int8]) -> None:
    """Insert the features of a picture; those of another model give way.

    Raises:
        sqlite3.Error: they cannot be written.
    """
    database.execute(
        "INSERT OR REPLACE INTO looks VALUES (?, ?, ?, ?)", (number, model, len(features), features.tobytes())
    )
    database.execute(
        "UPDATE picture SET bytes = ? + coalesce(length(jpeg), 0) + coalesce(length(mask), 0) WHERE id = ?",
        (ROW_BYTES + features.nbytes, number),
    )


def features_of(views: int, content: bytes) -> NDArray[np.int8]:
    """The features of a row of ``looks``: int8 (views, n)."""
    return np.frombuffer(content, np.int8).reshape(views, -1)
