"""The picture files below a folder, and everything in it that is left out, with the reason."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hardware.pictures.kinds import SUFFIXES
from hardware.pictures.names import escaped_name, is_storable

PROGRAM_FOLDERS = frozenset(
    {"@eadir", "__macosx", "__pycache__", "#recycle", "$recycle.bin", "lost+found", "system volume information"}
)
"""Names of folders, in lower case, that file servers and other systems put beside people's own: copies in small, waste."""

HIDDEN = "hidden"
PROGRAM = "folder of another program"
NOT_A_FILE = "not a file but a pipe, a socket or a device"
BROKEN_LINK = "link to nothing"
ODD_NAME = "name that is not UTF-8, or has a line break or an escape code; rename it"
CLOSED = "folder that may not be opened"
OTHER_KIND = "not a picture"


@dataclass(frozen=True, slots=True, order=True)
class LeftOut:
    """Something in a folder that is not used.

    Attributes:
        path: relative to the folder.
        reason: one of the reasons above, or a sentence of its own.
    """

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class PictureFolder:
    """What was found in a folder, and below it. All paths are relative to it and sorted.

    Attributes:
        path: the folder.
        pictures: the picture files.
        folders: the folders, but for hidden ones and those of other programs.
        left_out: everything else.
    """

    path: Path
    pictures: tuple[Path, ...]
    folders: tuple[Path, ...]
    left_out: tuple[LeftOut, ...]


def search_folder(path: Path, *, any_name: bool = False) -> PictureFolder:
    """Search a folder and the folders in it; links to folders are followed.

    Args:
        path: the folder.
        any_name: take names that cannot be stored in a list as well; they must be escaped where they are printed.

    Raises:
        OSError: it cannot be opened; folders in it that cannot are among ``left_out``.
    """
    pictures: list[Path] = []
    folders: list[Path] = []
    left_out: list[LeftOut] = []
    seen = {_identity(path)}

    def search(folder: Path) -> None:
        with os.scandir(path / folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            place = folder / entry.name
            reason = _reason_to_leave_out(entry)
            if reason is None and not any_name and not is_storable(entry.name):
                reason = ODD_NAME
            if reason is not None:
                left_out.append(LeftOut(place, reason))
            elif not entry.is_dir():
                pictures.append(place)
            elif (identity := _identity(path / place)) not in seen:
                seen.add(identity)
                folders.append(place)
                try:
                    search(place)
                except OSError:
                    left_out.append(LeftOut(place, CLOSED))

    search(Path())
    return PictureFolder(path, tuple(sorted(pictures)), tuple(sorted(folders)), tuple(sorted(left_out)))


def describe_left_out(left_out: Iterable[LeftOut]) -> list[str]:
    """One line for each reason: how many there are, and the first of them."""
    by_reason: dict[str, list[Path]] = {}
    for one in left_out:
        reason = f"{one.reason} ({suffix_of(one.path)})" if one.reason == OTHER_KIND else one.reason
        by_reason.setdefault(reason, []).append(one.path)
    return [
        f"{reason}: {escaped_name(paths[0])}{f' and {len(paths) - 1} more' if len(paths) > 1 else ''}"
        for reason, paths in sorted(by_reason.items())
    ]


def suffix_of(path: Path) -> str:
    """The suffix in lower case; "no suffix" without one."""
    return escaped_name(path.suffix.lower()) or "no suffix"


def suffix_names(suffixes: Iterable[str] = SUFFIXES) -> str:
    """Suffixes for a message."""
    return " ".join(sorted(suffixes))


def below(left_out: Sequence[LeftOut], folder: Path) -> list[LeftOut]:
    """Those in a folder or below it."""
    return [one for one in left_out if folder in (one.path, *one.path.parents)]


def _reason_to_leave_out(entry: "os.DirEntry[str]") -> str | None:
    if entry.name.startswith("."):
        return HIDDEN
    try:
        if entry.is_dir():
            return PROGRAM if entry.name.lower() in PROGRAM_FOLDERS else None
        if Path(entry.name).suffix.lower() not in SUFFIXES:
            return OTHER_KIND
        if entry.is_file():
            return None
        return NOT_A_FILE if os.path.exists(entry.path) else BROKEN_LINK
    except OSError:
        return CLOSED


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
