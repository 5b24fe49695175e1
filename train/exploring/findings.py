"""Findings about data sets: duplicates, groups, leaks between parts, shortcuts."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.data.grouping import Embed, group_similar
from train.data.pictures import DataSets, Picture
from train.data.split import Split
from train.errors import DataError
from train.exploring.duplicates import (
    NearDuplicatePair,
    exact_duplicates,
    group_positions,
    near_duplicate_pairs,
    pairs_across,
)
from train.exploring.file_record import FileRecord, read_file_records
from train.exploring.shortcuts import Probe, probe_all, scopes

NEAR_DISTANCE, NEAR_DISTANCE_WITHOUT_NETWORK = 0.45, 0.20
"""Distance below which two pictures are near-duplicates, with and without a network's features. Checked by eye."""
GROUP_DISTANCE_WITHOUT_NETWORK = 0.25
"""Distance below which pictures are one group without a network's features; with features: ``twin_distance`` of the settings."""

Advance = Callable[[str, int, int], None]
"""Called with (name of the work, steps done since the last call, total number of steps)."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Figures and pictures for the page.

    Attributes:
        data_sets: names, in the order given.
        data: what was found, readable or not.
        records: of the readable pictures; positions below are indices into this list.
        unreadable: key of a picture -> reason.
        parts: of each record: "train", "val", "test", or "" for none.
        exact_duplicates: positions of identical files, the largest sets first.
        groups: positions of similar pictures, two or more each, the largest groups first.
        near_duplicates: pairs of nearly the same picture, nearest first.
        probes: accuracy of colours, border and file measures alone.
        distances: descriptor distance below which pictures are one group, and below which they are near-duplicates.
        with_network: descriptors include a network's features.
    """

    data_sets: tuple[str, ...]
    data: DataSets
    records: list[FileRecord]
    unreadable: dict[str, str]
    parts: list[str]
    exact_duplicates: list[list[int]]
    groups: list[list[int]]
    near_duplicates: list[NearDuplicatePair]
    probes: list[Probe]
    distances: tuple[float, float]
    with_network: bool

    @property
    def pictures(self) -> list[Picture]:
        """All pictures, readable or not."""
        return self.data.pictures

    @property
    def unreadable_labels(self) -> dict[str, tuple[int, str]]:
        """Labels of which no picture can be read -> their number, and the reason for the first."""
        found: dict[str, tuple[int, str]] = {}
        for picture in self.pictures:
            if picture.label not in self.labels:
                number, reason = found.get(picture.label, (0, self.unreadable[picture.key]))
                found[picture.label] = number + 1, reason
        return found

    @property
    def labels(self) -> list[str]:
        """Sorted."""
        return sorted({record.picture.label for record in self.records})

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Label -> data set -> number of readable pictures."""
        pairs = Counter((record.picture.label, record.data_set) for record in self.records)
        return {
            label: {name: pairs[label, name] for name in self.data_sets if pairs[label, name]} for label in self.labels
        }

    @property
    def imbalance(self) -> float:
        """Ratio of the numbers of pictures of the most frequent and the rarest label, >= 1."""
        totals = [sum(row.values()) for row in self.counts.values()]
        return max(totals) / min(totals)

    @property
    def across_labels(self) -> list[NearDuplicatePair]:
        """Near-duplicates with different labels: one of the two is wrong."""
        return pairs_across(self.near_duplicates, [record.picture.label for record in self.records])

    @property
    def across_sets(self) -> list[NearDuplicatePair]:
        """Near-duplicates in different data sets: neither is an independent test for the other."""
        return pairs_across(self.near_duplicates, [record.data_set for record in self.records])

    @property
    def across_parts(self) -> list[NearDuplicatePair]:
        """Near-duplicates in different parts of the split: leaks."""
        return pairs_across(self.near_duplicates, self.parts)

    def groups_across_parts(self) -> list[list[int]]:
        """Groups of similar pictures in more than one part."""
        return [row for row in self.groups if len({self.parts[position] for position in row} - {""}) > 1]

    def to_json(self) -> dict[str, Any]:
        """The figures for JSON; pictures by their keys."""

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
            "skipped": dict(self.data.skipped),
            "empty": dict(self.data.empty),
            "notes": list(self.data.notes),
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
    data: DataSets,
    *,
    embed: Embed | None = None,
    group_distance: float | None = None,
    split: Split | None = None,
    seed: int = 1,
    advance: Advance = lambda what, done, total: None,
) -> Findings:
    """Explore data sets.

    Args:
        roots: their folders.
        data: what was found in them.
        embed: see ``train.data.grouping.descriptors``.
        group_distance: distance below which pictures are one group; needed with ``embed``.
        split: the parts to check for leaks; None: the data sets' predefined parts.
        seed: of the folds.
        advance: called with the progress.

    Raises:
        DataError: no picture can be read, or the split names none of them.
    """
    pictures = data.pictures
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
    numbers: NDArray[np.int64] = group_similar(rows, labels, hashes, group_distance)
    pairs = near_duplicate_pairs(rows, near)
    advance("comparing", 1, 1)
    steps = 3 * len(scopes(records))
    return Findings(
        data_sets=tuple(root.resolve().name for root in roots),
        data=data,
        records=records,
        unreadable=unreadable,
        parts=_parts(records, split),
        exact_duplicates=exact_duplicates(hashes),
        groups=group_positions(numbers),
        near_duplicates=pairs,
        probes=probe_all(records, numbers, seed, lambda done: advance("probing", done, steps)),
        distances=(group_distance, near),
        with_network=embed is not None,
    )


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
