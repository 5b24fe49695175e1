"""Settings that are paths: found again from wherever a run is used."""

import os
from pathlib import Path

from edge.models import SHIPPED

PATHS = ("data", "sprites", "split", "weights", "teachers", "masks", "cache")
NO_PATHS = ("", "imagenet", "none")
"""Settings that are paths, and values of theirs that are not."""


def absolute(text: str) -> str:
    """An absolute path; what is none of ``NO_PATHS`` alone counts as a path."""
    return text if text in NO_PATHS else os.path.abspath(text)


def found_from(folder: Path, text: str) -> str:
    """A path that starts from ``folder``; as it is where it leads somewhere from the current folder alone, or is no path."""
    is_name = text in SHIPPED and not (folder / text).exists()
    if is_name or text in NO_PATHS or os.path.isabs(text) or folder == Path.cwd():
        return text
    return text if os.path.exists(text) and not (folder / text).exists() else str(folder / text)
