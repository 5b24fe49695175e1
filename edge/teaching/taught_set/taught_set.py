"""What the owner taught: pictures with labels and features. Each change is whole or not at all, and can be undone."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edge.errors import LabelError, TaughtSetError
from edge.inference.manifest import Manifest
from edge.records.image_ring import free_bytes
from edge.teaching.pictures.examples import Examples
from edge.teaching.pictures.redundancy import near_duplicates
from edge.teaching.pictures.stored_picture import StoredPicture
from edge.teaching.taught_set.change_history import (
    TaughtChange,
    begin_change,
    delete_pictures,
    newest_change,
    redo,
    undo,
)
from edge.teaching.taught_set.taught_budget import make_room, read_points, used_bytes
from edge.teaching.taught_set.taught_database import TaughtDatabase
from edge.teaching.taught_set.taught_examples import make_examples
from edge.teaching.taught_set.taught_picture import (
    ENTRY_COLUMNS,
    Source,
    TaughtEntry,
    TaughtPicture,
    entry_of,
    features_of,
    insert_looks,
    insert_picture,
)
from edge.teaching.taught_set.taught_schema import TEACHES


@dataclass(frozen=True, slots=True)
class AddedPictures:
    """What became of pictures that were added.

    Attributes:
        change: number of the change.
        numbers: their numbers, in the order of the pictures; those that had to make room at once are among them.
        evicted: number of pictures that were deleted to make room.
    """

    change: int
    numbers: tuple[int, ...]
    evicted: int


class TaughtSet:
    """The set of a bin, a database in its folder. To be used as a context manager, or closed.

    Args:
        folder: its folder; created if necessary.
        budget_bytes: what the pictures may take; what can be missed best is deleted first (see ``pictures.redundancy``).
        reserve_bytes: free space of the disk that is left to the events.
        base: the model whose features tell which pictures are alike; None: that is not known.
        read_only: open one that is there for reading.
        measure_free: returns the free space of a folder's disk, in bytes.

    Attributes:
        budget_bytes: as given.

    Raises:
        TaughtSetError: it cannot be opened.
    """

    def __init__(
        self,
        folder: Path,
        *,
        budget_bytes: int,
        reserve_bytes: int = 0,
        base: Manifest | None = None,
        read_only: bool = False,
        measure_free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self.budget_bytes = budget_bytes
        self._folder = folder
        self._reserve_bytes = reserve_bytes
        self._base = base
        self._measure_free = measure_free
        self._database = TaughtDatabase(folder, read_only=read_only)

    @property
    def path(self) -> Path:
        """The database."""
        return self._database.path

    def add(
        self, pictures: Sequence[TaughtPicture], what: str, *, wall_s: float, change: int | None = None
    ) -> AddedPictures:
        """Add pictures. They are on the disk when this returns.

        An event that was taught before is taught anew: the earlier one is dropped.

        Args:
            pictures: the pictures.
            what: what this change does, in words.
            wall_s: the time, in seconds since 1970 UTC.
            change: the change that these pictures are to belong to as well, if it is still the newest; None begins a new one.

        Raises:
            TaughtSetError: they do not fit into the budget or onto the disk, or cannot be written; nothing was changed.
        """
        self._refuse_full_disk(sum(picture.size_bytes for picture in pictures))

        def write(database: sqlite3.Connection) -> AddedPictures:
            newest = newest_change(database)
            is_newest = newest is not None and newest.number == change
            number = change if change is not None and is_newest else begin_change(database, what, wall_s=wall_s)
            database.execute("UPDATE change SET what = ? WHERE id = ?", (what, number))
            for picture in pictures:
                if picture.source is Source.EVENT:
                    database.execute(
                        f"UPDATE picture SET dropped = ? WHERE source = ? AND origin = ? AND {TEACHES}",
                        (number, Source.EVENT.value, picture.origin),
                    )
            numbers = tuple(insert_picture(database, picture, change=number) for picture in pictures)
            evicted = make_room(database, self.budget_bytes, self._base)
            database.execute("UPDATE change SET evicted = evicted + ? WHERE id = ?", (evicted, number))
            return AddedPictures(number, numbers, evicted)

        return self._database.write(write)

    def drop(self, numbers: Iterable[int], what: str, *, wall_s: float, for_good: bool = False) -> int:
        """Drop pictures; returns how many.

        Args:
            numbers: their numbers.
            what: what this change does, in words.
            wall_s: the time, in seconds since 1970 UTC.
            for_good: delete them at once, so that this cannot be undone.

        Raises:
            LabelError: one of them is not in the set; nothing was changed.
            TaughtSetError: it cannot be written; nothing was changed.
        """

        def write(database: sqlite3.Connection) -> int:
            change = None if for_good else begin_change(database, what, wall_s=wall_s)
            dropped = 0
            for number in dict.fromkeys(numbers):
                if database.execute(f"SELECT 1 FROM picture WHERE id = ? AND {TEACHES}", (number,)).fetchone() is None:
                    raise LabelError(
                        f"picture {number}: is not in the taught set; 'sorter teach list --all' lists the numbers"
                    )
                if change is None:
                    dropped += delete_pictures(database, "id = ?", number)
                else:
                    dropped += database.execute(
                        "UPDATE picture SET dropped = ? WHERE id = ?", (change, number)
                    ).rowcount
            return dropped

        return self._database.write(write)

    def undo(self) -> TaughtChange | None:
        """Undo the newest change that is not undone; returns it, or None if there is none.

        Raises:
            TaughtSetError: it cannot be written.
        """
        return self._database.write(undo)

    def redo(self) -> TaughtChange | None:
        """Do the change again that was undone last; returns it, or None if there is none.

        Raises:
            TaughtSetError: it cannot be written.
        """
        return self._database.write(redo)

    @property
    def newest_change(self) -> TaughtChange | None:
        """The change that ``undo`` would undo; None if there is none."""
        return self._database.read(newest_change)

    @property
    def used_bytes(self) -> int:
        """What all pictures take of the budget, those that are kept for ``undo`` too."""
        return self._database.read(used_bytes)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that are taught, sorted."""
        query = f"SELECT DISTINCT label FROM picture WHERE {TEACHES} ORDER BY label"
        return self._database.read(lambda database: tuple(str(label) for (label,) in database.execute(query)))

    def entries(self, label: str | None = None) -> list[TaughtEntry]:
        """A line about every picture, oldest first; of one label, or (None) of all."""
        which = (f"{TEACHES} AND label = ?", (label,)) if label is not None else (TEACHES, ())
        query = f"SELECT {ENTRY_COLUMNS} FROM picture WHERE {which[0]} ORDER BY id"
        return self._database.read(lambda database: [entry_of(row) for row in database.execute(query, which[1])])

    def near_duplicates(self) -> frozenset[int]:
        """Numbers of the pictures of which a newer one of the same label is a near-duplicate: the first to make room."""
        return near_duplicates(self._database.read(lambda database: list(read_points(database, self._base))))

    def picture(self, number: int) -> StoredPicture | None:
        """A picture of the set; None if there is none of this number, or only its features are known."""
        row = self._database.read(
            lambda database: database.execute("SELECT jpeg, mask FROM picture WHERE id = ?", (number,)).fetchone()
        )
        return None if row is None or row["jpeg"] is None else StoredPicture(row["jpeg"], row["mask"])

    def find(self, picture: StoredPicture) -> TaughtEntry | None:
        """The entry of just this picture, bit for bit; None if it is not in the set."""
        query = f"SELECT {ENTRY_COLUMNS} FROM picture WHERE jpeg = ? AND {TEACHES}"
        row = self._database.read(lambda database: database.execute(query, (picture.jpeg,)).fetchone())
        return None if row is None else entry_of(row)

    def knows(self, picture: TaughtPicture) -> bool:
        """Whether just this one is in the set, bit for bit, under any label: by its picture, else by its features."""
        if picture.picture is not None:
            return self.find(picture.picture) is not None
        assert picture.features is not None  # one of them is there
        query = f"SELECT 1 FROM picture JOIN looks ON picture = id WHERE model = ? AND features = ? AND {TEACHES}"
        values = (picture.model, picture.features.tobytes())
        return self._database.read(lambda database: database.execute(query, values).fetchone() is not None)

    def looks(self, model: str) -> dict[int, NDArray[np.int8]]:
        """Features of the pictures that have them of a model: number -> int8 (views, n), oldest first.

        Args:
            model: SHA-256 of the model.
        """
        query = f"SELECT id, views, features FROM picture JOIN looks ON picture = id WHERE model = ? AND {TEACHES} ORDER BY id"
        return self._database.read(
            lambda database: {
                int(row["id"]): features_of(row["views"], row["features"]) for row in database.execute(query, (model,))
            }
        )

    def examples(self, base_sha256: str) -> Examples:
        """The set as examples to fit a head to; pictures without features of the model are left out.

        Args:
            base_sha256: SHA-256 of the model.

        Raises:
            LabelError: there is no picture with features of it.
        """
        looks = self.looks(base_sha256)
        entries = [entry for entry in self.entries() if entry.number in looks]
        if not entries:
            raise LabelError(
                f"taught set {self.path}: nothing is taught; 'sorter teach capture LABEL' or 'sorter teach add' begins"
            )
        return make_examples(entries, looks)

    def keep_looks(self, model: str, looks: Mapping[int, NDArray[np.int8]]) -> None:
        """Keep features that were made anew from pictures of the set. That is no change that could be undone.

        Args:
            model: SHA-256 of the model.
            looks: number -> int8 (views, n).

        Raises:
            TaughtSetError: they cannot be written.
        """

        def write(database: sqlite3.Connection) -> None:
            for number, features in looks.items():
                insert_looks(database, number, model, features)

        self._database.write(write)

    def close(self) -> None:
        """Close the database. May be called more than once."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _refuse_full_disk(self, size: int) -> None:
        try:
            free = self._measure_free(self._folder)
        except OSError:
            return  # the write itself tells
        if free < size + self._reserve_bytes:
            raise TaughtSetError(
                f"taught set {self.path}: {free / 1e6:.1f} MB are free, {self._reserve_bytes / 1e6:g} of them for events "
                "(event_log.reserve_mb): make room on the disk; nothing was changed"
            )
