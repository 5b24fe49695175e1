"""Which items are thrown into a simulated bin, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hardware.limits import rising_pair, within
from hardware.world.scheduled_item import ScheduledItem

DAY_S = 86_400
"""Longest time that any single step of the traffic may take, in seconds."""


@dataclass(frozen=True, slots=True)
class ItemTraffic:
    """Which items are thrown in, and when: random ones, or a schedule.

    Attributes:
        photos: folder of label folders (see ``hardware.sim.items.load_items``); None: the sprites that ship.
        listing: text file with the names of the pictures to use; None: all.
        items: number of random items; None: without end.
        gap_s: shortest and longest time from an empty tray with all flaps home to the next random item, in seconds.
        settle_s: shortest and longest time that a random item takes to come to rest, in seconds.
        item_size: smallest and largest longest side of a random item, as a share of the picture's shorter side (0.02..1.5).
        first_after_s: least time from the start to the first random item, in seconds: the bin learns its empty tray first.
        arrivals: the items one by one; replaces ``items``, ``gap_s``, ``settle_s``, ``item_size``. None: random ones.
        patience_s: time after which a user who finds the bin not ready throws the item in all the same, in seconds;
            None: never.
        lost_after_s: time after which an item at rest that is not handled is taken away, in seconds; None: never.
        variation: other items come for another number, to the same tray.

    Raises:
        HardwareConfigError: a value is out of range.
    """

    photos: Path | str | None = None
    listing: Path | str | None = None
    items: int | None = None
    gap_s: tuple[float, float] = (1.5, 3.0)
    settle_s: tuple[float, float] = (0.4, 0.9)
    item_size: tuple[float, float] = (0.4, 0.7)
    first_after_s: float = 3.0
    arrivals: Sequence[ScheduledItem] | None = None
    patience_s: float | None = None
    lost_after_s: float | None = 12.0
    variation: int = 0

    def __post_init__(self) -> None:
        within("simulation: first_after_s", self.first_after_s, 0, DAY_S)
        within("simulation: variation", self.variation, 0, 2**32)
        if self.items is not None:
            within("simulation: items", self.items, 0, 10**9)
        if self.lost_after_s is not None:
            within("simulation: lost_after_s", self.lost_after_s, 0.1, DAY_S)
        rising_pair("simulation: gap_s", self.gap_s, 0, DAY_S)
        rising_pair("simulation: settle_s", self.settle_s, 0.05, 60)
        rising_pair("simulation: item_size", self.item_size, 0.02, 1.5)
