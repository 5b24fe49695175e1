"""Pictures on disk: class folders, several data sets merged by label."""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.errors import PictureError
from edge.sight.picture import read_picture
from hardware.frame import Pixels
from train.errors import DataError

log = logging.getLogger("train")

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
PARTS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
"""Folder name -> part, for data sets with a predefined split."""


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
    """

    key: str
    label: str
    path: Path
    part: str = ""
    data_set: str = ""


def find_pictures(
    roots: Sequence[Path],
    *,
    label_renames: dict[str, str] | None = None,
    labels: Iterable[str] = (),
    leave_out: bool = False,
) -> list[Picture]:
    """Every picture of the class folders below ``roots``, sorted by key.

    Args:
        roots: folders of label folders, or of train/val/test folders of label folders.
        label_renames: folder name -> label; ``set/folder`` -> label holds in that data set only, and has precedence.
        labels: labels to use, after renaming; empty: all.
        leave_out: leave out a label of ``labels`` without a picture, instead of raising.

    Raises:
        DataError: a root is missing, two roots have one name, or nothing is left.
    """
    label_renames, wanted = label_renames or {}, set(labels)
    names = [root.resolve().name for root in roots]
    if len(set(names)) != len(names):
        raise DataError(f"data: two folders have one name among {names}: split lists need different ones; rename one")
    found: list[Picture] = []
    for root, name in zip(roots, names, strict=True):
        if not root.is_dir():
            raise DataError(f"data {root}: no such folder; expected one with a folder of pictures for each label")
        prefix = f"{name}/" if len(roots) > 1 else ""
        folders = sorted(child for child in root.iterdir() if child.is_dir() and not child.name.startswith("."))
        split = bool(folders) and all(folder.name in PARTS for folder in folders)
        for folder in (
            grandchild for child in folders for grandchild in (sorted(child.iterdir()) if split else [child])
        ):
            label = label_renames.get(f"{name}/{folder.name}", label_renames.get(folder.name, folder.name))
            if not folder.is_dir() or (wanted and label not in wanted):
                continue
            for path in sorted(folder.iterdir()):
                if path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
                    key = prefix + path.relative_to(root).as_posix()
                    found.append(Picture(key, label, path, PARTS[folder.parent.name] if split else "", name))
    if not found:
        restriction = f" with labels {sorted(wanted)}" if wanted else ""
        raise DataError(
            f"data {', '.join(map(str, roots))}: no pictures{restriction} found; expected <label>/<file>.jpg or .png"
        )
    missing = sorted(wanted - {picture.label for picture in found})
    if missing and not leave_out:
        raise DataError(f"data: no pictures for labels {missing}; found {sorted({picture.label for picture in found})}")
    if missing:
        log.warning("labels left out, no data set has a picture of them: %s", ", ".join(missing))
    return sorted(found)


def label_names(pictures: Sequence[Picture]) -> tuple[str, ...]:
    """The labels, sorted.

    Raises:
        DataError: there are fewer than two.
    """
    labels = tuple(sorted({picture.label for picture in pictures}))
    if len(labels) < 2:
        raise DataError(f"data: a classifier needs at least two labels, got {list(labels)}")
    return labels


def read_pixels(picture: Picture) -> Pixels | None:
    """Read a photograph as the bin would, RGB uint8 (height, width, 3); None if it cannot be read."""
    try:
        pixels = read_picture(picture.path)
    except PictureError:
        return None
    return pixels if min(pixels.shape[:2]) >= MIN_SIDE else None


def read_sprite(picture: Picture) -> Pixels | None:
    """Read a cut-out, RGBA uint8 (height, width, 4); None if it cannot be read or has no alpha channel."""
    try:
        content = np.fromfile(picture.path, np.uint8)
        raw = cv2.imdecode(content, cv2.IMREAD_UNCHANGED) if content.size else None
    except (OSError, cv2.error):
        return None
    if raw is None or raw.dtype != np.uint8 or raw.ndim != 3 or raw.shape[2] != 4 or min(raw.shape[:2]) < MIN_SIDE:
        return None
    return np.ascontiguousarray(raw[..., [2, 1, 0, 3]])


def fingerprint(pictures: Iterable[Picture]) -> str:
    """SHA-256 (hexadecimal) over the sorted keys and contents: identifies the data that a model was trained on."""
    digest = hashlib.sha256()
    for picture in sorted(pictures):
        content = picture.path.read_bytes()
        digest.update(f"{picture.key}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
