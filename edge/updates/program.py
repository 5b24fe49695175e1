"""A signed release of the program itself: fetched, unpacked and installed by its own ``install.sh``, which goes back by itself.

It runs as root, and believes only what root alone may write: nothing of the service's user.
"""

import json
import os
import shutil
import stat
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from edge.files.bounded import read_bounded
from edge.files.state_files import write_whole
from edge.updates.offer import Offer
from edge.updates.refusal import UpdateRefusedError, UpdateStorageError

if TYPE_CHECKING:
    from edge.updates.repository import SignedRepository

RECORD = "program.json"
"""File with the version that was installed last, and the one that was refused last."""

UNPACKED = "release"

INSTALLER = Path("systemd") / "install.sh"

MOST_UNPACKED_BYTES = 500_000_000
MOST_FILES = 20_000

Install = Callable[[Sequence[str]], int]


def run_installer(command: Sequence[str]) -> int:
    """Run a command to its end; its exit code."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode


class ProgramUpdate:
    """Takes a release.

    Args:
        folder: root's own, for what was installed and what is fetched.
        install: runs the installer.
    """

    def __init__(self, folder: Path, *, install: Install = run_installer) -> None:
        self._folder = folder
        self._install = install

    def news(self, repository: "SignedRepository", names: Sequence[str]) -> Offer | None:
        """The release that is offered and neither installed nor refused; None: there is none.

        Args:
            repository: refreshed.
            names: what the bin wants.

        Raises:
            RepositoryRefusedError, RepositoryUnreachableError: as of ``SignedRepository.offer``.
        """
        known = self._known()
        for name in names:
            offer = repository.offer(name)
            if offer is not None and offer.kind == "program":
                # Never back to an older one: 'install.sh --rollback' does that, and keeps its events readable.
                is_new = offer.version > max(known.get("installed", 0), known.get("refused", 0))
                return offer if is_new else None
        return None

    def take(self, repository: "SignedRepository", offer: Offer) -> None:
        """Fetch and install a release.

        Raises:
            RepositoryRefusedError, RepositoryUnreachableError: it does not come as it was signed.
            UpdateRefusedError: it is no release, or does not become ready; the one before runs.
            UpdateStorageError: it cannot be unpacked.
        """
        file = repository.fetch(offer)
        unpacked = self._folder / UNPACKED
        shutil.rmtree(unpacked, ignore_errors=True)
        try:
            self._unpack(file, unpacked)
            found = [*unpacked.glob(str(INSTALLER)), *unpacked.glob(f"*/{INSTALLER}")]
            if len(found) != 1:
                raise UpdateRefusedError(f"{offer.name} {offer.version}: has no {INSTALLER}, or several")
            code = self._install(["/bin/bash", str(found[0])])
            if code != 0:
                raise UpdateRefusedError(
                    f"{offer.name} {offer.version}: its installer ends with {code}; the release before runs (journalctl --unit "
                    "sorter-program)"
                )
        except UpdateRefusedError:
            self._note(refused=offer.version)
            raise
        finally:
            shutil.rmtree(unpacked, ignore_errors=True)
            repository.clear()
        self._note(installed=offer.version)

    def _unpack(self, file: Path, to: Path) -> None:
        try:
            to.mkdir(parents=True)
            with tarfile.open(file, "r:gz") as archive:
                size = 0
                for number, member in enumerate(archive, 1):
                    size += member.size
                    if size > MOST_UNPACKED_BYTES or number > MOST_FILES:
                        raise UpdateRefusedError(f"{file.name}: unpacks to more than any release")
                    archive.extract(member, to, filter="data")
        except (tarfile.TarError, EOFError, ValueError) as error:
            if isinstance(error, UpdateRefusedError):
                raise
            raise UpdateRefusedError(f"{file.name}: is no release: {error}") from error
        except OSError as error:
            raise UpdateStorageError(f"{to}: cannot be written: {error.strerror or error}") from error

    def _known(self) -> dict[str, int]:
        with suppress(OSError, ValueError, TypeError, AttributeError):
            found = json.loads(read_bounded(self._folder / RECORD, 1000))
            return {str(key): int(value) for key, value in found.items()}
        return {}

    def _note(self, **versions: int) -> None:
        try:
            write_whole(self._folder / RECORD, json.dumps(self._known() | versions).encode(), durable=True)
        except OSError as error:
            raise UpdateStorageError(
                f"{self._folder / RECORD}: cannot be written: {error.strerror or error}"
            ) from error


def check_only_root_writes(path: Path) -> None:
    """See that a file and the folders on the way to it belong to root, and that nobody else may write them.

    Raises:
        UpdateRefusedError: somebody else may.
    """
    resolved = path.resolve()
    for one in (resolved, *resolved.parents):
        status = os.stat(one)
        is_shared = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not status.st_mode & stat.S_ISVTX
        if status.st_uid != 0 or is_shared:
            raise UpdateRefusedError(
                f"{one}: others than root may write it, so that root does not believe what it says"
            )
