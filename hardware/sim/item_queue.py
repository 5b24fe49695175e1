"""The items that are still to come."""

from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from hardware.sim.item_folder import read_item_folder
from hardware.sim.items import SimItem, endless_items
from hardware.sim.schedule import random_schedule, scheduled_items
from hardware.world.scheduled_item import ScheduledItem
from hardware.world.traffic import ItemTraffic

SPRITES = Path(__file__).parent / "sprites"

EXTRA_ITEMS_FROM = 1_000_001
"""Number of the first item that comes on top of the planned ones, so that these keep theirs."""


class ItemQueue:
    """Hands out item after item; the picture of the next is made in a thread while the last lies on the tray.

    Args:
        traffic: which items come, and when.
        known: labels that have a bin. Random items are of these alone.
        seed: chooses the items.
        rng: draws how and when random ones come.

    Attributes:
        planned: how and when the next item comes; None: it is not its turn yet, or there is none.

    Raises:
        HardwareConfigError: there are no items.
    """

    def __init__(self, traffic: ItemTraffic, *, known: Collection[str], seed: int, rng: np.random.Generator) -> None:
        folder = SPRITES if traffic.photos is None else Path(traffic.photos)
        self._source = read_item_folder(folder, None if traffic.listing is None else Path(traffic.listing))
        self._seed = seed = seed + traffic.variation
        self._items: Iterator[SimItem]
        self._schedule: Iterator[ScheduledItem]
        if traffic.arrivals is None:
            self._source = self._source.of_known(known)
            self._items = endless_items(self._source, seed=seed)
            self._schedule = random_schedule(rng, traffic)
            self._left = traffic.items
        else:
            self._source = self._source.spelt_as(known)
            self._items = scheduled_items(folder, self._source, traffic.arrivals, seed=seed)
            self._schedule = iter(traffic.arrivals)
            self._left = len(traffic.arrivals)
        self._number, self._extra_number = 0, EXTRA_ITEMS_FROM - 1
        self._next: Future[SimItem] | None = None
        self._executor: ThreadPoolExecutor | None = None
        self.planned: ScheduledItem | None = None
        self.plan()
        self._prepare_next()

    @property
    def is_over(self) -> bool:
        """Whether no planned item is left."""
        return self._left == 0

    def plan(self) -> None:
        """Make it the next item's turn."""
        self.planned = None if self.is_over else next(self._schedule, None)

    def take(self) -> tuple[int, SimItem, ScheduledItem]:
        """The planned item: its number (1 is the first), what it is, and how it comes."""
        assert self.planned is not None
        assert self._next is not None
        item, scheduled = self._next.result(), self.planned
        if self._left is not None:
            self._left -= 1
        self.planned = None
        self._prepare_next()
        self._number += 1
        return self._number, item, scheduled

    def take_extra(self, label: str | None) -> tuple[int, SimItem]:
        """An item on top of the planned ones, of a label or (None) of any: its number, and what it is."""
        self._extra_number += 1
        chosen = self._source if label is None else self._source.of_labels({label})
        return self._extra_number, next(endless_items(chosen, seed=self._seed + self._extra_number))

    def close(self) -> None:
        """Stop the thread; it is started again when it is needed. May be called twice."""
        if self._executor is not None:
            # What is being made is kept, for a program that is restarted in the same world.
            self._executor.shutdown(wait=False)
            self._executor = None

    def _prepare_next(self) -> None:
        if self.is_over:
            return
        # Cutting an item out of a photograph takes a few frames' time; the next is made while this one lies on the tray.
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="sim-items")
        self._next = self._executor.submit(next, self._items)
