"""Hands what was said on the page to the taught set, some seconds after the last word, by a child process."""

import asyncio
import logging

from edge.errors import SorterError
from edge.page.bin_settings import BinSettings
from edge.page.sorter_child import run_sorter

log = logging.getLogger(__name__)

QUIET_S = 5.0
"""Time without another word after which it is taught, in seconds: who reviews says something every other second, and each
start of the child costs a second of the processor."""

TIMEOUT_S = 300.0
"""Longest time for it, in seconds."""


class Apprentice:
    """Teaches in the background; what it cannot teach now it does after the next word.

    Args:
        quiet_s: as of ``QUIET_S``.

    Attributes:
        problem: why what was said is not taught yet, for the operator; None: it is, or soon will be.
    """

    def __init__(self, quiet_s: float = QUIET_S) -> None:
        self._quiet_s = quiet_s
        self._is_wanted = False
        self._task: asyncio.Task[None] | None = None
        self._said = asyncio.Event()
        self.problem: str | None = None

    def hear(self, settings: BinSettings) -> None:
        """Something was said or taken back."""
        self._is_wanted = True
        self._said.set()
        if settings.config is not None and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._work(settings))

    async def _work(self, settings: BinSettings) -> None:
        while self._is_wanted:
            await self._wait_until_quiet()
            self._is_wanted = False
            try:
                await run_sorter(settings, ["teach", "reviewed"], ["--json"], timeout_s=TIMEOUT_S)
                self.problem = None
            except SorterError as error:
                self.problem = str(error)
                log.warning("what was said on the page is not taught yet: %s", error)

    async def _wait_until_quiet(self) -> None:
        while True:
            self._said.clear()
            try:
                async with asyncio.timeout(self._quiet_s):
                    await self._said.wait()
            except TimeoutError:
                return
