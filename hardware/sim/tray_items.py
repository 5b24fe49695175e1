"""The items in view, and what becomes of them."""

import math
from collections.abc import Iterator, Mapping

import numpy as np

from hardware.sim.fault_schedule import FaultSchedule
from hardware.sim.item_trajectory import Arrival, ItemTrajectory
from hardware.sim.items import SimItem
from hardware.sim.mechanics import FlapMechanics
from hardware.sim.scene_renderer import SceneRenderer
from hardware.world.scheduled_item import ScheduledItem
from hardware.world.score import MISSED, WITHDRAWN, ItemOutcome


class TrayItems:
    """Items that arrive, lie on the tray, fall, or are taken away, from their first moment in view to their last.

    Args:
        size: width and height of the camera's picture, in pixels.
        flaps: bin -> flap.
        faults: what goes wrong.
        renderer: is notified when an item begins to move or is gone.
        lost_after_s: time after which an item at rest that is not handled is taken away, in seconds; None: never.
    """

    def __init__(
        self,
        *,
        size: tuple[int, int],
        flaps: Mapping[str, FlapMechanics],
        faults: FaultSchedule,
        renderer: SceneRenderer,
        lost_after_s: float | None,
    ) -> None:
        self._size = size
        self._flaps = flaps
        self._faults = faults
        self._renderer = renderer
        self._lost_after_s = lost_after_s
        self._in_view: list[ItemTrajectory] = []
        self._resting: set[int] = set()
        self._opened_s = dict.fromkeys(flaps, -math.inf)

    @property
    def in_view(self) -> tuple[ItemTrajectory, ...]:
        """All of them, in the order of their arrival."""
        return tuple(self._in_view)

    @property
    def on_tray(self) -> ItemTrajectory | None:
        """The first that lies on the tray or is arriving; None when there is none."""
        return next((item for item in self._in_view if item.is_on_tray), None)

    def shown_at(self, time_s: float) -> ItemTrajectory | None:
        """The first that a picture of a time shows on the tray or arriving, though it may have left since; None: none was."""
        return next((item for item in self._in_view if item.arrive_s <= time_s < item.left_s), None)

    def throw_in(
        self, item: SimItem, scheduled: ScheduledItem, *, number: int, time_s: float, rng: np.random.Generator
    ) -> None:
        """Let an item arrive."""
        self._faults.trigger(number, "arrives", time_s)
        arrival = Arrival(
            x=scheduled.x,
            y=scheduled.y,
            angle_deg=scheduled.angle_deg,
            bounces=scheduled.bounces,
            roll=scheduled.roll,
            opacity=scheduled.opacity,
        )
        self._in_view.append(
            ItemTrajectory(
                item,
                number=number,
                arrive_s=time_s,
                settle_s=scheduled.settle_s,
                longest_px=scheduled.size * min(self._size),
                picture=self._size,
                rng=rng,
                arrival=self._faults.modify_arrival(arrival, number, time_s),
            )
        )
        self._renderer.invalidate()

    def open_flap(self, bin: str, time_s: float) -> bool:
        """Let fall what falls when a flap has just opened far enough. False when there was nothing above it."""
        self._opened_s[bin] = time_s
        above = [item for item in self._in_view if not item.is_taken]
        for item in above:
            if item.stays > 0:
                item.stays -= 1
            elif self._faults.find("bin_full", bin) is not None and item.is_on_tray:
                item.sink(time_s)
            else:
                self._let_fall(item, self._flaps[bin], time_s)
            self._renderer.invalidate()
        return bool(above)

    def advance(self, time_s: float) -> Iterator[ItemOutcome]:
        """Follow every item to a time. Yields the outcomes of those that are gone."""
        for item in self.in_view:
            if item.is_on_tray:
                self._follow(item, time_s)
            elif item.is_gone(time_s):
                self._in_view.remove(item)
                self._renderer.remove(item)
                self._resting.discard(item.number)
                self._faults.end_item(item.number, time_s)
                yield _outcome(item, time_s)

    def _follow(self, item: ItemTrajectory, time_s: float) -> None:
        """Move on an item that lies on the tray or is arriving."""
        if time_s >= item.rest_s and item.number not in self._resting:
            self._resting.add(item.number)
            self._faults.trigger(item.number, "rests", time_s)
        if time_s >= item.landed_s and self._falls_through(item, time_s):
            return
        leaves_after_s = item.arrival.leaves_after_s
        if leaves_after_s is not None and time_s >= item.user_waits_from_s + leaves_after_s:
            item.take(time_s, withdrawn=True)
            self._renderer.invalidate()
        elif self._lost_after_s is not None and time_s >= item.user_waits_from_s + self._lost_after_s:
            item.take(time_s)
            self._renderer.invalidate()

    def _falls_through(self, item: ItemTrajectory, time_s: float) -> bool:
        """Whether an item has landed where a flap stood open already."""
        for bin, flap in self._flaps.items():
            stood_open = flap.is_open and self._opened_s[bin] <= item.arrive_s
            if stood_open and self._faults.find("bin_full", bin) is None:
                self._let_fall(item, flap, time_s)
                return True
        return False

    @staticmethod
    def _let_fall(item: ItemTrajectory, flap: FlapMechanics, time_s: float) -> None:
        if (flap.commanded_opening > 0 or flap.is_moving) and not item.openings:
            item.openings = 1  # it goes with another one, or onto a flap that is open, or not yet closed, for another
        item.fall(flap.bin_below, time_s)


def _outcome(item: ItemTrajectory, time_s: float) -> ItemOutcome:
    return ItemOutcome(
        number=item.number,
        label=item.item.label,
        item=item.item.name,
        bin=item.bins[0] if item.bins else WITHDRAWN if item.is_withdrawn else MISSED,
        arrive_s=item.arrive_s,
        rest_s=item.rest_s if item.rest_s <= item.left_s else None,
        command_s=item.command_s,
        open_s=item.left_s if item.bins else None,
        end_s=time_s,
        openings=item.openings,
        bins=tuple(item.bins),
    )
