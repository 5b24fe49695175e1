"""Train, validation and test parts that keep like pictures together."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from train.data.pictures import Picture
from train.errors import DataError
from train.files import write_text

PART_NAMES = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Split:
    """Which picture is in which part.

    Attributes:
        parts: "train", "val", "test" -> sorted keys of pictures.
        groups: key -> group number; pictures of one group are in one part. Empty if the data set came split.
        seed: what the draw was made with.
    """

    parts: dict[str, list[str]]
    groups: dict[str, int]
    seed: int

    def save(self, path: Path) -> None:
        """Write as JSON."""
        write_text(path, json.dumps({"seed": self.seed, "parts": self.parts, "groups": self.groups}, indent=0) + "\n")

    def save_lists(self, folder: Path) -> None:
        """Write ``train.txt``, ``val.txt`` and ``test.txt`` (one key a line), as ``edge run`` takes a list."""
        for part, keys in self.parts.items():
            write_text(folder / f"{part}.txt", "".join(f"{key}\n" for key in keys))

    @classmethod
    def load(cls, path: Path) -> "Split":
        """Read what ``save`` wrote.

        Raises:
            DataError: missing, damaged, or a picture is in two parts.
        """
        try:
            raw = json.loads(path.read_text())
            parts = {name: sorted(str(key) for key in raw["parts"][name]) for name in PART_NAMES}
            split = cls(parts, {str(key): int(number) for key, number in raw["groups"].items()}, int(raw["seed"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(
                f"split {path}: cannot be used: {error!r}; expected a split.json of a run folder"
            ) from error
        keys = [key for part in parts.values() for key in part]
        if len(set(keys)) != len(keys):
            raise DataError(f"split {path}: {len(keys) - len(set(keys))} pictures are listed in two places")
        return split

    @property
    def keys(self) -> set[str]:
        """Every picture of every part."""
        return {key for keys in self.parts.values() for key in keys}

    def prefixed(self, name: str) -> "Split":
        """The same split with a data set's name before each key, as runs on several data sets have them."""
        return Split(
            {part: [f"{name}/{key}" for key in keys] for part, keys in self.parts.items()},
            {f"{name}/{key}": number for key, number in self.groups.items()},
            self.seed,
        )

    def without(self, keys: set[str]) -> "Split":
        """The same split less some pictures."""
        return Split(
            {part: [key for key in own if key not in keys] for part, own in self.parts.items()},
            {key: number for key, number in self.groups.items() if key not in keys},
            self.seed,
        )

    def joined(self, other: "Split") -> "Split":
        """Both together; groups of the other are numbered on. The seed is the other's."""
        offset = max(self.groups.values(), default=-1) + 1
        return Split(
            {part: sorted(self.parts[part] + other.parts[part]) for part in PART_NAMES},
            self.groups | {key: number + offset for key, number in other.groups.items()},
            other.seed,
        )

    def moved(self, group: int, part: str) -> "Split":
        """The same split with one group's pictures in another part."""
        keys = {key for key, number in self.groups.items() if number == group}
        parts = {name: [key for key in own if key not in keys] for name, own in self.parts.items()}
        parts[part] = sorted([*parts[part], *keys])
        return Split(parts, self.groups, self.seed)

    def select(self, part: str, pictures: Sequence[Picture]) -> list[Picture]:
        """The pictures of one part.

        Raises:
            DataError: no such part, or a picture of it is not there.
        """
        if part not in self.parts:
            raise DataError(f"split: no part {part!r}; expected one of {list(self.parts)}")
        known: Mapping[str, Picture] = {picture.key: picture for picture in pictures}
        missing = [key for key in self.parts[part] if key not in known]
        if missing:
            raise DataError(
                f"split: {len(missing)} pictures of {part!r} are not in the data, such as {missing[0]!r}; "
                "the data set's folder or the label map is another one than the split was made with"
            )
        return [known[key] for key in self.parts[part]]


def draw(
    pictures: Sequence[Picture], groups: Sequence[int], *, val_share: float, test_share: float, seed: int
) -> Split:
    """Draw a stratified split that keeps groups together.

    Groups go, largest first and otherwise in random order, to the part that lacks most of their label (by share of
    what it should get) and still has room; so each part ends with each label's share, as far as groups allow.

    Raises:
        DataError: a label has too few groups to have some in every part that should get some.
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
    order = [int(number) for number in random.permutation(sorted(members))]
    order.sort(key=lambda number: -len(members[number]))
    for number in order:
        size = np.zeros((len(labels),))
        for position in members[number]:
            size[labels.index(pictures[position].label)] += 1
        touched = size > 0
        lack = ((target - current)[:, touched] / target[:, touched]).mean(axis=1)
        room = ((current + size)[:, touched] <= target[:, touched] * 1.1 + 1).all(axis=1)
        part = (
            int(np.argmax(np.where(room, lack + 10, lack)))
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


def predefined_split(pictures: Sequence[Picture], *, val_share: float, seed: int) -> Split:
    """The split that the data sets came with; where there is no val, it is drawn from train (picture by picture).

    Raises:
        DataError: some pictures have a part and some have none, or there is nothing to train on.
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
        inner = draw(rest, range(len(rest)), val_share=val_share, test_share=0.0, seed=seed)
        parts["train"], parts["val"] = inner.parts["train"], inner.parts["val"]
    return Split(parts, {}, seed)
