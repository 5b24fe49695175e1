"""When random items come, and which picture each scheduled item has."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from hardware.sim.item_folder import ItemFolder
from hardware.sim.items import SimItem, endless_items, load_item
from hardware.world.scheduled_item import ScheduledItem
from hardware.world.traffic import ItemTraffic


def random_schedule(rng: np.random.Generator, traffic: ItemTraffic) -> Iterator[ScheduledItem]:
    """Items without end, each as soon as the tray is free and a random gap is over.

    Draws from ``rng`` only when the next one is asked for.
    """
    least_s = traffic.first_after_s
    while True:
        gap_s = max(float(rng.uniform(*traffic.gap_s)), least_s)
        settle_s, size = float(rng.uniform(*traffic.settle_s)), float(rng.uniform(*traffic.item_size))
        yield ScheduledItem(gap_s=gap_s, settle_s=settle_s, size=size)
        least_s = 0.0


def scheduled_items(
    folder: Path, source: ItemFolder, schedule: Sequence[ScheduledItem], *, seed: int
) -> Iterator[SimItem]:
    """The item of each entry, in order.

    Args:
        folder: of the pictures that entries name.
        source: of the items of which entries name the label alone.
        schedule: the entries.
        seed: chooses the items.

    Raises:
        HardwareConfigError: a label or picture is not there.
    """
    streams: dict[str | None, Iterator[SimItem]] = {}
    for scheduled in schedule:
        if scheduled.sprite is not None:
            load_item(Path(scheduled.sprite), folder)
        elif scheduled.label not in streams:
            chosen = source if scheduled.label is None else source.of_labels({scheduled.label})
            streams[scheduled.label] = endless_items(chosen, seed=seed)

    def items() -> Iterator[SimItem]:
        for scheduled in schedule:
            if scheduled.sprite is not None:
                yield load_item(Path(scheduled.sprite), folder)
            else:
                yield next(streams[scheduled.label])

    return items()
