"""What may be a label, and which known label is meant."""

from collections.abc import Iterable

from edge.errors import LabelError
from hardware.pictures.class_folders import part_of
from hardware.pictures.labels import spelling_key
from hardware.pictures.names import escaped_name, is_storable
from hardware.printable import printable

MOST_LETTERS, MOST_BYTES = 64, 255
"""Longest label, in letters and in bytes of UTF-8: it is the name of a folder when the set is exported."""


def check_label(text: str) -> str:
    """The text, if it can be a label: it must be able to name a folder, and to be printed.

    Raises:
        LabelError: it cannot.
    """
    name = escaped_name(text)
    if not spelling_key(text) or text != text.strip() or not is_storable(text) or printable(text) != text:
        raise LabelError(f"label {name!r}: expected a word or several, such as glass or 'paper cup'")
    if text.startswith(".") or set(text) & set("/\\:"):
        raise LabelError(
            f"label {name}: expected no dot at its beginning, and no slash or colon in it: it names a folder"
        )
    if len(text) > MOST_LETTERS:
        raise LabelError(f"label {name}: has {len(text)} letters, expected at most {MOST_LETTERS}")
    if (size := len(text.encode())) > MOST_BYTES:
        raise LabelError(f"label {name}: has {size} bytes, expected at most {MOST_BYTES}: it names a folder")
    if part_of(text):
        raise LabelError(
            f"label {name}: a folder of this name counts as a part of a data set in training; choose another word"
        )
    return text


def known_label(text: str, *known: Iterable[str]) -> str:
    """The known label that a text means, in whatever spelling; the text itself if it means none.

    Args:
        text: what was typed.
        known: labels as they should be, from where they count most: the spelling there is taken, though it be another one
            elsewhere. What is taught comes first, or one label would become two.

    Raises:
        LabelError: the text cannot be a label.
    """
    key = spelling_key(check_label(text))
    for labels in map(tuple, known):
        if text in labels:
            return text
        for label in labels:
            if spelling_key(label) == key:
                return label
    return text
