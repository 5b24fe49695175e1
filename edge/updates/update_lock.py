"""One update at a time: the timer and a person may come together."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import UnavailableError
from edge.files.owner import make_folder, rights_of_owner
from edge.updates.refusal import UpdateStorageError

LOCK = "lock"


@contextmanager
def only_update(updates: Path) -> Iterator[None]:
    """Hold the lock of the folder of updates.

    Raises:
        UnavailableError: another process holds it.
        UpdateStorageError: the folder cannot be written.
    """
    try:
        make_folder(updates)
        with rights_of_owner(updates):
            descriptor = os.open(updates / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UpdateStorageError(f"{updates}: cannot be written: {error.strerror or error}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnavailableError("another update is under way: try again in a minute") from None
        yield
    finally:
        os.close(descriptor)
