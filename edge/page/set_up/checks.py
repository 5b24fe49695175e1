"""What ``sorter doctor`` finds, as far as a process without devices can look."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Self

from edge.errors import UnavailableError
from edge.page.bin_settings import BinSettings
from edge.page.sorter_child import run_command
from edge.page.texts import mark

SEEN_FROM_HERE = (
    "python",
    "packages",
    "runtime",
    "config",
    "lid",
    "model",
    "taught head",
    "temperature",
    "disk space",
    "file system",
    "disk wear",
    "event log",
    "clock",
)
"""Checks that need neither devices nor the system's own files: the page's service has none of them."""

STATUSES = {
    "failure": mark("must be put right"),
    "warning": mark("should be put right"),
    "ok": mark("fine"),
    "not here": mark("not here"),
}
"""Status of a finding -> its words, the gravest first."""

FAILED = 1
"""Exit code of a doctor that has found a failure."""

TIMEOUT_S = 120.0
"""Longest wait for it, in seconds: a slow Pi loads the model's runtime in ten."""


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """A finding of the doctor.

    Attributes:
        check: name of the check.
        status: one of ``STATUSES``.
        found: what was found.
        advice: what to do; empty: nothing.
    """

    check: str
    status: str
    found: str
    advice: str

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Self:  # Any: JSON of the command
        """One that the command has printed.

        Raises:
            UnavailableError: it is none.
        """
        values = [fields.get(name) for name in ("check", "status", "found", "advice")]
        if not all(isinstance(value, str) for value in values) or values[1] not in STATUSES:
            raise UnavailableError(f"'sorter doctor': expected findings, got {str(fields)[:80]}")
        return cls(*map(str, values))


class SharedDoctor:
    """Looks once for all who ask meanwhile: also for those who have left the page again, whom nothing should wait for."""

    def __init__(self) -> None:
        self._looking: asyncio.Task[list[CheckedPart]] | None = None

    async def look(self, settings: BinSettings) -> list[CheckedPart]:
        """What ``look`` gives."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(look(settings))
        return await asyncio.shield(self._looking)


async def look(settings: BinSettings) -> list[CheckedPart]:
    """Have the doctor look; what must be put right comes first.

    Args:
        settings: the bin.

    Raises:
        UnavailableError: it cannot.
    """
    result = await run_command(settings, ["doctor", *SEEN_FROM_HERE], ["--json"], timeout_s=TIMEOUT_S)
    if result.code not in (0, FAILED):
        raise UnavailableError(result.last_words or "'sorter doctor' failed")
    try:
        findings = [CheckedPart.of(fields) for fields in json.loads(result.output)]
    except (ValueError, AttributeError, TypeError) as error:
        raise UnavailableError("'sorter doctor': expected a list of findings") from error
    gravity = list(STATUSES)
    return sorted(findings, key=lambda one: gravity.index(one.status))
