"""Writes accepted proposals: every file atomically, the configuration last, its previous versions kept beside it."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path

from edge.calibrate.config_versions import ConfigVersion, ConfigVersions
from edge.calibrate.proposal import Proposal
from edge.calibrate.yaml_edit import rewritten
from edge.config.file import load_config
from edge.errors import ConfigError, UnavailableError
from edge.files.owner import make_folder
from edge.files.state_files import write_whole
from hardware.text_file import read_text


class ConfigWriter:
    """Writes proposals to a configuration file.

    Args:
        path: the file; a link is followed.

    Raises:
        UnavailableError: the file's folder is not writable. Raised here, before the user has measured anything.

    Attributes:
        path: the file, without links.
        versions: its last versions.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.versions = ConfigVersions(self.path)
        self._kept = False
        if not os.access(self.path.parent, os.W_OK):
            raise UnavailableError(
                f"configuration {path}: this user may not write to {self.path.parent}; run it as its owner, or with sudo"
            )

    def difference(self, proposal: Proposal) -> list[str]:
        """Lines that the proposal changes, as ``diff -u`` shows them; empty if it changes nothing.

        Raises:
            ConfigError: the text of the configuration cannot be edited.
        """
        before = self._text()
        return changed_lines(before, rewritten(before, proposal.settings))

    def write(self, proposal: Proposal) -> None:
        """Write the proposal's files, then the configuration.

        Raises:
            ConfigError: the changed configuration is not valid; nothing is written.
            UnavailableError: a file cannot be written; the configuration is unchanged.
        """
        self._replace(rewritten(self._text(), proposal.settings), proposal.files)

    def go_back(self, version: ConfigVersion) -> None:
        """Replace the configuration by one of its versions.

        Raises:
            ConfigError, UnavailableError: as of ``write``.
        """
        self._replace(version.content.decode(errors="replace"), {})

    def _replace(self, text: str, files: Mapping[Path, bytes]) -> None:
        def check(part: Path) -> None:
            # In the same folder as the file that it replaces, where relative paths have the same meaning.
            self._check(part)
            for path, content in files.items():
                write_atomic(path, content)
            if not self._kept:
                # The version before the first step is the one to return to after a whole calibration.
                self.versions.keep(text.encode())
                self._kept = True

        try:
            write_whole(self.path, text.encode(), durable=True, like=self.path, check=check)
        except OSError as error:
            raise UnavailableError(f"{self.path}: cannot be written, it is unchanged: {error}") from error

    def _text(self) -> str:
        return read_text(self.path)

    def _check(self, part: Path) -> None:
        try:
            load_config(part)
        except ConfigError as error:
            raise ConfigError(*(one.replace(str(part), str(self.path)) for one in error.problems)) from error


def changed_lines(before: str, after: str) -> list[str]:
    """The lines in which two texts differ, as ``diff -u`` shows them; empty if they are the same."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file atomically: after a crash it is either complete or unchanged. Its folder is created if missing.

    Args:
        path: the file.
        content: its whole content.

    Raises:
        OSError: the file cannot be written.
    """
    make_folder(path.parent)
    write_whole(path, content, durable=True)
