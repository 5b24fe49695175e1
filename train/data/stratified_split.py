"""Stratified splits that keep groups of similar pictures together."""

from collections.abc import Mapping, Sequence

import numpy as np

from train.data.pictures import Picture
from train.data.split import PART_NAMES, Split
from train.errors import DataError

OVERFILL = 1.1
"""A group may fill a part to this multiple of its target, and one picture more: without it, groups of several labels
would find no part with room near the end of the draw."""


def draw_stratified_split(
    pictures: Sequence[Picture], groups: Sequence[int], *, val_share: float, test_share: float, seed: int
) -> Split:
    """Draw a stratified split that keeps groups together.

    Groups are assigned, largest first and otherwise in random order, to the part that lacks the largest share of its
    target for their label and still has room. Each part then has each label's share, as far as groups allow. The last groups
    of a label go to the parts that would have none of it.

    Args:
        pictures: n pictures.
        groups: group number of each, (n,).
        val_share, test_share: of the pictures of each label, 0..1.
        seed: of the draw.

    Raises:
        DataError: a label has fewer groups than parts.
    """
    random = np.random.default_rng(seed)
    shares = {"train": 1.0 - val_share - test_share, "val": val_share, "test": test_share}
    wanted_parts = [name for name in PART_NAMES if shares[name] > 0]
    labels = sorted({picture.label for picture in pictures})
    members: dict[int, list[int]] = {}
    for position, number in enumerate(groups):
        members.setdefault(int(number), []).append(position)
    counts = np.zeros((len(labels),))
    for picture in pictures:
        counts[labels.index(picture.label)] += 1
    # rows: parts; columns: labels
    target = np.outer([shares[name] for name in wanted_parts], counts)
    current = np.zeros_like(target)
    chosen: dict[str, list[str]] = {name: [] for name in PART_NAMES}
    remaining = np.zeros_like(counts)
    for positions in members.values():
        for label in {pictures[position].label for position in positions}:
            remaining[labels.index(label)] += 1
    order = [int(number) for number in random.permutation(sorted(members))]
    order.sort(key=lambda number: -len(members[number]))
    for number in order:
        size = np.zeros((len(labels),))
        for position in members[number]:
            size[labels.index(pictures[position].label)] += 1
        touched = size > 0
        lack = ((target - current)[:, touched] / target[:, touched]).mean(axis=1)
        room = ((current + size)[:, touched] <= target[:, touched] * OVERFILL + 1).all(axis=1)
        without = current[:, touched] == 0
        last = (without & (remaining[touched] <= without.sum(axis=0))).any(axis=1)
        remaining[touched] -= 1
        room = last if last.any() else room
        part = (
            int(np.argmax(np.where(room, lack, -np.inf)))
            if room.any()
            else int(np.argmax((target - current)[:, touched].sum(axis=1)))
        )
        current[part] += size
        chosen[wanted_parts[part]] += [pictures[position].key for position in members[number]]
    for column, label in enumerate(labels):
        empty = [name for row, name in enumerate(wanted_parts) if current[row, column] == 0]
        if empty:
            raise DataError(
                f"split: label {label!r} has {int(counts[column])} pictures in too few groups to put some in "
                f"{empty}; add pictures, or lower twin_distance"
            )
    return Split(
        {name: sorted(keys) for name, keys in chosen.items()},
        {picture.key: int(number) for picture, number in zip(pictures, groups, strict=True)},
        seed,
    )


def predefined_split(pictures: Sequence[Picture], groups: Mapping[str, int], *, val_share: float, seed: int) -> Split:
    """The data sets' predefined split; without a val part, one is drawn from train.

    Args:
        pictures: of all parts.
        groups: key -> group number; pictures of one group are drawn together.
        val_share: of the training pictures of each label, 0..1.
        seed: of the draw.

    Raises:
        DataError: some pictures have a part and some have none, or there is no train part.
    """
    if any(not picture.part for picture in pictures):
        raise DataError(
            "split: some data sets have train/val/test folders and some have none; give --split, or train on one kind"
        )
    parts = {name: sorted(picture.key for picture in pictures if picture.part == name) for name in PART_NAMES}
    if not parts["train"]:
        raise DataError("split: the data sets have no train folder with pictures")
    if not parts["val"]:
        rest = [picture for picture in pictures if picture.part == "train"]
        inner = draw_stratified_split(
            rest, [groups[picture.key] for picture in rest], val_share=val_share, test_share=0.0, seed=seed
        )
        parts["train"], parts["val"] = inner.parts["train"], inner.parts["val"]
    return Split(parts, {}, seed)
