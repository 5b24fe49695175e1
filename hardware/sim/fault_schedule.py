"""Which of the planned faults are active, and what they make of the items that arrive."""

import math
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from hardware.sim.item_trajectory import Arrival
from hardware.world.fault import ActiveFault, PlannedFault


class FaultSchedule:
    """The faults that are active at the moment.

    Args:
        plan: what goes wrong.
        start_s: the world's start, in seconds of its clock.

    Attributes:
        kinds: the kinds that are planned.
        active: the faults that are active.
        next_change_s: when the next fault begins or ends, as far as it is known. Seconds of the world's clock.
    """

    def __init__(self, plan: Iterable[PlannedFault], start_s: float) -> None:
        self._all = [_timed(fault, start_s) for fault in plan]
        self.kinds = frozenset(one.kind for one in self._all)
        self.active: tuple[ActiveFault, ...] = ()
        self.next_change_s = -math.inf
        self._now_s = start_s

    @property
    def active_kinds(self) -> frozenset[str]:
        """The kinds of the faults that are active."""
        return frozenset(one.kind for one in self.active)

    def advance(self, time_s: float) -> bool:
        """Move on to a time; True when a fault has begun or ended."""
        self._now_s = time_s
        if time_s < self.next_change_s:
            return False
        before = self.active
        self.active = tuple(one for one in self._all if one.begin_s <= time_s < one.end_s)
        changes = (moment for one in self._all for moment in (one.begin_s, one.end_s) if moment > time_s)
        self.next_change_s = min(changes, default=math.inf)
        return self.active != before

    def active_since(self, time_s: float) -> tuple[ActiveFault, ...]:
        """The faults that have been active at any moment from a time up to now."""
        return tuple(one for one in self._all if one in self.active or time_s < one.end_s <= self._now_s)

    def trigger(self, item: int, moment: str, time_s: float) -> None:
        """Begin the faults that wait for this moment of an item (one of ``MOMENTS``)."""
        for one in self._all:
            fault = one.fault
            if fault.item == item and fault.when == moment and one.begin_s == math.inf:
                one.begin_s = time_s + fault.after_s
                one.end_s = math.inf if fault.for_s is None else one.begin_s + fault.for_s
                self.next_change_s = -math.inf

    def find(self, kind: str, bin: str | None = None) -> ActiveFault | None:
        """The first active fault of a kind; with a bin, one that names this bin or none."""
        for one in self.active:
            if one.kind == kind and (bin is None or one.fault.options.get("bin") in (None, bin)):
                return one
        return None

    def claim_for_item(self, kind: str, number: int, time_s: float) -> ActiveFault | None:
        """The fault of one item, when this very item has it; it stays active until ``end_item``."""
        for one in self._all:
            fault = one.fault
            if fault.kind != kind or one.item not in (None, number):
                continue
            if fault.item == number or (fault.item is None and one.begin_s <= time_s < one.end_s):
                one.item, one.begin_s, one.end_s = number, time_s, math.inf
                self.next_change_s = -math.inf
                return one
        return None

    def modify_arrival(self, arrival: Arrival, number: int, time_s: float) -> Arrival:
        """Apply the faults of an item that arrives to how it comes and lies."""
        find = partial(self.claim_for_item, number=number, time_s=time_s)
        if (one := find("edge_item")) is not None:
            side = one.option("side", "left")
            arrival = replace(
                arrival,
                x={"left": 0.0, "right": 1.0}.get(side, arrival.x),
                y={"top": 0.0, "bottom": 1.0}.get(side, arrival.y),
            )
        if (one := find("transparent")) is not None:
            arrival = replace(arrival, opacity=one.option("opacity", 0.1))
        if (one := find("restless")) is not None:
            arrival = replace(arrival, restless_s=one.option("still_after_s", math.inf))
        if (one := find("stays")) is not None:
            arrival = replace(arrival, stays=one.option("cycles", 1))
        if (one := find("taken_away")) is not None:
            arrival = replace(arrival, leaves_after_s=one.option("rest_s", 0.1))
        return arrival

    def end_item(self, number: int, time_s: float) -> None:
        """End the faults of an item that is gone."""
        for one in self._all:
            if one.item == number:
                one.end_s = min(one.end_s, time_s)
                self.next_change_s = -math.inf

    def waits_for_time(self, time_s: float) -> bool:
        """Whether a fault with a known end is active or still to come; a run lasts until it is over."""
        return any(time_s < one.end_s < math.inf or time_s < one.begin_s < math.inf for one in self._all)

    def over_for_s(self, kind: str, time_s: float) -> float:
        """Seconds since the last fault of a kind ended; infinite when none has."""
        ends = (one.end_s for one in self._all if one.kind == kind and one.end_s <= time_s)
        return time_s - max(ends, default=-math.inf)


def _timed(fault: PlannedFault, start_s: float) -> ActiveFault:
    if fault.at_s is None:
        return ActiveFault(fault, math.inf, math.inf)
    begin_s = start_s + fault.at_s + fault.after_s
    # A fault of the next item that has no planned end waits for it.
    return ActiveFault(fault, begin_s, math.inf if fault.for_s is None else begin_s + fault.for_s)
