"""What can be calibrated: flaps, and the doors and plates that flaps share or have within them, with the changes of each."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from edge.calibrate.proposal import Key
from edge.config.schema import Config
from hardware.drives.section import AngularSection, FlapSection, SharedDriveSection
from hardware.section import WiredSection

DWELL_RESERVE_S = 0.2
"""How much longer than its travel a flap dwells where ``dwell_s`` has become too short for it, in seconds."""

REST_S = 1.0
"""Time for which a part that is no whole flap stays open when it is tested, in seconds."""


@dataclass(frozen=True, slots=True)
class MovedPart:
    """Something that a drive of its own moves.

    Attributes:
        key: of its section in the configuration.
        name: what a person calls it, e.g. ``paper`` or ``plate of paper``.
        section: its drive.
        dwell_s: how long it stays open when it is tested, in seconds.
    """

    key: Key
    name: str
    section: FlapSection
    dwell_s: float

    @property
    def is_flap(self) -> bool:
        """Whether it is the whole flap of a bin, not a door or plate of it."""
        return self.key[0] == "bins" and len(self.key) == 3

    def changes(self, config: Config, after: FlapSection) -> dict[Key, object]:
        """What must be written so that it has another section: that, and travel times that became too short with it."""
        before = self.section.model_dump()
        changes: dict[Key, object] = {
            (*self.key, key): _plain(value) for key, value in after.model_dump().items() if value != before[key]
        }
        if self.is_flap:
            name = self.key[1]
            if changes and self.section.shared_drive is not None:
                # It may stand there as null, with nothing to add a key to.
                changes = {(*self.key, key): before[key] for key in ("kind", "drive")} | changes
            return changes | _longer_dwell(config, name, after.travel_s)
        for name, flap, drive in self._around(config, after):
            least_s = _rounded_up(flap.least_travel_s(drive))
            if least_s > flap.travel_s:
                flap_key = ("bins", name, "flap")
                changes |= {(*flap_key, "kind"): flap.kind, (*flap_key, "drive"): flap.shared_drive}
                changes[*flap_key, "travel_s"] = _plain(least_s)
                changes |= _longer_dwell(config, name, least_s)
        return changes

    def _around(self, config: Config, after: FlapSection) -> Iterator[tuple[str, FlapSection, SharedDriveSection]]:
        """The bins that it moves for, as they are with its new section: name, flap and what they share."""
        _, owner, *_, own = self.key
        for name, one in config.bins.items():
            flap, shared = one.flap, one.flap.shared_drive
            if self.key[0] == "drives" and shared == owner:
                yield name, flap, config.drives[owner].model_copy(update={own: after})
            elif self.key[0] == "bins" and name == owner and shared is not None:
                yield name, flap.model_copy(update={own: after}), config.drives[shared]


def moved_parts(config: Config) -> Iterator[MovedPart]:
    """Everything that moves, first what a person sets step by step, then the flap that it is part of."""
    for name, drive in config.drives.items():
        yield from _angular(("drives", name), drive)
    for name, one in config.bins.items():
        key = ("bins", name, "flap")
        yield from _angular(key, one.flap)
        yield MovedPart(key, name, one.flap, one.dwell_s)


def _angular(key: Key, section: WiredSection) -> Iterator[MovedPart]:
    """The parts right below a section that go to any angle."""
    for own in type(section).model_fields:
        part = getattr(section, own)
        if isinstance(part, AngularSection):
            yield MovedPart((*key, own), f"{own} of {key[1]}", part, part.travel_s + REST_S)


def _longer_dwell(config: Config, name: str, travel_s: float) -> dict[Key, object]:
    if travel_s <= config.bins[name].dwell_s:
        return {}
    return {("bins", name, "dwell_s"): _plain(round(travel_s + DWELL_RESERVE_S, 2))}


def _rounded_up(seconds: float) -> float:
    """To hundredths; the small number keeps what is exact, but for floating point, from the next one."""
    return math.ceil(seconds * 100 - 1e-6) / 100


def _plain(value: object) -> object:
    """45.0 as a person would write it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
