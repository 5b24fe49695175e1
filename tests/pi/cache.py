"""Cache of folders that take minutes to make, by a digest of their inputs."""

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path


def digest(inputs: Iterable[str | bytes | Path]) -> str:
    """Short hash of texts and of the contents of files."""
    total = hashlib.sha256()
    for given in inputs:
        data = given.read_bytes() if isinstance(given, Path) else given.encode() if isinstance(given, str) else given
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()[:12]


def cached(folder: Path, name: str, inputs: Iterable[str | bytes | Path], make: Callable[[Path], None]) -> Path:
    """The folder ``folder/name-DIGEST``, filled by ``make`` unless it exists.

    It appears only when it is complete. Folders of the same name with other inputs are deleted.
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
