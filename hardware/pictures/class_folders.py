"""Folders of labels, as data sets have them: which label and which part of a split each picture belongs to."""

import os
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from hardware.pictures.folder import LeftOut, PictureFolder, below, describe_left_out, search_folder
from hardware.pictures.names import escaped_name

PARTS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}
"""Word in a folder's name -> part of a predefined split."""

_NO_PART = re.compile(r"(?<=[a-z])(set|data|dataset|split|images?|pictures?|photos?)$")
"""What a folder's name may have after the word for the part ("testset", "train_data")."""

OUTSIDE = "picture outside the folders of the labels"
BESIDE_PARTS = "folder beside those of the split"


@dataclass(frozen=True, slots=True, order=True)
class LabelledPicture:
    """A picture in the folder of its label.

    Attributes:
        path: relative to the root.
        label: name of the label's folder.
        part: "train", "val" or "test" in a data set with a predefined split, else "".
    """

    path: Path
    label: str
    part: str


@dataclass(frozen=True, slots=True)
class ClassFolders:
    """The pictures of a data set by label.

    Attributes:
        root: the folder that holds the labels' or the parts' folders: the one given, or one in it.
        pictures: sorted by path, relative to ``root``.
        left_out: what is not used, relative to ``root``.
        empty: folder of a label without pictures, relative to ``root`` -> why.
        notes: what else a user should know, in sentences.
    """

    root: Path
    pictures: tuple[LabelledPicture, ...]
    left_out: tuple[LeftOut, ...]
    empty: dict[Path, str]
    notes: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels with a picture, sorted."""
        return tuple(sorted({picture.label for picture in self.pictures}))


def read_class_folders(path: Path, *, labels: Collection[str] = ()) -> ClassFolders:
    """Find the pictures of each label: ``<label>/...`` or ``<part>/<label>/...``, however deep.

    A folder that holds nothing but one folder of all this is entered. Parts go by their usual names (``part_of``); what
    lies beside them is left out.

    Args:
        path: folder of the data set.
        labels: names of folders that are surely labels, even if there is only one.

    Raises:
        OSError: the folder cannot be opened.
    """
    found = search_folder(path)
    start = _labels_start(found, labels)
    root = path / start
    inside = _within(found, start)
    left_out = [LeftOut(Path(os.path.relpath(path / one.path, root)), one.reason) for one in found.left_out]
    notes = [f"entered {escaped_name(start)}, the only folder in {escaped_name(path)}"] if start.parts else []
    parts = _parts(inside)
    # Folder of a part -> the one in it in which the labels' folders lie.
    bases = {name: Path(name) / _labels_start(_within(inside, Path(name)), labels) for name in parts}
    notes += [
        f"entered {escaped_name(base)}, the only folder in {name}"
        for name, base in bases.items()
        if len(base.parts) > 1
    ]
    used: list[LabelledPicture] = []
    for one in inside.pictures:
        base = bases.get(one.parts[0], Path()) if parts else Path()
        below_base = one.relative_to(base).parts if base in one.parents else ()
        if parts and one.parts[0] not in parts and len(one.parts) > 1:
            continue  # its folder is told
        if len(below_base) < 2:
            left_out.append(LeftOut(one, OUTSIDE))
        else:
            used.append(LabelledPicture(one, below_base[0], parts.get(one.parts[0], "")))
    if parts:
        left_out += [
            LeftOut(one, BESIDE_PARTS) for one in inside.folders if one.parent == Path() and one.name not in parts
        ]
    label_folders = [one for one in inside.folders if one.parent in (bases.values() if parts else [Path()])]
    holding = {folder for one in used for folder in one.path.parents}
    empty = {one: _why_empty(one, left_out) for one in label_folders if one not in holding}
    notes += _deep_notes(used, label_folders) + _unknown_parts_notes(label_folders, inside)
    return ClassFolders(root, tuple(sorted(used)), tuple(sorted(left_out)), empty, tuple(notes))


def part_of(folder: str) -> str:
    """The part of a split that a folder's name stands for: "train", "val" or "test", or "" if for none.

    In any case, with numbers, and with words such as "set" or "data" behind: "TRAIN", "test_set", "val2017", "01 Training".
    """
    letters = re.sub(r"[\W\d_]+", "", folder.lower())
    while letters not in PARTS and (shorter := _NO_PART.sub("", letters)) != letters:
        letters = shorter
    return PARTS.get(letters, "")


def _within(found: PictureFolder, folder: Path) -> PictureFolder:
    """The pictures and folders in one of the folders, relative to it."""
    return PictureFolder(
        found.path / folder,
        tuple(one.relative_to(folder) for one in found.pictures if folder in one.parents),
        tuple(one.relative_to(folder) for one in found.folders if folder in one.parents),
        (),
    )


def _labels_start(found: PictureFolder, labels: Collection[str]) -> Path:
    """The folder, relative to that of ``found``, in which the labels' or the parts' folders lie."""
    start = Path()
    while True:
        inside = [one for one in found.folders if one.parent == start]
        loose = any(one.parent == start for one in found.pictures)
        if loose or len(inside) != 1 or inside[0].name in labels or part_of(inside[0].name):
            return start
        only = inside[0]
        inner = _within(found, only)
        tops = {one.parts[0] for one in inner.pictures}
        holds_pictures = any(one.parent == Path() for one in inner.pictures)
        is_wrapped = len(tops) == 1 and _labels_start(inner, labels) != Path()
        if holds_pictures or not (len(tops) > 1 or any(part_of(name) for name in tops) or is_wrapped):
            return start
        start = only


def _parts(found: PictureFolder) -> dict[str, str]:
    """Folder name -> part of the split; empty where the folders are those of labels."""
    tops = [one.name for one in found.folders if one.parent == Path()]
    parts = {name: part for name in tops if (part := part_of(name))}
    holding = {one.parts[0] for one in found.pictures if len(one.parts) > 1}
    is_split = bool(parts) and ("train" in parts.values() or holding <= set(parts))
    return parts if is_split else {}


def _why_empty(folder: Path, left_out: list[LeftOut]) -> str:
    reasons = describe_left_out(below(left_out, folder))
    return "; ".join(reasons) if reasons else "the folder is empty"


def _deep_notes(pictures: list[LabelledPicture], label_folders: list[Path]) -> list[str]:
    """A sentence for each label whose pictures lie further down."""
    at_label = set(label_folders)
    folders: dict[str, Counter[str]] = {}
    for one in pictures:
        deeper = next((folder for folder in one.path.parents if folder.parent in at_label), None)
        if deeper is not None:
            folders.setdefault(one.label, Counter())[deeper.name] += 1
    return [
        f"label {label}: pictures in folders further down count as well "
        f"({', '.join(f'{count} in {name}' for name, count in sorted(counts.items()))})"
        for label, counts in sorted(folders.items())
    ]


def _unknown_parts_notes(label_folders: list[Path], inside: PictureFolder) -> list[str]:
    """A sentence if the labels look like the parts of a split under names that are not known."""
    held = [frozenset(one.name for one in inside.folders if one.parent == label) for label in label_folders]
    if len(held) < 2 or len(set(held)) > 1 or len(held[0]) < 2:
        return []
    names = ", ".join(sorted(escaped_name(label.name) for label in label_folders))
    same = ", ".join(sorted(escaped_name(name) for name in held[0]))
    if all(part_of(name) for name in held[0]):
        return [f"labels {names}: each holds folders {same}, which count as one; a split is read from <part>/<label>"]
    return [
        f"labels {names}: each holds folders {same}; if they are the parts of a split, name them train, val and test"
    ]
