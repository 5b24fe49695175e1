"""What the bins of a ring report of an update: whether it may go on to the next one."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.updates.outcome import UpdateState
from train.errors import SettingsError

MOST_FAILED = 2
"""Most bins of a small ring that may fail: one has a broken camera, another a new one."""

MOST_FAILED_SHARE = 0.05
"""Most of a large one."""

LEAST_KEPT_SHARE = 0.5
"""Share of a ring that must have kept an update before it goes on: the others are out of reach, or see few items."""


@dataclass(frozen=True, slots=True)
class RingCount:
    """Bins of a ring, by what became of an update there.

    Attributes:
        ring: the ring.
        size: number of its bins; those that report nothing count as well.
        kept, failed, watched: number of bins.
    """

    ring: str
    size: int
    kept: int
    failed: int
    watched: int

    @property
    def must_stop(self) -> bool:
        """Whether so many have failed that the update is withdrawn."""
        return self.failed > max(MOST_FAILED, MOST_FAILED_SHARE * self.size)

    @property
    def may_go_on(self) -> bool:
        """Whether enough have kept it."""
        return not self.must_stop and self.kept > 0 and self.kept >= LEAST_KEPT_SHARE * self.size

    def __str__(self) -> str:
        return f"ring {self.ring}: of {self.size} bins {self.kept} have kept it, {self.failed} failed, {self.watched} watch it"


def count_ring(
    reports: Iterable[Mapping[str, object]], *, target: str, version: int, ring: str, size: int | None
) -> RingCount:
    """Count the newest report of each bin.

    Args:
        reports: as of ``edge.updates.outcome.UpdateOutcome``, in any order.
        target, version: the update.
        ring: the ring.
        size: number of its bins; None: those that have reported anything.
    """
    newest: dict[str, tuple[float, str]] = {}
    bins: set[str] = set()
    for report in reports:
        if report.get("ring") != ring:
            continue
        name, wall_s = str(report.get("bin")), report.get("wall_s")
        bins.add(name)
        if report.get("target") != target or report.get("version") != version or not isinstance(wall_s, int | float):
            continue
        newest[name] = max(newest.get(name, (0.0, "")), (float(wall_s), str(report.get("state"))))
    states = [UpdateState(state) for _, state in newest.values() if state in list(UpdateState)]
    kept, watched = states.count(UpdateState.KEPT), states.count(UpdateState.TRIAL)
    return RingCount(ring, max(len(bins), size or 0), kept, sum(state.is_failure for state in states), watched)


def read_reports(paths: Iterable[Path]) -> list[Mapping[str, object]]:
    """Reports from files with a JSON object a line: reports alone, or what bins say of themselves, with ``update`` in it.

    Raises:
        SettingsError: a line is none.
        OSError: a file cannot be read.
    """
    found: list[Mapping[str, object]] = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError as error:
                raise SettingsError(f"--reports {path}:{number}: expected a JSON object: {error}") from None
            inner = value.get("update", value.get("last", value)) if isinstance(value, dict) else None
            if isinstance(inner, dict):
                found.append(inner)
    return found
