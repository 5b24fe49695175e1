"""What takes minutes to make and is kept until what it is made from changes."""

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path


def digest(inputs: Iterable[str | bytes | Path]) -> str:
    """A short name for texts and the contents of files."""
    total = hashlib.sha256()
    for given in inputs:
        data = given.read_bytes() if isinstance(given, Path) else given.encode() if isinstance(given, str) else given
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()[:12]


def kept(folder: Path, name: str, inputs: Iterable[str | bytes | Path], make: Callable[[Path], None]) -> Path:
    """``folder/name-DIGEST``: a folder that ``make`` fills, unless it is there already.

    It appears when it is complete, and those made from other inputs go.
    """
    found = folder / f"{name}-{digest(inputs)}"
    if found.is_dir():
        return found
    unfinished = found.with_name(f".{name}")
    for old in (unfinished, *folder.glob(f"{name}-*")):
        shutil.rmtree(old, ignore_errors=True)
    unfinished.mkdir(parents=True)
    make(unfinished)
    return unfinished.rename(found)
