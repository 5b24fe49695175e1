"""The features that a decision was made from, beside its event in the event log: a correction teaches without the picture."""

import sqlite3
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.records.feature_table import feature_id, has_features

MOST_VIEWS = 4
"""Views of an item whose features are kept: as many as an item gets by default; more of the same item teach little."""


@dataclass(frozen=True, slots=True, eq=False)
class EventFeatures:
    """What is kept of a decision beside its event.

    Attributes:
        head: SHA-256 of the taught head that decided; None: the model alone.
        share: probability with which such a decision is offered for review, 0..1.
        offered: whether it is.
        vectors: raw features of its views, int8 (views, n); None: the model gives none.

    Raises:
        ValueError: the share is out of range, or the vectors are no rows of int8.
    """

    head: str | None
    share: float
    offered: bool
    vectors: NDArray[np.int8] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"event features: share is {self.share}, expected 0 to 1")
        if self.vectors is not None and (self.vectors.ndim != 2 or self.vectors.dtype != np.int8):
            raise ValueError(f"event features: expected int8 (views, n), got {self.vectors.dtype} {self.vectors.shape}")


def insert_features(database: sqlite3.Connection, key: tuple[int, int], features: EventFeatures) -> None:
    """Keep the features of an event, within a transaction of the caller.

    Args:
        database: an event log, with ``make_features``.
        key: session and number of the event.
        features: what is kept; of more than ``MOST_VIEWS`` views the first ones.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    vectors = np.zeros((0, 0), np.int8) if features.vectors is None else features.vectors[:MOST_VIEWS]
    row = (feature_id(*key), features.head, features.share, int(features.offered), len(vectors), vectors.tobytes())
    if database.execute("INSERT OR IGNORE INTO features VALUES (?, ?, ?, ?, ?, ?)", row).rowcount:
        database.execute("UPDATE features_size SET bytes = bytes + ?", (vectors.size,))


def read_features(database: sqlite3.Connection, key: tuple[int, int]) -> EventFeatures | None:
    """What is kept of an event; None: nothing, or it is damaged.

    Args:
        database: an event log.
        key: session and number of the event.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    if not has_features(database):
        return None
    row = database.execute(
        "SELECT head, share, offered, views, vector FROM features WHERE id = ?", (feature_id(*key),)
    ).fetchone()
    if row is None:
        return None
    head, share, offered, views, vector = row
    try:
        vectors = np.frombuffer(vector, np.int8).reshape(views, -1) if views else None
        return EventFeatures(head if isinstance(head, str) else None, float(share), bool(offered), vectors)
    except (TypeError, ValueError):
        return None
