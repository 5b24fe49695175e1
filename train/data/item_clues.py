"""Which pictures show one item, as far as their files say: a pattern, a folder for each item, names, times."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from train.data.pictures import Picture

LEAST_ITEMS = 5
"""Smallest number of items of a label by which its pictures are kept together: three to learn from, and one in each of the
other parts."""
LARGEST_SHARE = 0.5
"""Largest share of a label's pictures that one item may have: with more, a name stands for the label rather than for an item,
and little else would be left to check on."""
SAME_ITEM_S = 5.0
"""Longest time between two pictures of one item, in seconds: turning it takes less, laying down another one more."""
NAMED_LABELS = 8
"""Largest number of labels that one sentence names; the others are counted."""
MOSTLY = 0.5
"""Share of a label's pictures that a pattern, folders, names or times must tell for its items to count as known: a few that
they tell say nothing of the others."""

_DATE_AND_TIME = re.compile(
    r"(?<!\d)(20\d\d)[-_.:]?(\d\d)[-_.:]?(\d\d)[-_.T ]*(?:at )?(\d\d)[-_.:h]?(\d\d)[-_.:m]?(\d\d)", re.IGNORECASE
)
"""Name of a phone's photograph: IMG_20261130_101502."""
_DATE = re.compile(r"(?<!\d)(?:20\d\d)[-_.]?\d\d[-_.]?\d\d(?!\d)")
_ROBOFLOW = re.compile(r"(.+)[._](?:jpe?g|png|bmp|webp)\.rf\.[0-9a-f]{16,}", re.IGNORECASE)
"""Name of an altered copy that Roboflow made: cup_jpg.rf.0123456789abcdef."""
_LOOK = re.compile(r"(.*\d.*?)(?:[-_. ]+(?:\d{1,6}|[a-z])|[-_. ]*\(\d{1,3}\)|[-_. ]+copy)_*", re.IGNORECASE)
"""Name of an item, which has a number, and a number or letter of the picture: cup_03_2, cup03-b, IMG_0012 (1)."""

Clue = Callable[[Sequence[Picture]], list[str | None]]
"""The item of each picture of one label; None where nothing says it."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemClues:
    """Pictures that belong together, and what is not known.

    Attributes:
        groups: group number of each picture, int64 (n,), 0 upwards; a picture by itself has a group of its own.
        found: what was found, in sentences.
        doubts: what cannot be known, in sentences.
    """

    groups: NDArray[np.int64]
    found: tuple[str, ...]
    doubts: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found and what cannot be known."""
        return self.found + self.doubts


def find_items(pictures: Sequence[Picture], pattern: str = "") -> ItemClues:
    """Group the pictures of each label by item.

    Args:
        pictures: n pictures.
        pattern: regular expression; what it finds in a picture's key (its first group, if it has one) names the item.
            "": folders below the label's, names, and the time of the photograph say it.
    """
    clues: dict[str, Clue] = (
        {"the pattern": lambda own: _by_pattern(own, pattern)}
        if pattern
        else {"folders": _by_folder, "names": _by_name, "times": _by_time}
    )
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, picture in enumerate(pictures):
        rows_of[picture.label].append(row)
    numberings, kept, notes = [], Counter[str](), []
    for kind, clue in clues.items():
        numbers = np.arange(len(pictures))
        for label, rows in rows_of.items():
            items = clue([pictures[row] for row in rows])
            together = {item: count for item, count in Counter(items).items() if item is not None and count > 1}
            if not together:
                continue
            reason = _reason_against(items, together)
            if reason is not None:
                notes += [f"{label}: by {kind} {reason}"] if reason else []
                continue
            first = {item: rows[items.index(item)] for item in together}
            for row, item in zip(rows, items, strict=True):
                numbers[row] = first.get(item, row) if item is not None else row
            kept[kind] += sum(together.values())
        numberings.append(numbers)
    if pattern:
        missed = sum(not re.search(pattern, picture.key) for picture in pictures)
        notes += [f"{missed} of {len(pictures)} pictures have nothing that --group finds"] if missed else []
    groups = joined(*numberings)
    sizes = np.bincount(groups)
    unknown = []
    for label, rows in rows_of.items():
        alone = sizes[groups[rows]] == 1
        # A picture that the pattern finds is known to be an item by itself.
        found_out = ~alone if not pattern else [bool(re.search(pattern, pictures[row].key)) for row in rows]
        known = int(np.sum(found_out))
        if alone.all() or known < MOSTLY * len(rows):
            unknown.append(label if alone.all() else f"{label} ({len(rows) - known} of {len(rows)} pictures)")
    found = [f"{count} by {kind}" for kind, count in kept.items()]
    return ItemClues(
        groups,
        (f"pictures of one item kept together: {', '.join(found)}",) if found else (),
        (*notes, *([_unknown_note(unknown)] if unknown else [])),
    )


def joined(*numberings: NDArray[np.int64]) -> NDArray[np.int64]:
    """Groups that join what any of the numberings joins: int64 (n,), 0 upwards. Each numbering is (n,), >= 0."""
    count = len(numberings[0])
    ends, total = [], count
    for numbers in numberings:
        ends.append(numbers + total)
        total += int(numbers.max(initial=0)) + 1
    starts = np.tile(np.arange(count), len(numberings))
    edges = coo_array((np.ones(len(starts)), (starts, np.concatenate(ends))), shape=(total, total))
    parts = connected_components(edges, directed=False)[1][:count]
    dense: NDArray[np.int64] = np.unique(parts, return_inverse=True)[1].astype(np.int64)
    return dense


def _reason_against(items: Sequence[str | None], together: Mapping[str, int]) -> str | None:
    """Why these items cannot be kept together; "" where it need not be told, None where they can."""
    count = len(set(items) - {None}) + sum(item is None for item in items)
    if count == 1:
        return ""  # a name of the label, of a day or of a camera
    largest = max(together, key=together.__getitem__)
    if count < LEAST_ITEMS:
        found = f"there are {count} items"
    elif together[largest] > LARGEST_SHARE * len(items):
        found = f"{together[largest]} of {len(items)} pictures show one item, {PurePosixPath(largest).name}"
    else:
        return None
    return (
        f"{found}: too few to keep each in one part. If that is right, the check flatters, for one item is in several parts: "
        "photograph more items"
    )


def _unknown_note(labels: Sequence[str]) -> str:
    more = len(labels) - NAMED_LABELS
    named = ", ".join(labels[:NAMED_LABELS]) + (f" and {more} more" if more > 0 else "")
    return (
        f"{named}: nothing but likeness says which pictures show one item. If you photographed items several times, the check "
        "flatters unless names tell them apart (cup_03_1.jpg, cup_03_2.jpg), each item has a folder of its own, or --group "
        "finds the item in the path"
    )


def _by_pattern(pictures: Sequence[Picture], pattern: str) -> list[str | None]:
    found = [re.search(pattern, picture.key) for picture in pictures]
    return [match and (match.group(1) if match.re.groups else match.group()) for match in found]


def _by_folder(pictures: Sequence[Picture]) -> list[str | None]:
    return [f"{picture.data_set}/{picture.subfolder}" if picture.subfolder else None for picture in pictures]


def _by_name(pictures: Sequence[Picture]) -> list[str | None]:
    return [_item_of_name(PurePosixPath(picture.key)) for picture in pictures]


def _item_of_name(path: PurePosixPath) -> str:
    """The name without what tells the pictures of one item apart."""
    stem = path.stem
    if copy := _ROBOFLOW.fullmatch(stem):
        stem = copy[1]
    look = _LOOK.fullmatch(stem)
    # A date is no item: phones number the pictures of a day.
    if look and re.search(r"\d", _DATE.sub("", look[1])):
        stem = look[1]
    return str(path.parent / stem)


def _by_time(pictures: Sequence[Picture]) -> list[str | None]:
    times = [_time_taken_s(picture.path) for picture in pictures]
    items: list[str | None] = [None] * len(pictures)
    number, last_s = 0, -np.inf
    for row in sorted((row for row, time_s in enumerate(times) if time_s is not None), key=lambda row: times[row] or 0):
        now_s = times[row] or 0.0
        number += now_s - last_s > SAME_ITEM_S
        items[row], last_s = f"moment {number}", now_s
    return items


def _time_taken_s(path: Path) -> float | None:
    """When a photograph was taken by its EXIF data or its name, in seconds since 1970; None where neither says it."""
    text = _exif_time(path)
    match = _DATE_AND_TIME.search(text) or _DATE_AND_TIME.search(path.stem)
    if match is None:
        return None
    try:
        return datetime.strptime("".join(match.groups()), "%Y%m%d%H%M%S").timestamp()
    except ValueError:  # a number that only looks like a date
        return None


def _exif_time(path: Path) -> str:
    try:
        with Image.open(path) as picture:
            own = picture.getexif().get_ifd(ExifTags.IFD.Exif)
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""  # damaged, or a format without such data: what can be read is told elsewhere
    return str(own.get(ExifTags.Base.DateTimeOriginal, ""))
