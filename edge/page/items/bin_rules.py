"""What the bin's rules ask for before an item goes into a bin, read by a child process when somebody looks."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.errors import SorterError
from edge.page.bin_settings import BinSettings
from edge.page.sorter_child import run_sorter

log = logging.getLogger(__name__)

FRESH_S = 600.0
"""Age up to which they are not read again, in seconds: a newly used head brings others."""


@dataclass(frozen=True, slots=True)
class BinRules:
    """The rules that hold now; those of an earlier item may have been others.

    Attributes:
        least: bin -> least summed probability of its labels, 0..1.
        least_score: items with a lower out-of-distribution score are strangers; None: not known, or there is no such rule.
        hazard_confidence: summed probability of dangerous things from which an item counts as one, 0..1; None: not known.
    """

    least: Mapping[str, float] = field(default_factory=dict)
    least_score: float | None = None
    hazard_confidence: float | None = None


class RulesReader:
    """Knows the rules as they were when they were last read, and reads them anew in the background."""

    def __init__(self) -> None:
        self._rules = BinRules()
        self._read_s: float | None = None
        self._task: asyncio.Task[None] | None = None

    def rules(self, settings: BinSettings) -> BinRules:
        """The rules as far as they are known; where they are old, the next one who asks gets newer ones.

        Args:
            settings: the bin.
        """
        now_s = asyncio.get_running_loop().time()
        is_old = self._read_s is None or now_s - self._read_s > FRESH_S
        if settings.config is not None and is_old and (self._task is None or self._task.done()):
            self._read_s = now_s
            self._task = asyncio.create_task(self._read(settings))
        return self._rules

    async def _read(self, settings: BinSettings) -> None:
        try:
            found = await run_sorter(settings, ["model", "rules"], ["--json"])
        except SorterError as error:
            log.warning("the rules of the bins are not shown: %s", error)
            return
        self._rules = BinRules(found["least"], found["least_score"], found["hazard_confidence"])
