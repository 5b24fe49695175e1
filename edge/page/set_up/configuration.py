"""The bin's configuration for the page: read, tried and written by ``sorter config``, in a process of its own."""

import asyncio
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

from edge.config.invocation import invocation
from edge.errors import UnavailableError
from edge.page.bin_settings import BinSettings
from edge.page.sorter_child import run_sorter

RESTART = "sudo systemctl restart sorter sorter-page"
"""The command after which a changed configuration holds."""


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key of the configuration; attributes as of ``edge.calibrate.config_listing.ListedKey``."""

    key: str
    value: str
    is_set: bool
    is_secret: bool
    meaning: str
    expected: str


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version before the present one.

    Attributes:
        number: 1 is the newest.
        wall_s: when it was written, in seconds since 1970 UTC.
        difference: the lines that change if it comes back.
    """

    number: int
    wall_s: float
    difference: Sequence[str]


@dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration as it stands in its file.

    Attributes:
        file: the file.
        sha256: of its content, by which a change says which one it is a change of.
        is_writable: whether the page may write it.
        overridden: keys that the command line sets whatever the file says.
        keys: every key.
        versions: the versions before.
    """

    file: str
    sha256: str
    is_writable: bool
    overridden: Sequence[str]
    keys: Sequence[ShownKey]
    versions: Sequence[ShownVersion]

    @classmethod
    def of(cls, tree: Mapping[str, Any]) -> Self:  # Any: JSON of the command
        """What the command has printed.

        Raises:
            UnavailableError: it is something else.
        """
        try:
            return cls(
                file=tree["file"],
                sha256=tree["sha256"],
                is_writable=tree["is_writable"],
                overridden=tree["overridden"],
                keys=[ShownKey(**one) for one in tree["keys"]],
                versions=[ShownVersion(**one) for one in tree["versions"]],
            )
        except (KeyError, TypeError) as error:
            raise UnavailableError("'sorter config list': expected another answer; restart the page") from error

    def sections(self) -> dict[str, list[ShownKey]]:
        """Section, or bin, -> its keys."""
        return {name: list(keys) for name, keys in groupby(self.keys, key=_section)}


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was looked at.

    Attributes:
        assignments: each ``key=value``.
        sha256: of the configuration that it is a change of.
        difference: the lines that change; none: it changes nothing.
        keys: the keys that change.
    """

    assignments: Sequence[str]
    sha256: str
    difference: Sequence[str]
    keys: Sequence[str]


class ConfigurationEditor:
    """Runs the command, once at a time."""

    def __init__(self) -> None:
        self._one_child = asyncio.Lock()

    async def read(self, settings: BinSettings) -> Configuration:
        """The configuration.

        Raises:
            UnavailableError: there is none, or it cannot be read; the text says why.
        """
        return Configuration.of(await self._run(settings, "list"))

    async def look(self, settings: BinSettings, assignments: Sequence[str], sha256: str) -> Change:
        """See what a change would change; nothing is written.

        Args:
            settings: the bin.
            assignments: each ``key=value``.
            sha256: of the configuration that was seen.

        Raises:
            UnavailableError: it is not valid; the text says why.
        """
        found = await self._run(settings, "set", "--try", "--of", sha256, "--", *assignments)
        keys = [str(key) for key in found["keys"]]
        changed = [one for one in assignments if one.partition("=")[0] in keys]
        return Change(changed, sha256, [str(line) for line in found["difference"]], keys)

    async def write(self, settings: BinSettings, assignments: Sequence[str], sha256: str) -> list[str]:
        """Write a change; returns the keys that have changed. Arguments and errors as of ``look``."""
        found = await self._run(settings, "set", "--of", sha256, "--", *assignments)
        return [str(key) for key in found["keys"]]

    async def go_back(self, settings: BinSettings, number: int, sha256: str) -> None:
        """Go back to a version. Arguments and errors as of ``look``."""
        await self._run(settings, "back", "--of", sha256, "--", str(number))

    async def _run(
        self, settings: BinSettings, action: str, *arguments: str
    ) -> dict[str, Any]:  # Any: as of run_sorter
        async with self._one_child:
            return await run_sorter(settings, ["config", action], ["--json", *arguments])


def command_for(settings: BinSettings, *words: str) -> str:
    """The command by which somebody on the bin does what the page may not."""
    assert settings.config is not None
    return shlex.join(["sudo", *shlex.split(invocation("config", *words, config=settings.config))])


def _section(key: ShownKey) -> str:
    first, *rest = key.key.split(".")
    return f"{first}.{rest[0]}" if first in ("bins", "drives") and rest else first
