"""What was found out about data sets: figures without a page round them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.data.grouping import Embed, group
from train.data.pictures import SUFFIXES, Picture
from train.data.split import Split
from train.errors import DataError
from train.exploring.duplicates import NearDuplicatePair, clusters, crossing, exact_duplicates, near_duplicate_pairs
from train.exploring.file_record import FileRecord, read_file_records
from train.exploring.shortcuts import Probe, probe_all, scopes

NEAR_DISTANCE, NEAR_DISTANCE_WITHOUT_NETWORK = 0.45, 0.20
"""Distance under which two pictures are one shot or nearly so; the second without a network's features. Looked at by eye."""
GROUP_DISTANCE_WITHOUT_NETWORK = 0.25
"""Without features: distance under which pictures are one group. With features, ``twin_distance`` of the settings."""

Advance = Callable[[str, int, int], None]
"""Called as (what is being done, steps done since the last call, steps in all)."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything the page shows.

    Attributes:
        data_sets: names, in the order given.
        found: every picture, readable or not.
        specimens: the readable ones; positions below count in here.
        unreadable: key -> reason.
        skipped: ending -> files in the label folders that are no pictures to us.
        parts: of each specimen: "train", "val", "test", or "" for none.
        copies: byte for byte the same, most first.
        groups: like pictures, two or more each, most first.
        near: pairs that are nearly one picture, nearest first.
        probes: what colours, border and file measures alone achieve.
        distances: (like, near) in descriptor distance.
        with_network: likeness was judged with a network's features as well.
    """

    data_sets: tuple[str, ...]
    pictures: list[Picture]
    records: list[FileRecord]
    unreadable: dict[str, str]
    skipped: dict[str, int]
    parts: list[str]
    exact_duplicates: list[list[int]]
    groups: list[list[int]]
    near_duplicates: list[NearDuplicatePair]
    probes: list[Probe]
    distances: tuple[float, float]
    with_network: bool

    @property
    def labels(self) -> list[str]:
        """Sorted."""
        return sorted({record.picture.label for record in self.records})

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Label -> data set -> readable pictures."""
        pairs = Counter((record.picture.label, record.data_set) for record in self.records)
        return {
            label: {name: pairs[label, name] for name in self.data_sets if pairs[label, name]} for label in self.labels
        }

    @property
    def imbalance(self) -> float:
        """The most frequent label's pictures by the rarest one's."""
        totals = [sum(row.values()) for row in self.counts.values()]
        return max(totals) / min(totals)

    @property
    def across_labels(self) -> list[NearDuplicatePair]:
        """Near pairs with two labels: one of the two is wrong."""
        return crossing(self.near_duplicates, [record.picture.label for record in self.records])

    @property
    def across_sets(self) -> list[NearDuplicatePair]:
        """Near pairs from two data sets: the one is no unseen test for the other."""
        return crossing(self.near_duplicates, [record.data_set for record in self.records])

    @property
    def across_parts(self) -> list[NearDuplicatePair]:
        """Near pairs in two parts of the split: leaks."""
        return crossing(self.near_duplicates, self.parts)

    def groups_across_parts(self) -> list[list[int]]:
        """Groups of like pictures that lie in more than one part."""
        return [row for row in self.groups if len({self.parts[position] for position in row} - {""}) > 1]

    def to_json(self) -> dict[str, Any]:
        """The same figures, pictures by their keys."""

        def keys(rows: Sequence[Sequence[int]]) -> list[list[str]]:
            return [[self.records[position].picture.key for position in row] for row in rows]

        def pairs(found: Sequence[NearDuplicatePair]) -> list[dict[str, Any]]:
            return [
                {
                    "distance": pair.distance,
                    "one": self.records[pair.one].picture.key,
                    "other": self.records[pair.other].picture.key,
                }
                for pair in found
            ]

        return {
            "data_sets": list(self.data_sets),
            "pictures": len(self.pictures),
            "readable": len(self.records),
            "unreadable": self.unreadable,
            "skipped": self.skipped,
            "counts": self.counts,
            "imbalance": round(self.imbalance, 3),
            "parts": dict(Counter(part for part in self.parts if part)),
            "with_network": self.with_network,
            "distances": {"like": self.distances[0], "near": self.distances[1]},
            "copies": keys(self.exact_duplicates),
            "groups": keys(self.groups),
            "near_pairs": len(self.near_duplicates),
            "across_labels": pairs(self.across_labels),
            "across_data_sets": pairs(self.across_sets),
            "across_parts": pairs(self.across_parts),
            "groups_across_parts": keys(self.groups_across_parts()),
            "probes": [probe.to_json() for probe in self.probes],
        }


def explore_data(
    roots: Sequence[Path],
    pictures: Sequence[Picture],
    *,
    embed: Embed | None = None,
    group_distance: float | None = None,
    split: Split | None = None,
    seed: int = 1,
    advance: Advance = lambda what, done, total: None,
) -> Findings:
    """Find out about data sets.

    Args:
        roots: their folders.
        pictures: what ``find_pictures(roots)`` found.
        embed: see ``train.data.grouping.descriptors``.
        group_distance: distance under which pictures are one group; needed with ``embed``.
        split: the parts to check for leaks; default: the parts that the data sets came with.
        seed: of the folds.
        advance: is told of progress.

    Raises:
        DataError: nothing can be read, or the split is about other pictures.
    """
    names = [picture.data_set for picture in pictures]
    records, rows, unreadable = read_file_records(
        pictures, names, embed, lambda done: advance("reading", done, len(pictures))
    )
    if not records:
        key, reason = next(iter(unreadable.items()))
        raise DataError(f"data: none of {len(pictures)} pictures can be read, such as {key}: {reason}")
    near = NEAR_DISTANCE if embed else NEAR_DISTANCE_WITHOUT_NETWORK
    group_distance = group_distance if embed and group_distance is not None else GROUP_DISTANCE_WITHOUT_NETWORK
    hashes = [record.sha256 for record in records]
    labels = [record.picture.label for record in records]
    advance("comparing", 0, 1)
    numbers: NDArray[np.int64] = group(rows, labels, hashes, group_distance)
    pairs = near_duplicate_pairs(rows, near)
    advance("comparing", 1, 1)
    steps = 3 * len(scopes(records))
    return Findings(
        data_sets=tuple(root.resolve().name for root in roots),
        pictures=list(pictures),
        records=records,
        unreadable=unreadable,
        skipped=_skipped(pictures),
        parts=_parts(records, split),
        exact_duplicates=exact_duplicates(hashes),
        groups=clusters(numbers),
        near_duplicates=pairs,
        probes=probe_all(records, numbers, seed, lambda done: advance("probing", done, steps)),
        distances=(group_distance, near),
        with_network=embed is not None,
    )


def _skipped(pictures: Sequence[Picture]) -> dict[str, int]:
    """Files beside the pictures that are not read: ending -> how many."""
    folders = sorted({picture.path.parent for picture in pictures})
    endings = Counter(
        path.suffix.lower() or "no ending"
        for folder in folders
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and path.suffix.lower() not in SUFFIXES
    )
    return dict(sorted(endings.items()))


def _parts(records: Sequence[FileRecord], split: Split | None) -> list[str]:
    if split is None:
        return [record.picture.part for record in records]
    part_of = {key: part for part, keys in split.parts.items() for key in keys}
    parts = [part_of.get(record.picture.key, "") for record in records]
    if not any(parts):
        raise DataError(
            f"split: none of its pictures is in the data, such as {next(iter(part_of), 'none at all')!r} beside "
            f"{records[0].picture.key!r}; give the same --data folders as the split was made with"
        )
    return parts
