"""A simulated bin from flat options, each of which belongs to one of its three settings."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from hardware.clock import Clock
from hardware.pin_factory import PinFactory
from hardware.sim.bin import SimulatedBin
from hardware.world.fault import PlannedFault
from hardware.world.layout import BinLayout, FlapDeviation, SwitchWiring
from hardware.world.scene import LightChange, SceneConditions
from hardware.world.scheduled_item import ScheduledItem
from hardware.world.traffic import ItemTraffic

MADE: Mapping[str, Any] = {
    "faults": lambda faults: tuple(map(PlannedFault.of, faults)),
    "arrivals": lambda arrivals: [ScheduledItem(**one) for one in arrivals],
    "light_changes": lambda changes: tuple(LightChange(**one) for one in changes),
    "deviations": lambda bodies: {bin: FlapDeviation(**body) for bin, body in bodies.items()},
    "switches": lambda switches: {name: SwitchWiring(**one) for name, one in switches.items()},
    "start_open": tuple,
}
"""Option -> makes its value of plain dicts and lists."""


def make_bin(*, clock: Clock, pin_factory: PinFactory, seed: int = 0, **options: Any) -> SimulatedBin:
    """The bin; options are the attributes of ``BinLayout``, ``ItemTraffic`` and ``SceneConditions``."""
    values = {name: MADE[name](value) if name in MADE else value for name, value in options.items()}
    parts = []
    for kind in (BinLayout, ItemTraffic, SceneConditions):
        own = [field.name for field in fields(kind)]
        parts.append(kind(**{name: values.pop(name) for name in own if name in values}))
    assert not values, f"no such options: {values}"
    layout, traffic, scene = parts
    return SimulatedBin(layout, traffic, scene, clock=clock, pin_factory=pin_factory, seed=seed)
