"""Compares the commands to the flaps with the truth."""

import math
from collections import defaultdict

from hardware.sim.fault_schedule import FaultSchedule
from hardware.sim.mechanics import FlapMechanics
from hardware.sim.motion_monitor import MotionMonitor
from hardware.sim.score_counter import ScoreCounter
from hardware.sim.tray_items import TrayItems
from hardware.world.flap_command import FlapCommand, NewestFrame

OVERLAP_S = 0.05
"""Two flaps count as moving at once from this long on, in seconds. Less is the jitter of a busy machine under a fast clock."""


class CommandMonitor:
    """Makes a ``FlapCommand`` of each signal to a flap, and counts it.

    Args:
        items: the items in view; openings are noted with the item that they are for.
        faults: what goes wrong.
        counter: counts.
        motions: knows who is over the tray.
    """

    def __init__(self, items: TrayItems, faults: FaultSchedule, counter: ScoreCounter, motions: MotionMonitor) -> None:
        self._items = items
        self._faults = faults
        self._counter = counter
        self._motions = motions
        self._served: int | None = None
        self._commanded: defaultdict[str, float] = defaultdict(float)
        self._overlap_s = 0.0

    def observe(self, flap: FlapMechanics, time_s: float, newest: NewestFrame | None) -> FlapCommand:
        """A pin has just commanded a flap to move.

        Args:
            flap: it has read its pin.
            time_s: the world's time, in seconds.
            newest: the newest picture that the camera has handed out.
        """
        # What is sent less far than before is on its way home, though one that lags behind or was stopped may stand further in.
        opens = flap.commanded_opening > flap.opening and flap.commanded_opening >= self._commanded[flap.bin]
        # So is what is sent a part of the way by the clock, if the drive is slower than the clock says.
        opens = opens and (flap.commanded_opening == 1.0 or "slow" not in self._faults.kinds)
        self._commanded[flap.bin] = flap.commanded_opening
        item = self._items.on_tray
        shown_s = -math.inf if newest is None else newest.shown_s
        if opens and item is not None:
            item.openings += 1
            item.command_s = time_s if item.command_s is None else item.command_s
            # What can be meant is what the newest picture shows, though it may be gone and another one lie there.
            shown = self._items.shown_at(shown_s)
            if shown is not None or self._served is None or item.arrive_s <= shown_s:
                self._served = (shown or item).number
        elif opens:
            self._served = None
        command = FlapCommand(
            time_s=time_s,
            bin=flap.bin,
            opens=opens,
            by_spring=flap.is_let_go,
            travel_s=abs(flap.commanded_opening - flap.opening) * flap.travel_s,
            item=self._served,
            at_rest=not any(one.is_seen_moving(shown_s) for one in self._items.in_view),
            seen=newest,
            person=self._motions.person,
            on_s=self._motions.on_s(flap.bin),
            faults=self._faults.active_kinds,
        )
        self._counter.flap_moves[flap.bin] += 1
        self._counter.moves_with_hand += command.person is not None
        self._counter.moves_before_rest += opens and not command.at_rest
        return command

    def measure_overlap(self, moving: int, dt_s: float) -> None:
        """Note how many flaps move during the next ``dt_s`` seconds."""
        self._overlap_s = self._overlap_s + dt_s if moving > 1 else 0.0
        self._counter.two_moving |= self._overlap_s > OVERLAP_S
