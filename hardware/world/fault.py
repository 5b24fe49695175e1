"""What goes wrong in the simulated world, and when."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hardware.errors import HardwareConfigError
from hardware.sim.item_trajectory import Arrival

BLIND = frozenset({"block", "error", "unplug", "black", "frozen", "stuck", "wrong_size"})
"""Faults under which no picture shows the tray as it is now."""

CAMERA = BLIND | {"torn", "exposure", "flicker", "darken", "spot"}
TRAY = frozenset({"hand", "shifted", "dirty"})
ITEM = frozenset({"second_item", "edge_item", "taken_away", "restless", "stays", "transparent"})
"""Faults of one item: the one they name, or the next that arrives while they last."""
FLAP = frozenset({"pin_error", "slow", "stuck_open", "stuck_closed", "bin_full", "power_dip"})
PANEL = frozenset({"lid", "stop_button", "service_button"})
"""Switches that somebody works: on while it lasts."""
MACHINE = frozenset({"disk_full", "read_only", "clock_step", "sigterm"})
"""Faults of the machine that the program runs on: the world keeps their time, and does nothing else about them."""
KINDS = CAMERA | TRAY | ITEM | FLAP | PANEL | MACHINE

MOMENTS = ("arrives", "rests", "opens", "closes")
"""What an item does, or a flap for it, that a fault may wait for."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: one of ``KINDS``.
        at_s: when it begins, in seconds since the world's start (0 or more); None: it waits for ``item``.
        item: number of the item (1 is the first) that it waits for; None: it begins ``at_s``.
        when: the moment of that item, one of ``MOMENTS``.
        after_s: how long after that moment it begins, in seconds (0 or more).
        for_s: how long it lasts, in seconds (above 0); None: for good.
        options: the kind's own, e.g. ``factor`` or ``bin``.

    Raises:
        HardwareConfigError: an unknown kind or moment, not exactly one of ``at_s`` and ``item``, or a time out of range.
    """

    kind: str
    at_s: float | None = None
    item: int | None = None
    when: str = "arrives"
    after_s: float = 0.0
    for_s: float | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise HardwareConfigError(f"fault: unknown kind {self.kind!r}; expected one of {', '.join(sorted(KINDS))}")
        if (self.at_s is None) == (self.item is None):
            raise HardwareConfigError(f"fault {self.kind}: expected either at_s or item")
        if self.when not in MOMENTS:
            raise HardwareConfigError(f"fault {self.kind}: when: expected one of {MOMENTS}, got {self.when!r}")
        if (self.at_s or 0) < 0 or self.after_s < 0 or (self.for_s is not None and self.for_s <= 0):
            raise HardwareConfigError(f"fault {self.kind}: expected at_s and after_s >= 0 and for_s > 0")

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Fault":
        """From a flat mapping; what is not an attribute is an option of the kind."""
        known = ("kind", "at_s", "item", "when", "after_s", "for_s")
        own = {key: value for key, value in values.items() if key not in known}
        return cls(**{key: values[key] for key in known if key in values}, options=own)


@dataclass(slots=True, eq=False)
class ActiveFault:
    """A fault's time, in seconds of the world's clock. ``begin_s`` is infinite while the fault waits for its item.

    ``item`` is the number of the item that it is a fault of, once there is one.
    """

    fault: Fault
    begin_s: float
    end_s: float
    item: int | None = None

    def option(self, name: str, default: Any) -> Any:
        """An option of the fault; ``default`` where it is left out or None."""
        value = self.fault.options.get(name)
        return default if value is None else value


class FaultSchedule:
    """Which faults last at the moment.

    Args:
        plan: what goes wrong.
        start_s: the world's start, in seconds of its clock.
    """

    def __init__(self, plan: Iterable[Fault], start_s: float) -> None:
        self._spells = [_spell(fault, start_s) for fault in plan]
        self.kinds = frozenset(spell.fault.kind for spell in self._spells)
        """The kinds that are planned."""
        self.active: tuple[ActiveFault, ...] = ()
        self.next_change_s = -math.inf
        """When the next fault begins or ends, as far as it is known. Seconds of the world's clock."""

    def advance(self, time_s: float) -> bool:
        """Move on to a time; True when a fault has begun or ended."""
        if time_s < self.next_change_s:
            return False
        before = self.active
        self.active = tuple(spell for spell in self._spells if spell.begin_s <= time_s < spell.end_s)
        changes = (moment for spell in self._spells for moment in (spell.begin_s, spell.end_s) if moment > time_s)
        self.next_change_s = min(changes, default=math.inf)
        return self.active != before

    def trigger(self, item: int, moment: str, time_s: float) -> None:
        """An item arrives, rests, or a flap opens or closes for it: faults that wait for that begin."""
        for spell in self._spells:
            fault = spell.fault
            if fault.item == item and fault.when == moment and spell.begin_s == math.inf:
                spell.begin_s = time_s + fault.after_s
                spell.end_s = math.inf if fault.for_s is None else spell.begin_s + fault.for_s
                self.next_change_s = -math.inf

    def find(self, kind: str, bin: str | None = None) -> ActiveFault | None:
        """The first fault of a kind that lasts now; with a bin, one that names this bin or none."""
        for spell in self.active:
            if spell.fault.kind == kind and (bin is None or spell.fault.options.get("bin") in (None, bin)):
                return spell
        return None

    def of_item(self, kind: str, number: int, time_s: float) -> ActiveFault | None:
        """The fault of one item, when this very item has it; it lasts until ``gone``."""
        for spell in self._spells:
            fault = spell.fault
            if fault.kind != kind or spell.item not in (None, number):
                continue
            if fault.item == number or (fault.item is None and spell.begin_s <= time_s < spell.end_s):
                spell.item, spell.begin_s, spell.end_s = number, time_s, math.inf
                self.next_change_s = -math.inf
                return spell
        return None

    def modify_arrival(self, manner: Arrival, number: int, time_s: float) -> Arrival:
        """What the faults of an item that arrives make of the way in which it comes and lies."""
        find = partial(self.of_item, number=number, time_s=time_s)
        if (spell := find("edge_item")) is not None:
            side = spell.option("side", "left")
            manner.x = {"left": 0.0, "right": 1.0}.get(side, manner.x)
            manner.y = {"top": 0.0, "bottom": 1.0}.get(side, manner.y)
        if (spell := find("transparent")) is not None:
            manner.opacity = spell.option("opacity", 0.1)
        if (spell := find("restless")) is not None:
            manner.restless_s = spell.option("still_after_s", math.inf)
        if (spell := find("stays")) is not None:
            manner.stays = spell.option("cycles", 1)
        if (spell := find("taken_away")) is not None:
            manner.leaves_after_s = spell.option("rest_s", 0.1)
        return manner

    def gone(self, number: int, time_s: float) -> None:
        """An item has gone, and the faults that were its own with it."""
        for spell in self._spells:
            if spell.item == number:
                spell.end_s = min(spell.end_s, time_s)
                self.next_change_s = -math.inf

    def waits_for_time(self, time_s: float) -> bool:
        """Whether a fault lasts or is to come whose end is known; it wants to be seen to its end."""
        return any(time_s < spell.end_s < math.inf or time_s < spell.begin_s < math.inf for spell in self._spells)

    def over_for_s(self, kind: str, time_s: float) -> float:
        """Seconds since the last fault of a kind ended; infinite when none has."""
        ends = (spell.end_s for spell in self._spells if spell.fault.kind == kind and spell.end_s <= time_s)
        return time_s - max(ends, default=-math.inf)


def _spell(fault: Fault, start_s: float) -> ActiveFault:
    if fault.at_s is None:
        return ActiveFault(fault, math.inf, math.inf)
    begin_s = start_s + fault.at_s + fault.after_s
    # A fault of the next item that is told no end waits for it.
    return ActiveFault(fault, begin_s, math.inf if fault.for_s is None else begin_s + fault.for_s)
