"""Names of files and folders that cannot be printed or stored as they are."""

import unicodedata
from pathlib import Path

from hardware.printable import printable

_NOT_STORED = ("Cc", "Cs", "Zl", "Zp")
"""Unicode categories that a list with one name a line cannot hold: control characters (line breaks, escape codes), bytes that
are not UTF-8, and separators of lines and paragraphs."""


def is_storable(name: str) -> bool:
    """Whether the name of a file or folder can be printed, and stored in a list with one name a line."""
    return not any(unicodedata.category(letter) in _NOT_STORED for letter in name)


def escaped_name(name: str | Path) -> str:
    """A name on one line, with escapes for what ``is_storable`` refuses."""
    return printable(str(name)).replace("\n", "\\n").replace("\t", "\\t")
