"""A trapdoor's door, and the order in which it and the plates below it move."""

import math
from collections.abc import Callable
from contextlib import ExitStack

from hardware.device import Device
from hardware.drives.section import DriveContext
from hardware.drives.trapdoor.section import ROUNDING_S, TrapdoorSection
from hardware.errors import FlapError
from hardware.flap import Flap
from hardware.sequence import RunningSequence, TimedSequence, start_sequence


class Trapdoor(Device):
    """The door that opens for every item. Nothing moves at construction.

    It knows by the time that they were given which of its parts are home: nothing opens above a plate that was stopped on its
    way, for another bin's item would fall onto it.

    Args:
        section: the door's drive.
        name: its config key, for messages.
        context: pins and time.

    Attributes:
        is_homing: whether its parts were sent home, and nothing else since.

    Raises:
        HardwareConfigError: a pin is taken.
        FlapError, GpioError: a pin cannot be claimed.
    """

    def __init__(self, section: TrapdoorSection, *, name: str, context: DriveContext) -> None:
        self.is_homing = False
        self._name = name
        self._context = context
        self._motion: RunningSequence | None = None
        self._is_closed = False
        self._door = section.door.make(f"{name}.door", context)
        # Part -> when it is home, in seconds of the clock; infinite: it was sent elsewhere, or stopped.
        self._home_s: dict[Flap, float] = {self._door: -math.inf}
        # The door's last way: from and to which opening (0 home to 1 open), and since when, in seconds of the clock.
        self._way = (0.0, 0.0, -math.inf)
        self._door_opens_s = math.inf

    @property
    def closes_slowly(self) -> bool:
        """Whether the door can close step by step."""
        return self._door.closes_slowly

    @property
    def is_driven(self) -> bool:
        """Whether the door or a plate is under current."""
        return not self._is_closed and any(part.is_driven for part in self._home_s)

    @property
    def is_home(self) -> bool:
        """Whether the door and every plate are home, by the time that they were given."""
        return all(self._is_there(part) for part in self._home_s)

    @property
    def is_shut(self) -> bool:
        """Whether the door is closed, and has not been due to open since."""
        return self._is_there(self._door) and self._context.clock.now_s() < self._door_opens_s

    def add(self, plate: Flap) -> None:
        """Take on a plate below the door, which is home as far as is known."""
        self._home_s[plate] = -math.inf

    def remove(self, plate: Flap) -> None:
        """Give a plate up."""
        self._home_s.pop(plate, None)

    def open(self, plate: Flap | None) -> None:
        """Put a plate out, then open the door above it; None: no plate.

        Raises:
            FlapError: something may not be home, and must go there first; or it cannot be driven.
        """
        self.stop()
        if not self.is_home:
            raise FlapError(f"{self._name}: the door or a plate may not be home, and must go there first")
        begin_s = self._context.clock.now_s()
        self._door_opens_s = begin_s + (0.0 if plate is None else plate.travel_s)
        self._begin(self._opening(plate, begin_s=begin_s))

    def go_home(self, plate: Flap | None) -> None:
        """Close the door, then bring home this plate and every other that may be out.

        Raises:
            FlapError: the motion before this one has failed.
        """
        self.stop()
        failure = None if self._motion is None else self._motion.failure
        if failure is not None:
            self._motion = None
            raise FlapError(f"{self._name}: the last motion failed: {failure}") from failure
        self._begin(self._homing(plate, begin_s=self._context.clock.now_s()))
        self.is_homing = True

    def creep_home(self, share: float) -> bool:
        """Close the door slowly (``Flap.creep_home``), and leave the plates where they are; never open it, though the plates are
        still on their way when it has closed. Raises FlapError."""
        self.stop()
        now_s = self._context.clock.now_s()
        opening = min(1.0 - share, self._door_opening(now_s))
        self._way = (opening, opening, now_s)
        self._home_s[self._door] = math.inf
        return self._door.creep_home(1.0 - opening)

    def stop(self) -> None:
        """Begin no further part of what it does; what moves goes on."""
        self.is_homing = False
        self._door_opens_s = math.inf
        if self._motion is not None and self._motion.is_running:
            self._motion.stop()

    def halt(self) -> None:
        """Stop door and plates where they are, as far as their drives can. Raises FlapError."""
        self._end(lambda part: part.halt())

    def release(self) -> None:
        """No more motion, no more current. Raises FlapError."""
        if not self._is_closed:
            self._end(lambda part: part.detach())

    def close(self) -> None:
        if self._is_closed:
            return
        try:
            self.release()
        finally:
            self._is_closed = True
            self._door.close()

    # Times are those of the plan, not of the clock at each step: simulated pins do the steps when the clock is further on.

    def _opening(self, plate: Flap | None, *, begin_s: float) -> TimedSequence:
        if plate is not None:
            self._home_s[plate] = math.inf
            plate.open()
            begin_s += plate.travel_s
            yield plate.travel_s
        self._home_s[self._door] = math.inf
        self._way = (self._door_opening(begin_s), 1.0, begin_s)
        self._door.open()

    def _homing(self, plate: Flap | None, *, begin_s: float) -> TimedSequence:
        self._way = (self._door_opening(begin_s), 0.0, begin_s)
        home_s = begin_s
        plates = [
            part for part in self._home_s if part is plate or (part is not self._door and not self._is_there(part))
        ]
        for part in (self._door, *plates):
            self._home_s[part] = math.inf
            part.home()
            home_s += part.travel_s
            self._home_s[part] = home_s
            yield part.travel_s

    def _door_opening(self, time_s: float) -> float:
        """How far the door stands open at a time by its way, 0 home to 1 open: it turns evenly."""
        begin, end, since_s = self._way
        done = min(max((time_s - since_s) / self._door.travel_s, 0.0), 1.0)
        return begin + math.copysign(min(abs(end - begin), done), end - begin)

    def _is_there(self, part: Flap) -> bool:
        return self._context.clock.now_s() >= self._home_s[part] - ROUNDING_S

    def _begin(self, motion: TimedSequence) -> None:
        pins, clock = self._context.pins, self._context.clock
        self._motion = start_sequence(motion, name=self._name, pins=pins, clock=clock)

    def _end(self, command: Callable[[Flap], None]) -> None:
        """Stop, and give every part a command, also when one of them fails."""
        self.stop()
        opening = self._door_opening(self._context.clock.now_s())
        self._way = (opening, opening, self._context.clock.now_s())
        with ExitStack() as each:
            for part in self._home_s:
                if not self._is_there(part):
                    self._home_s[part] = math.inf
                each.callback(command, part)
