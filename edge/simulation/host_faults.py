"""What goes wrong with the machine that the program runs on."""

import logging
import threading
from typing import Any

from edge.actuation.phase import DiverterState
from edge.simulation.failing_event_log import FailingLog

log = logging.getLogger(__name__)

REASONS = {"disk_full": "database or disk is full", "read_only": "attempt to write a readonly database"}
"""What SQLite says."""


class HostFaultInjector:
    """Lets the planned faults of the machine happen to the program.

    Args:
        world: the simulated bin, which keeps the faults' time.
        clock: of the program; its wall time is stepped.

    Attributes:
        stopped: the program was told to end, and is not to be started anew.
    """

    def __init__(self, world: Any, clock: Any) -> None:
        self._world = world
        self._clock = clock
        self._done: set[int] = set()
        self.stopped = False

    def step(self, disk: FailingLog | None, state: DiverterState | None, stop: threading.Event) -> None:
        """What is due happens.

        Args:
            disk: the event log; None while there is none.
            state: of the flaps; None while the program does not run.
            stop: ends the program.
        """
        reason = None
        for spell in self._world.faults.active:
            fault = spell.fault
            reason = REASONS.get(fault.kind, reason)
            if fault.kind not in ("clock_step", "sigterm") or id(spell) in self._done:
                continue
            if fault.kind == "clock_step":
                self._done.add(id(spell))
                self._clock.step_wall(fault.options["by_s"])
            elif state is not None and fault.options["state"] in (None, state.value):
                self._done.add(id(spell))
                self.stopped = not fault.options["again"]
                stop.set()
        if disk is not None:
            disk.reason = reason
