"""What really happened in the simulated bin."""

from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

MISSED = "missed"
"""Where an item ended that nobody handled."""

FALLS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Fall:
    """An item fell into a bin.

    Attributes:
        label: what it was.
        item: its name (the picture's path).
        bin: where it fell.
        arrive_s: when it came into view; seconds of the world's clock.
        rest_s: when it came to rest; None when a flap opened before.
        open_s: when the flap was open far enough.
    """

    label: str
    item: str
    bin: str
    arrive_s: float
    rest_s: float | None
    open_s: float


@dataclass(frozen=True, slots=True)
class Score:
    """The truth, counted.

    ``items = handled_once + double + missed``, and ``handled_once + double = right + residual + wrong``.

    Attributes:
        items: items that came and went.
        handled_once: items for which one flap opened.
        double: items for which a second flap opened while they fell.
        missed: items that nobody handled and the user took away.
        empty_openings: a flap opened with nothing on the tray.
        right: items in their own bin.
        residual: items in the residual bin though they have a bin of their own.
        wrong: items in another bin: contamination.
        table: label -> bin (or ``missed``) -> number of items.
        two_moving: whether two flaps were ever under way at once.
        falls: the last falls, oldest first.
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
    falls: tuple[Fall, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain dicts, lists and numbers, ready for JSON."""
        return asdict(self) | {"falls": [asdict(fall) for fall in self.falls]}


@dataclass(slots=True)
class Tally:
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
    empty_openings: int = 0
    two_moving: bool = False
    table: dict[str, dict[str, int]] = field(default_factory=dict)
    falls: deque[Fall] = field(default_factory=lambda: deque(maxlen=FALLS_KEPT))

    def fell(self, fall: Fall, *, twice: bool) -> None:
        """An item landed in a bin; ``twice`` when more than one flap opened for it."""
        self.falls.append(fall)
        self.double += twice
        self.handled_once += not twice
        self._count(fall.label, fall.bin)

    def lost(self, label: str) -> None:
        """An item was taken away unhandled."""
        self.missed += 1
        self._count(label, MISSED)

    def score(self) -> Score:
        """The counts so far."""
        right = residual = wrong = 0
        for label, row in self.table.items():
            own = self.labels.get(label, self.residual_bin)
            for bin, count in row.items():
                if bin == own:
                    right += count
                elif bin == self.residual_bin:
                    residual += count
                elif bin != MISSED:
                    wrong += count
        return Score(
            items=self.handled_once + self.double + self.missed,
            handled_once=self.handled_once,
            double=self.double,
            missed=self.missed,
            empty_openings=self.empty_openings,
            right=right,
            residual=residual,
            wrong=wrong,
            table={label: dict(row) for label, row in sorted(self.table.items())},
            two_moving=self.two_moving,
            falls=tuple(self.falls),
        )

    def _count(self, label: str, bin: str) -> None:
        row = self.table.setdefault(label, {})
        row[bin] = row.get(bin, 0) + 1
