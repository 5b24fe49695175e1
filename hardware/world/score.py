"""What really happened in the simulated bin."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

MISSED = "missed"
"""Where an item ended that nobody handled."""

WITHDRAWN = "withdrawn"
"""Where an item ended that its user took back before the bin could."""

FATES_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What became of one item.

    Attributes:
        number: 1 is the first of the world's items.
        label: what it was.
        item: its name (the picture's path).
        bin: where it fell; ``missed`` when nobody handled it, ``withdrawn`` when its user took it back.
        arrive_s: when it came into view; seconds of the world's clock.
        rest_s: when it came to rest; None when it never did.
        command_s: when a flap was first told to open for it; None: never.
        open_s: when the flap was open far enough for it; None: never.
        end_s: when it was out of sight.
        openings: how often a flap was told to open for it.
        bins: the bins whose flaps opened for it, in order; more than one is a double.
    """

    number: int
    label: str
    item: str
    bin: str
    arrive_s: float
    rest_s: float | None
    command_s: float | None
    open_s: float | None
    end_s: float
    openings: int
    bins: tuple[str, ...]

    @property
    def fell(self) -> bool:
        """Whether it fell into a bin."""
        return bool(self.bins)


@dataclass(frozen=True, slots=True)
class SimulationScore:
    """The truth, counted.

    ``items = handled_once + double + missed + withdrawn``, and ``handled_once + double = right + residual + wrong``.

    Attributes:
        items: items that came and went.
        handled_once: items for which one flap opened.
        double: items for which a second flap opened while they fell.
        missed: items that nobody handled and the user took away.
        withdrawn: items that the user took back before the bin could handle them.
        empty_openings: a flap opened with nothing on the tray.
        right: items in their own bin.
        residual: items in the residual bin though they have a bin of their own.
        wrong: items in another bin: contamination.
        table: label -> bin (or ``missed``, ``withdrawn``) -> number of items.
        contamination: bin -> share of what is in it that belongs elsewhere, 0..1; bins with nothing in them are left out.
            What is in the residual bin counts as contamination only where its label has no bin there: never.
        capture: bin -> share of the items that belong into it and came that are in it, 0..1; bins that nothing belonged
            into are left out.
        rest_to_command_s: seconds from rest to the command to open, as the pin saw it: ``p50``, ``p95``, ``max``; empty
            when there was none.
        flap_moves: bin -> how often its flap was told to set off, in either direction.
        moves_with_hand: commands to set off while a hand was in the newest picture.
        moves_before_rest: commands to open while an item moved on the tray.
        two_moving: whether two flaps were ever under way at once.
        falls: the last items that fell into a bin, oldest first.
        fates: what became of the last items, oldest first.
    """

    items: int
    handled_once: int
    double: int
    missed: int
    empty_openings: int
    right: int
    residual: int
    wrong: int
    table: dict[str, dict[str, int]]
    two_moving: bool
    falls: tuple[ItemOutcome, ...]
    withdrawn: int = 0
    contamination: dict[str, float] = field(default_factory=dict)
    capture: dict[str, float] = field(default_factory=dict)
    rest_to_command_s: dict[str, float] = field(default_factory=dict)
    flap_moves: dict[str, int] = field(default_factory=dict)
    moves_with_hand: int = 0
    moves_before_rest: int = 0
    fates: tuple[ItemOutcome, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain dicts, lists and numbers, ready for JSON."""
        return asdict(self)


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
    fates: deque[ItemOutcome] = field(default_factory=lambda: deque(maxlen=FATES_KEPT))
    waits_s: deque[float] = field(default_factory=lambda: deque(maxlen=FATES_KEPT))

    def add(self, fate: ItemOutcome) -> None:
        """An item has gone."""
        self.fates.append(fate)
        if fate.fell:
            self.double += len(fate.bins) > 1
            self.handled_once += len(fate.bins) == 1
        else:
            self.missed += fate.bin == MISSED
            self.withdrawn += fate.bin == WITHDRAWN
        if fate.rest_s is not None and fate.command_s is not None and fate.command_s >= fate.rest_s:
            self.waits_s.append(fate.command_s - fate.rest_s)
        row = self.table.setdefault(fate.label, {})
        row[fate.bin] = row.get(fate.bin, 0) + 1

    def own(self, label: str) -> str:
        """The bin that a label belongs into."""
        return self.labels.get(label, self.residual_bin)

    def score(self) -> SimulationScore:
        """The counts so far."""
        right = residual = wrong = 0
        for label, row in self.table.items():
            for bin, count in row.items():
                if bin == self.own(label):
                    right += count
                elif bin == self.residual_bin:
                    residual += count
                elif bin not in (MISSED, WITHDRAWN):
                    wrong += count
        waits = np.percentile(self.waits_s, [50, 95, 100]).round(4).tolist() if self.waits_s else []
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
            falls=tuple(fate for fate in self.fates if fate.fell),
            fates=tuple(self.fates),
        )

    def _foreign(self) -> dict[str, tuple[int, int]]:
        """Bin -> items in it that belong elsewhere, all items in it."""
        found: dict[str, tuple[int, int]] = {}
        for label, row in self.table.items():
            for bin, count in row.items():
                if bin not in (MISSED, WITHDRAWN):
                    foreign, total = found.get(bin, (0, 0))
                    elsewhere = bin not in (self.own(label), self.residual_bin)
                    found[bin] = foreign + count * elsewhere, total + count
        return found

    def _captured(self) -> dict[str, tuple[int, int]]:
        """Bin -> items in it that belong there, all that came and belong there."""
        found: dict[str, tuple[int, int]] = {}
        for label, row in self.table.items():
            own = self.own(label)
            caught, total = found.get(own, (0, 0))
            came = sum(count for bin, count in row.items() if bin != WITHDRAWN)
            found[own] = caught + row.get(own, 0), total + came
        return found


def _shares(counts: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    return {bin: round(part / total, 4) for bin, (part, total) in sorted(counts.items()) if total}
