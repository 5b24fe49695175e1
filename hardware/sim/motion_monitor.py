"""Follows who is over the tray, which flaps move meanwhile, and how long their drives are under current."""

import math
from collections.abc import Mapping
from dataclasses import replace

from hardware.sim.fault_schedule import FaultSchedule
from hardware.sim.mechanics import FlapMechanics
from hardware.sim.people import People
from hardware.world.flap_command import NewestFrame
from hardware.world.flap_motion import FlapMotion
from hardware.world.person import PERSON_FROM, PersonOverTray


class MotionMonitor:
    """Knows the truth that no camera and no program tells.

    Args:
        people: who is over the tray.
        flaps: bin -> flap.

    Attributes:
        person: people over the tray at the moment; None: nobody is.
        longest_on_s: bin -> longest time that its drive was under current without a break, in seconds.
    """

    def __init__(self, people: People, flaps: Mapping[str, FlapMechanics]) -> None:
        self._people = people
        self._flaps = flaps
        self.person: PersonOverTray | None = None
        self.longest_on_s = dict.fromkeys(flaps, 0.0)
        self._on_since_s: dict[str, float | None] = dict.fromkeys(flaps)
        self._on_s = dict.fromkeys(flaps, 0.0)
        self._commanded_s = dict.fromkeys(flaps, -math.inf)

    def on_s(self, bin: str) -> float:
        """How long a flap's drive has been under current; after that, how long it was the last time. Seconds."""
        return self._on_s[bin]

    def note_command(self, bin: str, time_s: float) -> None:
        """The pins of a flap have commanded it to move."""
        self._commanded_s[bin] = time_s

    def note_frame(self, frame: NewestFrame, time_s: float) -> None:
        """The camera hands out a picture now."""
        person = self.person
        if person is not None and frame.shows_person and frame.shown_s >= person.since_s > -math.inf:
            self.person = replace(person, shown_s=min(person.shown_s, time_s))

    def note_currents(self, time_s: float) -> None:
        """Measure how long the drives have been under current up to a time."""
        for bin, flap in self._flaps.items():
            since_s = self._on_since_s[bin]
            if since_s is not None:
                self._on_s[bin] = time_s - since_s
                self.longest_on_s[bin] = max(self.longest_on_s[bin], self._on_s[bin])
            if not flap.is_driven:
                self._on_since_s[bin] = None
            elif since_s is None:
                self._on_since_s[bin] = time_s

    def follow_people(self, time_s: float) -> None:
        """See who is over the tray at a time."""
        cover = self._people.cover(time_s) if self._people.are_near else 0.0
        if cover < PERSON_FROM:
            self.person = None
        elif self.person is None:
            self.person = PersonOverTray(cover, time_s)
        else:
            self.person = replace(self.person, cover=cover)

    def motion(
        self, flap: FlapMechanics, time_s: float, newest: NewestFrame | None, faults: FaultSchedule, *, halt_s: float
    ) -> FlapMotion | None:
        """The truth about a flap that has just moved, and could have been stopped in ``halt_s`` until then; None when nobody
        is over the tray."""
        if self.person is None:
            return None
        return FlapMotion(
            time_s=time_s,
            bin=flap.bin,
            person=self.person,
            commanded_s=self._commanded_s[flap.bin],
            travel_s=flap.travel_s,
            halt_s=halt_s,
            seen=newest,
            faults=faults.active_kinds,
            planned=faults.kinds,
        )
