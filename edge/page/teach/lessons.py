"""What is taught, fitted and used, by the commands of ``sorter teach``: one at a time."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.page.bin_settings import BinSettings
from edge.page.sorter_child import run_sorter, sorter_lines

TIMEOUT_S = 300.0
"""Longest time for a command, in seconds: a fit of a full set on a slow Pi."""

JSON = ("--json",)

CommandAnswer = dict[str, Any]  # Any: JSON of the commands
"""What a command prints."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a fit has given.

    Attributes:
        head: the head's file; None: it was not written, since it would cost the old labels too much.
        figures: the fit's JSON.
    """

    head: Path | None
    figures: CommandAnswer


class Lessons:
    """Runs the commands.

    Attributes:
        fitted: the newest fit since then nothing was taught or used; None: there is none.
    """

    def __init__(self) -> None:
        self.fitted: Fitted | None = None
        self._taught: tuple[int | None, list[CommandAnswer]] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._one_child = asyncio.Lock()

    def known(self, settings: BinSettings) -> list[CommandAnswer] | None:
        """What ``taught`` gives, where that is known without asking; None: it is not."""
        if self._taught is None or self._taught[0] != _changed_ns(settings.teaching_folder):
            return None
        return self._taught[1]

    async def taught(self, settings: BinSettings) -> list[CommandAnswer]:
        """A line of ``sorter teach list`` for each label. Takes a second, several on a Pi, unless it is known.

        Raises:
            UnavailableError: as of every method here, the command failed; the text says why.
        """
        async with self._one_child:
            found = self.known(settings)
            if found is None:
                changed_ns = _changed_ns(settings.teaching_folder)
                found = await sorter_lines(settings, ["teach", "list"], JSON, timeout_s=TIMEOUT_S)
                self._taught = changed_ns, found
            return found

    async def add(self, settings: BinSettings, label: str, looks: Sequence[Path]) -> CommandAnswer:
        """Teach a label from looks."""
        return await self._change(settings, "seen", label, *map(str, looks))

    async def drop(self, settings: BinSettings, label: str) -> CommandAnswer:
        """Take a label out."""
        return await self._change(settings, "drop", label)

    async def undo(self, settings: BinSettings) -> CommandAnswer:
        """Undo the last change of what is taught."""
        return await self._change(settings, "undo")

    async def fit(self, settings: BinSettings) -> Fitted:
        """Fit a head to what is taught."""
        async with self._one_child:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="sorter-fit-")
            path = Path(self._folder.name) / "new.head"
            figures = await run_sorter(settings, ["teach", "fit"], [*JSON, "--out", str(path)], timeout_s=TIMEOUT_S)
            self.fitted = Fitted(path if figures["head"] else None, figures)
            return self.fitted

    async def use(self, settings: BinSettings, head: Path) -> CommandAnswer:
        """Use a head from now on."""
        return await self._change(settings, "use", str(head))

    async def back(self, settings: BinSettings) -> CommandAnswer:
        """Go back to the head before."""
        return await self._change(settings, "back")

    async def _change(self, settings: BinSettings, action: str, *arguments: str) -> CommandAnswer:
        async with self._one_child:
            # A label may begin with a hyphen; options come before it. Who takes no argument takes no "--" either.
            words = [*JSON, "--", *arguments] if arguments else JSON
            found = await run_sorter(settings, ["teach", action], words, timeout_s=TIMEOUT_S)
            self._taught = self.fitted = None
            return found


def _changed_ns(folder: Path | None) -> int | None:
    """When the taught set was changed, by whomever: each change makes and deletes a journal beside it. None: it never was."""
    try:
        return None if folder is None else folder.stat().st_mtime_ns
    except OSError:
        return None
