"""Which items come, and when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hardware.errors import HardwareConfigError
from hardware.sim.items import SimItem, load_item, load_items
from hardware.sim.item_trajectory import Arrival


@dataclass(frozen=True, slots=True)
class ScheduledItem:
    """One item that will be thrown in.

    Attributes:
        at_s: not before so many seconds after the world's start; None: as soon as the last one is gone.
        gap_s: not before the tray has been empty, with all flaps home, for so long, in seconds (0 or more).
        label: what it is; None: any.
        sprite: its picture below the items' folder; None: any of its label.
        settle_s: how long it takes to come to rest, in seconds (0.05..60).
        size: its longest side, as a share of the picture's shorter side (0.02..1.5).
        x, y, angle_deg, bounces, roll, opacity: see ``Arrival``.

    Raises:
        HardwareConfigError: a value is out of range.
    """

    at_s: float | None = None
    gap_s: float = 0.5
    label: str | None = None
    sprite: str | None = None
    settle_s: float = 0.5
    size: float = 0.5
    x: float | None = None
    y: float | None = None
    angle_deg: float | None = None
    bounces: int = 0
    roll: float = 0.0
    opacity: float = 1.0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("at_s", 0, 10**9),
            ("gap_s", 0, 86_400),
            ("settle_s", 0.05, 60),
            ("size", 0.02, 1.5),
            ("x", -1, 2),
            ("y", -1, 2),
            ("bounces", 0, 5),
            ("roll", 0, 1),
            ("opacity", 0.01, 1),
        ):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise HardwareConfigError(f"arrival: {name}: expected {low:g}..{high:g}, got {value}")

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "ScheduledItem":
        """From a mapping with the attributes' names."""
        return cls(**values)

    def arrival(self) -> Arrival:
        """How it comes and lies."""
        return Arrival(self.x, self.y, self.angle_deg, self.bounces, self.roll, self.opacity)


def random_arrivals(
    rng: np.random.Generator,
    *,
    gap_s: tuple[float, float],
    settle_s: tuple[float, float],
    size: tuple[float, float],
    first_after_s: float,
) -> Iterator[ScheduledItem]:
    """Items without end, each as soon as the tray is free and a gap is over; the bounds are least and most.

    Draws from ``rng`` only when the next one is asked for.
    """
    least_s = first_after_s
    while True:
        gap = max(float(rng.uniform(*gap_s)), least_s)
        yield ScheduledItem(gap_s=gap, settle_s=float(rng.uniform(*settle_s)), size=float(rng.uniform(*size)))
        least_s = 0.0


def chosen_items(
    folder: Path, arrivals: Sequence[ScheduledItem], *, listing: Path | None, seed: int
) -> Iterator[SimItem]:
    """The item of each arrival, in order.

    Raises:
        HardwareConfigError: a label or picture is not there.
    """
    streams: dict[str | None, Iterator[SimItem]] = {}
    for arrival in arrivals:
        if arrival.sprite is not None:
            load_item(Path(arrival.sprite), folder)
        elif arrival.label not in streams:
            labels = None if arrival.label is None else {arrival.label}
            streams[arrival.label] = load_items(folder, listing=listing, labels=labels, seed=seed)

    def items() -> Iterator[SimItem]:
        for arrival in arrivals:
            if arrival.sprite is not None:
                yield load_item(Path(arrival.sprite), folder)
            else:
                yield next(streams[arrival.label])

    return items()
