"""Compares two versions of this program: measured in turns on one machine, so that what slows it down slows both."""

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from edge.config.python_child import WORKING_FOLDER, python_child
from edge.errors import UnavailableError

Report = Mapping[str, Any]  # Any: JSON, of a version whose report this one need not know
"""What ``sorter bench --json`` prints."""

FIGURES: Mapping[str, tuple[str, ...]] = {
    "whole line beside the bare invoke": ("whole_beside_invoke",),
    "presence, ms": ("stages_ms", "presence", "p50_ms"),
    "presence on an empty tray, ms": ("stages_ms", "idle", "p50_ms"),
    "view, ms": ("stages_ms", "view", "p50_ms"),
    "classify, ms": ("stages_ms", "classify", "p50_ms"),
    "whole line, ms": ("stages_ms", "whole", "p50_ms"),
    "CPU, idle at 15 frames/s": ("shares", "idle at 15 frames/s", "cpu"),
    "CPU, sorting at 15 frames/s": ("shares", "sorting at 15 frames/s", "cpu"),
    "cold start, s": ("start", "ready_s"),
    "memory while sorting, MB": ("start", "rss_mb"),
}
"""What is compared, and where it stands in the report. Less of each is better."""


@dataclass(frozen=True, slots=True)
class PairedFigure:
    """A figure of two versions, measured in turns.

    Attributes:
        name: key of ``FIGURES``.
        before, after: of the first and of the second version, one per turn, > 0.
    """

    name: str
    before: tuple[float, ...]
    after: tuple[float, ...]

    @property
    def ratios(self) -> list[float]:
        """The second version's beside the first one's of the same turn, in ascending order."""
        return sorted(after / before for before, after in zip(self.before, self.after, strict=True))

    @property
    def ratio(self) -> float:
        """Median of the ratios."""
        return median(self.ratios)

    def is_worse(self, tolerance: float) -> bool:
        """Whether the second version takes more than the first, by more than a tolerance (0.1: a tenth)."""
        return self.ratio > 1 + tolerance

    def tree(self, tolerance: float) -> dict[str, object]:
        """The figure for JSON."""
        ratios = self.ratios
        return {
            "before": median(self.before),
            "after": median(self.after),
            "ratio": round(self.ratio, 4),
            "range": [round(ratios[0], 4), round(ratios[-1], 4)],
            "worse": self.is_worse(tolerance),
        }


def compare(
    before: Callable[[], Report],
    after: Callable[[], Report],
    *,
    turns: int,
    on_turn: Callable[[], None] = lambda: None,
) -> list[PairedFigure]:
    """Measure both versions in turns; the one that begins changes from turn to turn.

    Args:
        before, after: measure the first and the second version.
        turns: number of measurements of each, >= 1.
        on_turn: called after each turn.

    Returns:
        The figures that every measurement has.
    """
    pairs: list[tuple[Report, Report]] = []
    for turn in range(turns):
        if turn % 2:
            second = after()
            pairs.append((before(), second))
        else:
            first = before()
            pairs.append((first, after()))
        on_turn()
    found = []
    for name, keys in FIGURES.items():
        values = [(_figure(one, keys), _figure(other, keys)) for one, other in pairs]
        known = [(one, other) for one, other in values if one and other]
        if len(known) == len(values):
            found.append(PairedFigure(name, tuple(one for one, _ in known), tuple(other for _, other in known)))
    return found


def measure_version(folder: Path, options: Sequence[str]) -> Report:
    """Run the ``bench`` of a version.

    Args:
        folder: where its sources are.
        options: of the command, with absolute paths.

    Raises:
        UnavailableError: it fails.
    """
    command = python_child("edge", "bench", "--json", *options, root=folder)
    done = subprocess.run(command, cwd=WORKING_FOLDER, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no error message"])[-1]
        raise UnavailableError(f"the version in {folder} cannot be measured: {last[:200]}")
    report: Report = json.loads(done.stdout)
    return report


def _figure(report: Report, keys: Sequence[str]) -> float | None:
    value: object = report
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) else None
