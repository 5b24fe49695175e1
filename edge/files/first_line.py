"""A secret that stands in the first line of a file."""

from pathlib import Path

from edge.files.bounded import read_bounded

MOST_BYTES = 4096


def first_line(path: Path) -> str:
    """The first line of a small file; empty: there is none.

    Raises:
        OSError, ValueError: it cannot be read, or is no text.
    """
    return next(iter(read_bounded(path, MOST_BYTES).decode().splitlines()), "")
