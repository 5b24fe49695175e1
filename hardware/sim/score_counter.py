"""Counts the outcomes of the simulated bin's items."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from hardware.world.score import MISSED, WITHDRAWN, ItemOutcome, SimulationScore

OUTCOMES_KEPT = 10_000
"""Number of outcomes kept one by one: ten of the busiest days, in a few megabytes."""

_DIGITS = 4
"""Decimal places of shares and seconds in a score."""


@dataclass(slots=True)
class ScoreCounter:
    """Counts while the world runs.

    Args:
        labels: label -> bin that it belongs into; any other label belongs into the residual bin.
        residual_bin: that bin.
    """

    labels: dict[str, str]
    residual_bin: str
    handled_once: int = 0
    double: int = 0
    missed: int = 0
    withdrawn: int = 0
    empty_openings: int = 0
    moves_with_hand: int = 0
    moves_before_rest: int = 0
    two_moving: bool = False
    table: dict[str, dict[str, int]] = field(default_factory=dict)
    flap_moves: Counter[str] = field(default_factory=Counter)
    outcomes: deque[ItemOutcome] = field(default_factory=lambda: deque(maxlen=OUTCOMES_KEPT))
    waits_s: deque[float] = field(default_factory=lambda: deque(maxlen=OUTCOMES_KEPT))

    def add(self, outcome: ItemOutcome) -> None:
        """Count an item that is gone."""
        self.outcomes.append(outcome)
        if outcome.fell:
            self.double += len(outcome.bins) > 1
            self.handled_once += len(outcome.bins) == 1
        else:
            self.missed += outcome.bin == MISSED
            self.withdrawn += outcome.bin == WITHDRAWN
        if outcome.rest_s is not None and outcome.command_s is not None and outcome.command_s >= outcome.rest_s:
            self.waits_s.append(outcome.command_s - outcome.rest_s)
        row = self.table.setdefault(outcome.label, {})
        row[outcome.bin] = row.get(outcome.bin, 0) + 1

    def own_bin(self, label: str) -> str:
        """The bin that a label belongs into."""
        return self.labels.get(label, self.residual_bin)

    def score(self) -> SimulationScore:
        """The counts so far."""
        right = residual = wrong = 0
        for label, row in self.table.items():
            for bin, count in row.items():
                if bin == self.own_bin(label):
                    right += count
                elif bin == self.residual_bin:
                    residual += count
                elif bin not in (MISSED, WITHDRAWN):
                    wrong += count
        waits = np.percentile(self.waits_s, [50, 95, 100]).round(_DIGITS).tolist() if self.waits_s else []
        return SimulationScore(
            items=self.handled_once + self.double + self.missed + self.withdrawn,
            handled_once=self.handled_once,
            double=self.double,
            missed=self.missed,
            withdrawn=self.withdrawn,
            empty_openings=self.empty_openings,
            right=right,
            residual=residual,
            wrong=wrong,
            table={label: dict(row) for label, row in sorted(self.table.items())},
            contamination=_shares(self._foreign()),
            capture=_shares(self._captured()),
            rest_to_command_s=dict(zip(("p50", "p95", "max"), waits, strict=False)),
            flap_moves=dict(sorted(self.flap_moves.items())),
            moves_with_hand=self.moves_with_hand,
            moves_before_rest=self.moves_before_rest,
            two_moving=self.two_moving,
            falls=tuple(outcome for outcome in self.outcomes if outcome.fell),
            outcomes=tuple(self.outcomes),
        )

    def _foreign(self) -> dict[str, tuple[int, int]]:
        """Bin -> items in it that belong elsewhere, all items in it."""
        found: dict[str, tuple[int, int]] = {}
        for label, row in self.table.items():
            for bin, count in row.items():
                if bin not in (MISSED, WITHDRAWN):
                    foreign, total = found.get(bin, (0, 0))
                    elsewhere = bin not in (self.own_bin(label), self.residual_bin)
                    found[bin] = foreign + count * elsewhere, total + count
        return found

    def _captured(self) -> dict[str, tuple[int, int]]:
        """Bin -> items in it that belong there, all that came and belong there."""
        found: dict[str, tuple[int, int]] = {}
        for label, row in self.table.items():
            own = self.own_bin(label)
            caught, total = found.get(own, (0, 0))
            came = sum(count for bin, count in row.items() if bin != WITHDRAWN)
            found[own] = caught + row.get(own, 0), total + came
        return found


def _shares(counts: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    return {bin: round(part / total, _DIGITS) for bin, (part, total) in sorted(counts.items()) if total}
