"""Writes accepted proposals: every file atomically, the configuration last, its previous version kept as ``.bak``."""

import difflib
import os
import shutil
from contextlib import suppress
from pathlib import Path

from edge.calibrate.proposal import Proposal
from edge.calibrate.yaml_edit import rewritten
from edge.config.file import load_config
from edge.errors import ConfigError, UnavailableError
from hardware.text_file import read_text


class ConfigWriter:
    """Writes proposals to a configuration file.

    Args:
        path: the file; a link is followed.

    Raises:
        UnavailableError: the file's folder is not writable. Raised here, before the user has measured anything.

    Attributes:
        path: the file, without links.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._kept = False
        if not os.access(self.path.parent, os.W_OK):
            raise UnavailableError(
                f"configuration {path}: calibrate may not write to {self.path.parent}; run it as its owner, or with sudo"
            )

    def difference(self, proposal: Proposal) -> list[str]:
        """Lines that the proposal changes, as ``diff -u`` shows them; empty if it changes nothing.

        Raises:
            ConfigError: the text of the configuration cannot be edited.
        """
        before = self._text()
        after = rewritten(before, proposal.settings)
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
        return [line for line in lines if not line.startswith(("---", "+++", "@@"))]

    def write(self, proposal: Proposal) -> None:
        """Write the proposal's files, then the configuration.

        Raises:
            ConfigError: the changed configuration is not valid; nothing is written.
            UnavailableError: a file cannot be written; the configuration is unchanged.
        """
        text = rewritten(self._text(), proposal.settings)
        part = self.path.with_name(f".{self.path.name}.part")
        try:
            # In the same folder as the file that it replaces, where relative paths have the same meaning.
            _write_through(part, text.encode(), like=self.path)
            self._check(part)
            for path, content in proposal.files.items():
                write_atomic(path, content)
            if not self._kept:
                # The version before the first step is the one to return to after a whole calibration.
                write_atomic(self.path.with_name(f"{self.path.name}.bak"), self.path.read_bytes(), like=self.path)
                self._kept = True
            os.replace(part, self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            raise UnavailableError(f"{self.path}: cannot be written, it is unchanged: {error}") from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def _text(self) -> str:
        return read_text(self.path)

    def _check(self, part: Path) -> None:
        try:
            load_config(part)
        except ConfigError as error:
            raise ConfigError(str(error).replace(str(part), str(self.path))) from error


def write_atomic(path: Path, content: bytes, *, like: Path | None = None) -> None:
    """Write a file atomically: after a crash it is either complete or unchanged. Its folder is created if missing.

    Args:
        path: the file.
        content: its whole content.
        like: file whose owner and mode are copied; None: those of this process.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        _write_through(part, content, like=like)
        os.replace(part, path)
        _sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _write_through(path: Path, content: bytes, *, like: Path | None) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if like is not None:
        shutil.copymode(like, path)
        with suppress(PermissionError):  # only root may change the owner
            os.chown(path, like.stat().st_uid, like.stat().st_gid)


def _sync_folder(folder: Path) -> None:
    """Flush a folder to disk: only then does a rename in it survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
