"""Writes what was agreed to: every file whole or not at all, the configuration last, the one before kept as ``.bak``."""

import difflib
import os
import shutil
from contextlib import suppress
from pathlib import Path

from edge.calibrate.proposal import Proposal
from edge.calibrate.yaml_edit import rewritten
from edge.config.file import load_config
from edge.errors import ConfigError, UnavailableError


class Store:
    """The configuration file.

    Args:
        path: the file; a link is followed.

    Raises:
        UnavailableError: it may not be written here; said before anybody has measured anything.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._kept = False
        if not os.access(self.path.parent, os.W_OK):
            raise UnavailableError(
                f"configuration {path}: calibrate may not write to {self.path.parent}; run it as its owner, or with sudo"
            )

    def difference(self, proposal: Proposal) -> list[str]:
        """The lines that the proposal changes, as ``diff -u`` shows them; none when it changes nothing.

        Raises:
            ConfigError: the configuration cannot be changed so.
        """
        before = self._text()
        after = rewritten(before, proposal.settings)
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
        return [line for line in lines if not line.startswith(("---", "+++", "@@"))]

    def write(self, proposal: Proposal) -> None:
        """Write the proposal's files, then the configuration.

        Raises:
            ConfigError: the configuration does not load with it; nothing is changed.
            UnavailableError: a file cannot be written; the configuration is as it was.
        """
        text = rewritten(self._text(), proposal.settings)
        part = self.path.with_name(f".{self.path.name}.part")
        try:
            # Beside the file that it replaces: the relative paths in it mean the same there.
            _write_through(part, text.encode(), like=self.path)
            self._check(part)
            for path, content in proposal.files.items():
                write_atomic(path, content)
            if not self._kept:
                # As it was before the first step: of a whole calibration, that is what somebody may want back.
                write_atomic(self.path.with_name(f"{self.path.name}.bak"), self.path.read_bytes(), like=self.path)
                self._kept = True
            os.replace(part, self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            raise UnavailableError(f"{self.path}: cannot be written, it is as it was: {error}") from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def _text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def _check(self, part: Path) -> None:
        try:
            load_config(part)
        except ConfigError as error:
            raise ConfigError(str(error).replace(str(part), str(self.path))) from error


def write_atomic(path: Path, content: bytes, *, like: Path | None = None) -> None:
    """Write a file so that it is there whole or as it was before; its folder is made.

    Args:
        path: the file.
        content: all of it.
        like: a file whose owner and rights it gets; None: this process's.

    Raises:
        OSError: it cannot be written.
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
        with suppress(PermissionError):  # only root may give a file away
            os.chown(path, like.stat().st_uid, like.stat().st_gid)


def _sync_folder(folder: Path) -> None:
    """A renamed file survives a power cut once its folder is on the card."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
