"""A split of pictures into training, validation and test part."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from train.data.pictures import Picture
from train.errors import DataError
from train.files import UnreadableFileError, read_json, write_text

PART_NAMES = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Split:
    """The part of each picture.

    Attributes:
        parts: "train", "val", "test" -> sorted keys of pictures.
        groups: key -> group number; pictures of one group are in one part. Empty for a predefined split.
        seed: of the draw.
    """

    parts: dict[str, list[str]]
    groups: dict[str, int]
    seed: int

    def save(self, path: Path) -> None:
        """Write as JSON."""
        write_text(path, json.dumps({"seed": self.seed, "parts": self.parts, "groups": self.groups}, indent=0) + "\n")

    def save_lists(self, folder: Path) -> None:
        """Write ``train.txt``, ``val.txt`` and ``test.txt`` (one key a line), as ``sorter run`` takes a list."""
        for part, keys in self.parts.items():
            write_text(folder / f"{part}.txt", "".join(f"{key}\n" for key in keys))

    @classmethod
    def load(cls, path: Path) -> "Split":
        """Read what ``save`` wrote.

        Raises:
            DataError: missing, damaged, or a picture is in two parts.
        """
        try:
            split = cls._from_json(read_json(path))
        except UnreadableFileError as error:
            raise DataError(f"split {path}: {error}; expected a split.json of a run folder") from error
        parts = split.parts
        keys = [key for part in parts.values() for key in part]
        if len(set(keys)) != len(keys):
            raise DataError(f"split {path}: {len(keys) - len(set(keys))} pictures are listed in two places")
        return split

    @classmethod
    def _from_json(cls, raw: object) -> "Split":
        """Raises UnreadableFileError for what is no split."""
        if not isinstance(raw, dict) or not isinstance(raw.get("parts"), dict):
            raise UnreadableFileError('lacks "parts", an object of lists of pictures')
        parts = {}
        for name in PART_NAMES:
            keys = raw["parts"].get(name)
            if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
                raise UnreadableFileError(f'lacks "{name}" in "parts", a list of pictures')
            parts[name] = sorted(keys)
        groups, seed = raw.get("groups"), raw.get("seed")
        if not isinstance(groups, dict) or not all(isinstance(number, int) for number in groups.values()):
            raise UnreadableFileError('lacks "groups", an object of picture and group number')
        if not isinstance(seed, int):
            raise UnreadableFileError('lacks "seed", a whole number')
        return cls(parts, groups, seed)

    @property
    def keys(self) -> set[str]:
        """Keys of all parts together."""
        return {key for keys in self.parts.values() for key in keys}

    def with_prefix(self, name: str) -> "Split":
        """The same split with a data set's name before each key, as in runs on several data sets."""
        return Split(
            {part: [f"{name}/{key}" for key in keys] for part, keys in self.parts.items()},
            {f"{name}/{key}": number for key, number in self.groups.items()},
            self.seed,
        )

    def without(self, keys: set[str]) -> "Split":
        """The same split without some pictures."""
        return Split(
            {part: [key for key in own if key not in keys] for part, own in self.parts.items()},
            {key: number for key, number in self.groups.items() if key not in keys},
            self.seed,
        )

    def merged_with(self, other: "Split") -> "Split":
        """Both splits as one; group numbers of ``other`` are shifted past those of this one. The seed is that of ``other``."""
        offset = max(self.groups.values(), default=-1) + 1
        return Split(
            {part: sorted(self.parts[part] + other.parts[part]) for part in PART_NAMES},
            self.groups | {key: number + offset for key, number in other.groups.items()},
            other.seed,
        )

    def with_group_in(self, group: int, part: str) -> "Split":
        """The same split with one group's pictures in another part."""
        keys = {key for key, number in self.groups.items() if number == group}
        parts = {name: [key for key in own if key not in keys] for name, own in self.parts.items()}
        parts[part] = sorted([*parts[part], *keys])
        return Split(parts, self.groups, self.seed)

    def select(self, part: str, pictures: Sequence[Picture]) -> list[Picture]:
        """The pictures of one part.

        Raises:
            DataError: there is no such part, or a picture of it is missing in ``pictures``.
        """
        if part not in self.parts:
            raise DataError(f"split: no part {part!r}; expected one of {list(self.parts)}")
        known: Mapping[str, Picture] = {picture.key: picture for picture in pictures}
        # Lists that were written on Windows separate folders by a backslash.
        keys = [key if key in known else key.replace("\\", "/") for key in self.parts[part]]
        missing = [key for key in keys if key not in known]
        if missing:
            raise DataError(
                f"split: {len(missing)} pictures of {part!r} are not in the data, such as {missing[0]!r}; "
                "the split was made with another data set folder or another label map"
            )
        return [known[key] for key in keys]
