"""Make a split: the data set's predefined one, else one drawn by groups of pictures that may show one item."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from edge.sight.view import ViewSpec
from train.data import grouping
from train.data.cache import load_views, log_unreadable
from train.data.item_clues import find_items, joined
from train.data.pictures import Picture
from train.data.split import Split
from train.data.stratified_split import draw_stratified_split, predefined_split
from train.errors import DataError
from train.network.model import feature_extractor
from train.runs.settings import Settings

log = logging.getLogger("train")

FOLLOW_SHARE = 0.73
"""Distance below which a new picture follows its near-duplicate into its part, as a share of ``twin_distance``: 0.45 at the
default of 0.62; pairs below are near-duplicates (checked by eye on TrashNet and wasteset)."""


def make_split(pictures: list[Picture], settings: Settings) -> Split:
    """Split pictures by the settings' seed, shares, twin_distance and group.

    Raises:
        DataError: a label has no readable picture, or too few groups of them.
    """
    clues = find_items(pictures, settings.group)
    if any(picture.part for picture in pictures):
        own = dict(zip((picture.key for picture in pictures), clues.groups.tolist(), strict=True))
        return predefined_split(pictures, own, val_share=settings.val_share, seed=settings.seed)
    readable, rows, unreadable = _describe(pictures, settings)
    missing = sorted({picture.label for picture in pictures} - {picture.label for picture in readable})
    if missing:
        raise DataError(f"data: no readable picture of {missing}; {_first_reason(unreadable, missing)}")
    numbers = grouping.group_similar(
        rows, [picture.label for picture in readable], grouping.file_hashes(readable), settings.twin_distance
    )
    alike = sum(size for size in Counter(numbers.tolist()).values() if size > 1)
    item_of = dict(zip((picture.key for picture in pictures), clues.groups.tolist(), strict=True))
    numbers = joined(numbers, np.array([item_of[picture.key] for picture in readable]))
    sizes = Counter(numbers.tolist())
    log.info(
        "%d pictures in %d groups, each in one part; %d pictures look like another one, the largest group has %d",
        len(readable),
        len(sizes),
        alike,
        max(sizes.values()),
    )
    for line in clues.notes:
        log.info("%s", line)
    return draw_stratified_split(
        readable, numbers.tolist(), val_share=settings.val_share, test_share=settings.test_share, seed=settings.seed
    )


def extend_split(base: Split, pictures: list[Picture], settings: Settings) -> Split:
    """Extend ``base`` by the pictures that it does not name; near-duplicates and items of its pictures go to the same part.

    Raises:
        DataError: as ``make_split``; or ``base`` names all pictures.
    """
    rest = [picture for picture in pictures if picture.key not in base.keys]
    if not rest:
        raise DataError("split: the split to extend names every picture already; there is nothing to add")
    split = base.merged_with(make_split(rest, settings))
    readable, rows, _ = _describe(pictures, settings)
    base_rows = [row for row, picture in enumerate(readable) if picture.key in base.keys]
    new_rows = [row for row, picture in enumerate(readable) if picture.key not in base.keys]
    if not base_rows or not new_rows:
        return split
    # Nearer than the average distance inside a group: only then it is certainly the same item.
    max_distance = settings.twin_distance * FOLLOW_SHARE
    distances, neighbours = NearestNeighbors(n_neighbors=1).fit(rows[base_rows]).kneighbors(rows[new_rows])
    part_of = {key: part for part, keys in base.parts.items() for key in keys}
    leaders = {
        split.groups[readable[row].key]: readable[base_rows[int(place)]].key
        for row, distance, place in zip(new_rows, distances[:, 0], neighbours[:, 0], strict=True)
        if distance <= max_distance
    }
    leaders |= _leaders_by_item(base, split, pictures, settings)
    for number, leader in leaders.items():
        split = split.with_group_in(number, part_of[leader])
    if leaders:
        log.info("%d groups of new pictures follow a picture of the same item into its part", len(leaders))
    return split


def _leaders_by_item(base: Split, split: Split, pictures: Sequence[Picture], settings: Settings) -> dict[int, str]:
    """Group of new pictures -> key of a picture in ``base`` that shows the same item, as far as files say it."""
    items = find_items(pictures, settings.group).groups.tolist()
    old = {item: picture.key for item, picture in zip(items, pictures, strict=True) if picture.key in base.keys}
    return {
        split.groups[picture.key]: old[item]
        for item, picture in zip(items, pictures, strict=True)
        if item in old and picture.key not in base.keys and picture.key in split.groups
    }


def _first_reason(unreadable: Mapping[Picture, str], labels: list[str]) -> str:
    picture = next(picture for picture in unreadable if picture.label in labels)
    return f"{picture.path}: {unreadable[picture]}"


def _describe(
    pictures: list[Picture], settings: Settings
) -> tuple[list[Picture], NDArray[np.float32], dict[Picture, str]]:
    """The readable pictures, sorted, a descriptor for each (``train.data.grouping.descriptors``), and the unreadable ones."""
    labels = sorted({picture.label for picture in pictures})
    views, _, unreadable = load_views(pictures, labels, ViewSpec(size=settings.size, toning=0.0), "full")
    log_unreadable(unreadable)
    return sorted(set(pictures) - set(unreadable)), grouping.descriptors(views, feature_extractor(settings)), unreadable
