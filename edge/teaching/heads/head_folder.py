"""The heads of a bin: the one in use, and the ones before it. Switching is one rename: there is the old head or the new one."""

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edge.errors import HeadError, ModelError
from edge.files.bounded import read_bounded
from edge.files.owner import make_folder, rights_of_owner
from edge.files.state_files import is_regular, write_whole

if TYPE_CHECKING:
    from edge.inference.head import TaughtHead

KEPT = 3
"""Number of earlier heads that are kept: a bad evening of teaching is several heads long."""

FOLDER = "heads"
"""Folder beside the head in use, where each head that was in use lies under its number."""

WANTED = "wanted"
"""File in that folder with the SHA-256 of a head that its owner wants although it knows the taught pictures less well."""

_NAME = re.compile(r"(\d{8})-([0-9a-f]{12})\.head")


@dataclass(frozen=True, slots=True)
class HeadInUse:
    """A head as it was read.

    Attributes:
        path: its file.
        sha256: SHA-256 of the file, which names it.
        head: what is in it.
    """

    path: Path
    sha256: str
    head: "TaughtHead"


class HeadFolder:
    """The head in use is one file, a copy of the newest in a folder beside it. A process that is killed at any moment leaves the
    old head in use, or the new one.

    Args:
        file: the head in use; need not exist.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._folder = file.parent / FOLDER

    @property
    def is_there(self) -> bool:
        """Whether something has the name of the head in use, sound or not."""
        return self.file.exists() or self.file.is_symlink()

    def current(self) -> HeadInUse | None:
        """The head in use; None: nothing is taught yet.

        Raises:
            ModelError: it is damaged, or no head.
        """
        return load_head(self.file) if self.is_there else None

    def earlier(self) -> list[Path]:
        """The heads that were in use before the present one, the newest first; none where no head is in use."""
        if not self.is_there:
            return []  # a kill has left those that were gone back from, or one that was not yet in use
        number = self._number_in_use()
        return [path for path in reversed(self._stored()) if number is None or _number(path) < number]

    def is_wanted(self, sha256: str) -> bool:
        """Whether the owner wants this head whatever it knows of the taught pictures: one that was gone back to, or forced."""
        with suppress(OSError, ValueError):
            return read_bounded(self._folder / WANTED, 100).decode().strip() == sha256
        return False

    def use(self, path: Path, *, is_wanted: bool = False, note: Callable[[str], None] = lambda step: None) -> HeadInUse:
        """Use a head from now on, and keep the one before.

        Args:
            path: its file.
            is_wanted: even if it knows the taught pictures less well.
            note: called with the name of each step before it, for a test.

        Raises:
            InputMissingError: the file does not exist.
            ModelError: it is damaged, or no head.
            HeadError: it cannot be written; the head before stays in use.
        """
        content = _read(path)
        new = _parse(path, content)
        try:
            note("folder")
            make_folder(self._folder)
            note("old")
            self._keep_current()
            self._leave_newer()
            note("new")
            self._store(content, new.sha256)
            self._switch(content, new.sha256 if is_wanted else "", note)
        except OSError as error:
            raise HeadError(f"head {self.file}: cannot be written: {error.strerror}; the one before stays") from error
        note("prune")
        self._prune()
        return new

    def back(self, *, note: Callable[[str], None] = lambda step: None) -> HeadInUse | None:
        """Use the head before the present one; None: there was none, and the model alone answers.

        Raises:
            HeadError: no head is in use, or it cannot be written.
            ModelError: the head before is damaged.
        """
        if not self.is_there:
            raise HeadError(f"head {self.file}: none is in use, so that there is nothing to go back from")
        try:
            make_folder(self._folder)
            before = self.earlier()
            old = None
            if before:
                content = _read(before[0])
                old = _parse(before[0], content)
                self._switch(content, old.sha256, note)
            else:
                self._keep_current()
                note("unlink")
                with rights_of_owner(self.file.parent):
                    self.file.unlink()
            note("left")
            self._leave_newer()
        except OSError as error:
            raise HeadError(f"head {self.file}: cannot be written: {error.strerror}; the one in use stays") from error
        note("prune")
        self._prune()
        return old

    def _switch(self, content: bytes, wanted: str, note: Callable[[str], None]) -> None:
        # First: a running sorter looks at it when it sees the new head.
        note("wanted")
        write_whole(self._folder / WANTED, f"{wanted}\n".encode(), durable=True)
        note("switch")
        write_whole(self.file, content, durable=True)

    def _keep_current(self) -> None:
        """Keep a head in use that was put there by hand; one that is damaged is not worth it."""
        if self.is_there and self._number_in_use() is None:
            with suppress(ModelError):
                content = _read(self.file)
                self._store(content, _parse(self.file, content).sha256)

    def _leave_newer(self) -> None:
        """Take those that were gone back from out of the way: 'teach use' still finds them, going back does not lead to them."""
        number = self._number_in_use()
        if number is None and self.is_there:
            return  # a damaged one: those before it are what there is to go back to
        with rights_of_owner(self._folder):
            for path in self._stored():
                if number is None or _number(path) > number:
                    path.replace(path.with_name(f"left-{path.name}"))

    def _store(self, content: bytes, sha256: str) -> None:
        stored = self._stored()
        if stored and stored[-1].name[9:21] == sha256[:12]:
            return  # one that is used again does not push the earlier ones out
        number = _number(stored[-1]) + 1 if stored else 1
        write_whole(self._folder / f"{number:08d}-{sha256[:12]}.head", content, durable=True)

    def _stored(self) -> list[Path]:
        """The heads that are kept, the oldest first."""
        try:
            return sorted(path for path in self._folder.iterdir() if _NAME.fullmatch(path.name) and is_regular(path))
        except OSError:
            return []

    def _number_in_use(self) -> int | None:
        """Number of the head in use; None: it is not among those that are kept."""
        try:
            sha256 = _sha256(_read(self.file))
        except (OSError, ModelError):
            return None
        numbers = [_number(path) for path in self._stored() if f"-{sha256[:12]}." in path.name]
        return max(numbers, default=None)

    def _prune(self) -> None:
        """Delete the oldest heads; what cannot be deleted is no reason to fail."""
        with suppress(OSError), rights_of_owner(self._folder):
            for path in self._stored()[: -(KEPT + 1)]:
                path.unlink()
            for path in sorted(self._folder.glob("left-*.head"))[:-KEPT]:
                path.unlink()


def load_head(path: Path) -> HeadInUse:
    """Read a head with the hash that names it.

    Raises:
        InputMissingError: the file does not exist.
        ModelError: it is damaged, or no head.
    """
    return _parse(path, _read(path))


def _parse(path: Path, content: bytes) -> HeadInUse:
    # Here: a bin that looks for a head and finds none does not pay for it.
    from edge.inference.head_file import parse_head

    return HeadInUse(path, _sha256(content), parse_head(path, content))


def _read(path: Path) -> bytes:
    from edge.inference.head_file import read_content  # as above

    return read_content(path)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _number(path: Path) -> int:
    return int(path.name[:8])
