"""The last versions of a configuration, beside it: ``config.yaml.bak`` is the newest, then ``config.yaml.bak2`` and so on."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edge.config.yaml_file import MOST_BYTES
from edge.files.bounded import read_bounded
from edge.files.owner import rights_of_owner
from edge.files.state_files import write_whole

MOST = 5
"""Most versions that are kept."""


@dataclass(frozen=True, slots=True)
class ConfigVersion:
    """A version that is kept.

    Attributes:
        number: 1 is the newest.
        wall_s: when it was written, in seconds since 1970 UTC.
        content: its text.
    """

    number: int
    wall_s: float
    content: bytes


class ConfigVersions:
    """The versions of one configuration.

    Args:
        path: the configuration, without links.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> Iterator[ConfigVersion]:
        """Every version that can be read, the newest first."""
        for number in range(1, MOST + 1):
            path = self._place(number)
            with suppress(OSError, ValueError), rights_of_owner(path.parent):
                content = read_bounded(path, MOST_BYTES)
                yield ConfigVersion(number, path.stat().st_mtime, content)

    def keep(self, new: bytes) -> None:
        """Keep the configuration as it is now as the newest version. For it goes the one that comes back, or the oldest.

        Args:
            new: what the configuration will be.

        Raises:
            OSError: it cannot be read, or a version cannot be written.
        """
        content = self._path.read_bytes()
        same = [one.number for one in self.all() if one.content in (content, new)]
        free = [number for number in range(1, MOST) if not os.path.lexists(self._place(number))]
        gone = min([*same, *free], default=MOST)
        with rights_of_owner(self._path.parent):
            for number in range(gone, 1, -1):
                os.replace(self._place(number - 1), self._place(number))
        write_whole(self._place(1), content, durable=True, like=self._path)

    def _place(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.bak{'' if number == 1 else number}")
