"""The folder of pictures that items are taken from, with the label of each."""

import logging
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from hardware.errors import HardwareConfigError
from hardware.pictures.class_folders import ClassFolders, part_of, read_class_folders
from hardware.pictures.folder import describe_left_out, suffix_names
from hardware.pictures.labels import match_labels
from hardware.pictures.names import escaped_name
from hardware.text_file import TextFileError, read_text

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ItemFolder:
    """Pictures of items.

    Attributes:
        root: the folder that their paths start from.
        labels: path of each picture, relative to ``root`` -> its label, sorted by path.
    """

    root: Path
    labels: Mapping[Path, str]

    def of_labels(self, labels: Collection[str]) -> "ItemFolder":
        """Those of some labels, in whatever spelling.

        Raises:
            HardwareConfigError: there are none.
        """
        names = match_labels(self.labels.values(), labels).names
        chosen = {path: names[label] for path, label in self.labels.items() if label in names}
        if not chosen:
            raise HardwareConfigError(
                f"items: {self.root} has no picture labelled {' or '.join(sorted(labels))}; "
                f"its labels are {', '.join(sorted(set(self.labels.values())))}"
            )
        return ItemFolder(self.root, chosen)

    def spelt_as(self, known: Collection[str]) -> "ItemFolder":
        """The same, labels that are known under their known name."""
        names = match_labels(self.labels.values(), known).names
        return ItemFolder(self.root, {path: names.get(label, label) for path, label in self.labels.items()})

    def of_known(self, known: Collection[str]) -> "ItemFolder":
        """Those whose label is known, under its known name. The others are named in a warning.

        Args:
            known: labels that have a bin.

        Raises:
            HardwareConfigError: none of the labels is known.
        """
        match = match_labels(self.labels.values(), known)
        chosen = {path: match.names[label] for path, label in self.labels.items() if label in match.names}
        if not chosen:
            raise HardwareConfigError(
                f"items: {self.root} holds the labels {', '.join(match.unknown)}, decision.labels only "
                f"{', '.join(sorted(known))}; rename the folders, add the labels to decision.labels, or set "
                "simulation.photos to pictures of these"
            )
        counts = Counter(self.labels.values())
        if match.unknown:
            log.warning(
                "items: left out, labels that are not among decision.labels (%s), so that nothing says which bin is "
                "right: %s; rename the folders, or add the labels to decision.labels",
                ", ".join(sorted(known)),
                ", ".join(f"{label} ({counts[label]} pictures)" for label in match.unknown),
            )
        return ItemFolder(self.root, chosen)


def read_item_folder(folder: Path, listing: Path | None = None) -> ItemFolder:
    """Find the pictures. What is left out of a folder is logged as a warning.

    Args:
        folder: holds a folder for each label, or train/val/test folders of such.
        listing: text file with one path per line, relative to ``folder``; only these are used. None: all.

    Raises:
        HardwareConfigError: no such folder, no label folders in it, no pictures, or a listed one is missing.
    """
    if not folder.is_dir():
        raise HardwareConfigError(f"items: {folder} is not a folder; expected one with a folder of pictures per label")
    try:
        found = read_class_folders(folder)
    except OSError as error:
        raise HardwareConfigError(f"items: {folder} cannot be opened: {error.strerror or error}") from error
    if listing is not None:
        return _listed(folder, found, listing)
    _tell(found)
    if not found.pictures and not found.empty:
        raise HardwareConfigError(f"items: {folder} holds no label folders; expected e.g. {folder.name}/glass/*.jpg")
    if not found.pictures:
        names = ", ".join(escaped_name(path) for path in found.empty)
        raise HardwareConfigError(f"items: no pictures ({suffix_names()}) in {folder} under {names}")
    return ItemFolder(found.root, {one.path: one.label for one in found.pictures})


def is_file(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have (too long, with a zero byte) is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def label_in_path(path: Path) -> str:
    """The label of a picture by its path in a folder of labels, or of parts of a split."""
    return path.parts[1] if part_of(path.parts[0]) and len(path.parts) > 2 else path.parts[0]


def _tell(found: ClassFolders) -> None:
    """Log what is not used."""
    for line in (*found.notes, *(f"left out, {line}" for line in describe_left_out(found.left_out))):
        log.warning("items: %s", line)
    if found.pictures:
        for path, reason in found.empty.items():
            log.warning("items: no picture of %s: %s", escaped_name(path), reason)


def _listed(folder: Path, found: ClassFolders, listing: Path) -> ItemFolder:
    try:
        lines = [line.strip() for line in read_text(listing).split("\n")]
    except (OSError, TextFileError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise HardwareConfigError(f"items: cannot read the listing {listing}: {reason}") from error
    names = [line for line in lines if line and not line.startswith("#")]
    # Lists that were written on Windows separate folders by a backslash.
    paths = [Path(name if is_file(folder / name) else name.replace("\\", "/")) for name in names]
    if not paths:
        raise HardwareConfigError(f"items: the listing {listing} names no picture")
    labels: dict[Path, str] = {}
    of_picture = {found.root / one.path: one.label for one in found.pictures}
    for path in paths:
        if path.is_absolute() or ".." in path.parts or len(path.parts) < 2:
            raise HardwareConfigError(f"items: {listing}: expected label/picture relative to {folder}, got {path}")
        # Lists are made from the folder with the labels, wherever in ``folder`` that is.
        whole = next((root / path for root in (folder, found.root) if is_file(root / path)), None)
        if whole is None:
            raise HardwareConfigError(f"items: {listing} names {path}, which is not in {folder}")
        labels[whole.relative_to(folder)] = of_picture.get(whole, label_in_path(path))
    return ItemFolder(folder, labels)
