"""What a run of ``sorter update`` works with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.updates.running_bin import RunningBin
from edge.updates.slots import SlotFolder
from edge.updates.trusted_time import TrustedTime
from hardware.clock import Clock

if TYPE_CHECKING:
    from edge.updates.repository import SignedRepository


@dataclass(frozen=True, slots=True)
class UpdateTools:
    """What a run works with.

    Attributes:
        repository: opens the repository; not asked before it is time to look.
        bin: the running bin.
        slots: the slots.
        time: whether the clock may be believed.
        clock: time.
        name: the bin's name.
    """

    repository: "Callable[[], SignedRepository]"
    bin: RunningBin
    slots: SlotFolder
    time: TrustedTime
    clock: Clock
    name: str
