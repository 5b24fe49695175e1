"""Faults of the simulated world: which kinds there are, and when a planned one begins and ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from hardware.errors import HardwareConfigError

_T = TypeVar("_T")

BLIND = frozenset({"block", "error", "unplug", "black", "frozen", "stuck", "wrong_size"})
"""Faults under which no picture shows the tray as it is now."""

CAMERA = BLIND | {"lag", "low_rate", "torn", "exposure", "flicker", "darken", "spot"}
PEOPLE = frozenset({"hand", "body"})
"""Faults that are people over the tray."""

TRAY = PEOPLE | {"shifted", "dirty"}
ITEM = frozenset({"second_item", "edge_item", "taken_away", "restless", "stays", "transparent"})
"""Faults of one item: the one they name, or the next that arrives while they are active."""
FLAP = frozenset({"pin_error", "slow", "stuck_open", "stuck_closed", "bin_full", "power_dip"})
PANEL = frozenset({"lid", "stop_button", "service_button"})
"""Switches that people operate: on while the fault is active."""
MACHINE = frozenset({"disk_full", "read_only", "slow_commit", "clock_step", "sigterm"})
"""Faults of the computer that the program runs on: the world only keeps their time."""
KINDS = CAMERA | TRAY | ITEM | FLAP | PANEL | MACHINE

MOMENTS = ("arrives", "rests", "opens", "closes")
"""What an item does, or a flap for it, that a fault may wait for."""

_TIMING = ("kind", "at_s", "item", "when", "after_s", "for_s")
"""Attributes of ``PlannedFault``; every other key of a mapping is an option of the kind."""


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault as planned.

    Attributes:
        kind: one of ``KINDS``.
        at_s: when it begins, in seconds since the world's start (0 or more); None: it waits for ``item``.
        item: number of the item (1 is the first) that it waits for; None: it begins at ``at_s``.
        when: the moment of that item, one of ``MOMENTS``.
        after_s: delay from that moment to its beginning, in seconds (0 or more).
        for_s: duration, in seconds (above 0); None: it does not end.
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
    options: Mapping[str, object] = field(default_factory=dict)

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
    # Any: keys of a YAML mapping, each of another type; ``__post_init__`` checks the values.
    def of(cls, values: Mapping[str, Any]) -> "PlannedFault":
        """From a flat mapping; a key that is not an attribute is an option of the kind."""
        options = {key: value for key, value in values.items() if key not in _TIMING}
        return cls(**{key: values[key] for key in _TIMING if key in values}, options=options)


@dataclass(slots=True, eq=False)
class ActiveFault:
    """A planned fault with the times of its beginning and end, in seconds of the world's clock.

    Attributes:
        fault: as planned.
        begin_s: infinite while it waits for its item.
        end_s: infinite while its end is not known.
        item: number of the item that it concerns; None until there is one.
    """

    fault: PlannedFault
    begin_s: float
    end_s: float
    item: int | None = None

    @property
    def kind(self) -> str:
        """One of ``KINDS``."""
        return self.fault.kind

    def option(self, name: str, default: _T) -> _T:
        """An option of the fault, of the type of ``default``, which stands for one that is left out or None."""
        value = self.fault.options.get(name)
        return default if value is None else cast(_T, value)
