"""Pictures on disk: class folders, several data sets merged by label."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote
from typing import NoReturn

from edge.errors import PictureError
from edge.sight.picture import read_picture
from hardware.frame import Pixels
from hardware.pictures.class_folders import ClassFolders, read_class_folders
from hardware.pictures.damage import finds_jpeg_damage
from hardware.pictures.errors import PictureFileError
from hardware.pictures.folder import ODD_NAME, OTHER_KIND, describe_left_out, suffix_of
from hardware.pictures.labels import match_labels, same_in_other_spelling
from hardware.pictures.names import escaped_name, is_storable
from hardware.pictures.reader import read_rgba
from train.errors import DataError

JPEG_SUFFIXES = (".jpg", ".jpeg", ".jfif")

MIN_SIDE = 8
"""Smallest side of a usable picture, in pixels; smaller files are icons or damaged."""


@dataclass(frozen=True, slots=True, order=True)
class Picture:
    """One file of a data set.

    Attributes:
        key: path inside the data set with ``/``, as in split lists; prefixed with the data set's name if there are several.
        label: its label, after the label map.
        path: of the file.
        part: "train", "val" or "test" if the data set has a predefined split, else "".
        data_set: name of its data set's folder.
        keep_damaged: read it even if it is a JPEG that has lost pixels in its middle.
        subfolder: folders between its label's and the file, with ``/``; "" for none.
    """

    key: str
    label: str
    path: Path
    part: str = ""
    data_set: str = ""
    keep_damaged: bool = False
    subfolder: str = ""


@dataclass(frozen=True, slots=True)
class DataSets:
    """What was found in data sets.

    Attributes:
        pictures: sorted by key.
        empty: folder of a label without pictures -> why.
        skipped: suffix -> number of files that are not pictures.
        notes: what else is not used, or may surprise, in sentences.
    """

    pictures: list[Picture]
    empty: Mapping[str, str] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def describe(self) -> list[str]:
        """All that a user should know, in sentences."""
        kinds = ", ".join(f"{count} {suffix}" for suffix, count in self.skipped.items())
        return [
            *(f"no picture of {folder}: {reason}" for folder, reason in self.empty.items()),
            *([f"files that are not pictures: {kinds}"] if kinds else []),
            *self.notes,
        ]


def find_pictures(
    roots: Sequence[Path],
    *,
    label_renames: dict[str, str] | None = None,
    labels: Iterable[str] = (),
    leave_out: bool = False,
    keep_damaged: bool = False,
) -> list[Picture]:
    """The pictures of ``find_data``. Arguments and errors as there."""
    return find_data(
        roots, label_renames=label_renames, labels=labels, leave_out=leave_out, keep_damaged=keep_damaged
    ).pictures


def find_data(
    roots: Sequence[Path],
    *,
    label_renames: dict[str, str] | None = None,
    labels: Iterable[str] = (),
    leave_out: bool = False,
    keep_damaged: bool = False,
) -> DataSets:
    """Every picture of the class folders below ``roots``, and what was left out.

    Args:
        roots: folders as ``hardware.pictures.class_folders.read_class_folders`` takes them.
        label_renames: folder name -> label; ``set/folder`` -> label holds in that data set only, and has precedence.
        labels: labels to use, after renaming, in any spelling that stands for one of them; empty: all.
        leave_out: leave out a label of ``labels`` without a picture, instead of raising.
        keep_damaged: see ``Picture``.

    Raises:
        DataError: a root is missing, two roots have one name, a label's folder has a name that cannot be stored, or
            nothing is left.
    """
    renames, wanted = label_renames or {}, set(labels)
    names = [root.resolve().name for root in roots]
    if len(set(names)) != len(names):
        raise DataError(f"data: two folders have one name among {names}: split lists need different ones; rename one")
    pictures: list[Picture] = []
    empty: dict[str, str] = {}
    skipped: Counter[str] = Counter()
    notes: list[str] = []
    for root, name in zip(roots, names, strict=True):

        def label_of(folder: str, name: str = name) -> str:
            return renames.get(f"{name}/{folder}", renames.get(folder, folder))

        found = _read_root(root, name, {*wanted, *renames, *(old.rpartition("/")[2] for old in renames)})
        prefix = f"{name}/" if len(roots) > 1 else ""
        for one in found.pictures:
            key, path = prefix + one.path.as_posix(), found.root / one.path
            pictures.append(
                Picture(key, label_of(one.label), path, one.part, name, keep_damaged, _subfolder(one.path, one.label))
            )
        for folder, reason in found.empty.items():
            if not wanted or match_labels([label_of(folder.name)], wanted).names:
                empty[prefix + folder.as_posix()] = reason
        skipped += Counter(suffix_of(one.path) for one in found.left_out if one.reason == OTHER_KIND)
        notes += found.notes
        others = [one for one in found.left_out if one.reason != OTHER_KIND]
        notes += [f"left out of {name}: {line}" for line in describe_left_out(others)]
    everything = sorted({picture.label for picture in pictures})
    if wanted:
        meant = match_labels(everything, wanted).names
        pictures = [replace(one, label=meant[one.label]) for one in pictures if one.label in meant]
        notes += [f"label {label!r} counts as {name!r}" for label, name in meant.items() if label != name]
    missing = sorted(wanted - {picture.label for picture in pictures})
    if not pictures or (missing and not leave_out):
        _refuse(roots, missing, everything, [*(f"{one}: {why}" for one, why in empty.items()), *notes])
    if missing:
        notes.append(f"labels left out, no data set has a picture of them: {', '.join(missing)}")
    notes += _spelling_notes(pictures)
    has_jpeg = any(picture.path.suffix.lower() in JPEG_SUFFIXES for picture in pictures)
    if has_jpeg and not finds_jpeg_damage() and not keep_damaged:
        notes.append("JPEGs that are damaged in their middle are not found: the package simplejpeg is not installed")
    return DataSets(sorted(pictures), empty, dict(sorted(skipped.items())), tuple(notes))


def _subfolder(path: Path, label: str) -> str:
    folders = path.parent.parts
    return "/".join(folders[folders.index(label) + 1 :])


def _read_root(root: Path, name: str, labels: set[str]) -> ClassFolders:
    if not root.is_dir():
        raise DataError(f"data {root}: no such folder; expected one with a folder of pictures for each label")
    if not is_storable(name):
        raise DataError(f"data {escaped_name(root)}: {ODD_NAME}")
    try:
        found = read_class_folders(root, labels=labels)
    except OSError as error:
        raise DataError(f"data {root}: cannot be opened: {error.strerror or error}") from error
    # A single picture may be missing in a model; a label may not.
    odd = [one.path for one in found.left_out if one.reason == ODD_NAME and (found.root / one.path).is_dir()]
    if odd:
        raise DataError(f"data {escaped_name(found.root / odd[0])}: {ODD_NAME}")
    return found


def _refuse(roots: Sequence[Path], missing: list[str], everything: list[str], reasons: list[str]) -> NoReturn:
    why = f" ({'; '.join(reasons)})" if reasons else ""
    if everything:
        raise DataError(f"data: no pictures for labels {missing}; found {everything}{why}")
    raise DataError(
        f"data {', '.join(map(str, roots))}: no pictures found{why}; expected <label>/<file>.jpg, for instance"
    )


def _spelling_notes(pictures: Sequence[Picture]) -> list[str]:
    """A sentence for labels that are probably one, with the options that join them."""
    counts = Counter(picture.label for picture in pictures)
    notes = []
    for group in same_in_other_spelling(counts):
        most = max(group, key=lambda label: (counts[label], label))
        options = " ".join(f"--map {quote(f'{label}={most}')}" for label in group if label != most)
        notes.append(
            f"labels {' and '.join(repr(label) for label in group)} differ in spelling alone and count as "
            f"{len(group)}; to join them: {options}"
        )
    return notes


def spelt_as(pictures: Sequence[Picture], labels: Iterable[str]) -> list[Picture]:
    """The pictures, labels that differ from one of ``labels`` in spelling alone under that one."""
    names = match_labels({picture.label for picture in pictures}, labels).names
    return [replace(picture, label=names.get(picture.label, picture.label)) for picture in pictures]


def label_names(pictures: Sequence[Picture]) -> tuple[str, ...]:
    """The labels, sorted.

    Raises:
        DataError: there are fewer than two.
    """
    labels = tuple(sorted({picture.label for picture in pictures}))
    if len(labels) < 2:
        raise DataError(f"data: a classifier needs at least two labels, got {list(labels)}")
    return labels


def read_pixels(picture: Picture) -> Pixels:
    """Read a photograph as the bin would, RGB uint8 (height, width, 3).

    Raises:
        PictureError: it cannot be read, or is smaller than ``MIN_SIDE``. The message does not name the file.
    """
    try:
        pixels = read_picture(picture.path, keep_damaged=picture.keep_damaged)
    except PictureError as error:
        raise PictureError(str(error).removeprefix(f"{escaped_name(picture.path)}: ")) from error
    return _large_enough(pixels)


def pixels_or_none(picture: Picture) -> Pixels | None:
    """As ``read_pixels``; None if it cannot be read."""
    try:
        return read_pixels(picture)
    except PictureError:
        return None


def read_sprite(picture: Picture) -> Pixels:
    """Read a cut-out, RGBA uint8 (height, width, 4).

    Raises:
        PictureError: as ``read_pixels``, or nothing in it is transparent.
    """
    try:
        pixels = _large_enough(read_rgba(picture.path, keep_damaged=picture.keep_damaged))
    except PictureFileError as error:
        raise PictureError(error.problem) from error
    if pixels[..., 3].min() == 255:
        raise PictureError("nothing in it is transparent; expected a cut-out")
    return pixels


def _large_enough(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    if min(height, width) < MIN_SIDE:
        raise PictureError(f"{width}x{height} pixels; expected at least {MIN_SIDE} on each side")
    return pixels


def fingerprint(pictures: Iterable[Picture]) -> str:
    """SHA-256 (hexadecimal) over the sorted keys and contents: identifies the data that a model was trained on."""
    digest = hashlib.sha256()
    for picture in sorted(pictures):
        content = picture.path.read_bytes()
        digest.update(f"{picture.key}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
