"""The items that are still to come, and when each of them does."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from hardware.sim.items import SimItem, load_items
from hardware.sim.schedule import ScheduledItem, chosen_items, random_arrivals

SPRITES = Path(__file__).parent / "sprites"

EXTRA_ITEMS_FROM = 1_000_001
"""Number of the first item that comes on top of the planned ones, so that these keep theirs."""


class ItemQueue:
    """Hands out item after item; the picture of the next is made in a thread while the last lies on the tray.

    Args:
        folder: of label folders (see ``load_items``); None: the sprites that ship.
        listing: text file naming the pictures to use; None: all.
        seed: chooses the items.
        rng: draws how and when they come.
        items: how many; None: without end. As many as ``arrivals``, where they are given.
        arrivals: the items one by one, with the attributes of ``ScheduledItem``; None: random ones.
        random: the arguments of ``random_arrivals`` for these.

    Attributes:
        planned: how and when the next item comes; None: it is not its turn yet, or there is none.

    Raises:
        HardwareConfigError: an arrival is not right, or there are no items.
    """

    def __init__(
        self,
        folder: Path | str | None,
        *,
        listing: Path | str | None,
        seed: int,
        rng: np.random.Generator,
        items: int | None,
        arrivals: Sequence[Mapping[str, Any]] | None,
        random: Mapping[str, Any],
    ) -> None:
        self._folder = SPRITES if folder is None else Path(folder)
        self._listing = None if listing is None else Path(listing)
        self._seed = seed
        self._items: Iterator[SimItem]
        self._arrivals: Iterator[ScheduledItem]
        if arrivals is None:
            self._items = load_items(self._folder, listing=self._listing, seed=seed)
            self._arrivals = random_arrivals(rng, **random)
            self._left = items
        else:
            chosen = [ScheduledItem.of(arrival) for arrival in arrivals]
            self._items = chosen_items(self._folder, chosen, listing=self._listing, seed=seed)
            self._arrivals = iter(chosen)
            self._left = len(chosen)
        self._number, self._extra_number = 0, EXTRA_ITEMS_FROM - 1
        self._coming: Future[SimItem] | None = None
        self._workshop: ThreadPoolExecutor | None = None
        self.planned: ScheduledItem | None = None
        self.plan()
        self._order()

    @property
    def is_over(self) -> bool:
        """Whether no planned item is left."""
        return self._left == 0

    def plan(self) -> None:
        """It is the next item's turn."""
        self.planned = None if self.is_over else next(self._arrivals, None)

    def take(self) -> tuple[int, SimItem, ScheduledItem]:
        """The planned item: its number (1 is the first), what it is, and how it comes."""
        assert self.planned is not None
        assert self._coming is not None
        item, arrival = self._coming.result(), self.planned
        if self._left is not None:
            self._left -= 1
        self.planned = None
        self._order()
        self._number += 1
        return self._number, item, arrival

    def extra(self, label: str | None) -> tuple[int, SimItem]:
        """An item on top of the planned ones, of a label or (None) of any: its number, and what it is."""
        self._extra_number += 1
        labels = None if label is None else {label}
        items = load_items(self._folder, listing=self._listing, labels=labels, seed=self._seed + self._extra_number)
        return self._extra_number, next(items)

    def close(self) -> None:
        """Let go of the thread; it comes back when it is needed. May be called twice."""
        if self._workshop is not None:
            # What is being made is kept, for a program that is started anew in the same world.
            self._workshop.shutdown(wait=False)
            self._workshop = None

    def _order(self) -> None:
        if self.is_over:
            return
        # Cutting a photograph out takes a few frames' time; the next item is made while this one lies on the tray.
        if self._workshop is None:
            self._workshop = ThreadPoolExecutor(1, thread_name_prefix="sim-items")
        self._coming = self._workshop.submit(next, self._items)
