"""A version of this program in a folder of its own, as git keeps it."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.config.python_child import SOURCES
from edge.errors import InputMissingError, UnavailableError


@contextmanager
def checked_out(ref: str, repository: Path = SOURCES) -> Iterator[Path]:
    """Unpack a version into a temporary folder; nothing of the repository changes.

    Args:
        ref: a branch, tag or commit.
        repository: a folder of the repository.

    Raises:
        InputMissingError: the repository has no such version, or the folder is in none.
        UnavailableError: git is not installed.
    """
    # The end of options: a name that begins with a dash is none.
    command = ["git", "-C", str(repository), "archive", "--format=tar", "--end-of-options", ref]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise UnavailableError(
            f"git cannot be started: {error.strerror}; versions are compared as git keeps them"
        ) from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise InputMissingError(f"version {ref!r} of {repository}: {said[-1]}; expected a branch, tag or commit")
    with tempfile.TemporaryDirectory(prefix="sorter-bench-") as name:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(name, filter="data")
        yield Path(name)
