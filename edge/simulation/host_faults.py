"""Faults of the computer that the program runs on."""

import logging
import threading

from edge.actuation.phase import DiverterState
from edge.simulation.delayed_writer import DelayedWriter
from edge.simulation.failing_event_log import FailingEventLog
from hardware.clock import Clock, ManualClock
from hardware.world.world import World

log = logging.getLogger(__name__)

DISK_ERRORS = {"disk_full": "database or disk is full", "read_only": "attempt to write a readonly database"}
"""Kind of fault -> SQLite's message."""


class HostFaultInjector:
    """Applies the planned faults of the computer to the program.

    Args:
        world: the simulated bin, which keeps the faults' time.
        clock: of the program; its wall time is stepped, which only a ``ManualClock`` can.

    Attributes:
        stopped: the program was stopped by a fault, and is not to be restarted.
    """

    def __init__(self, world: World, clock: Clock) -> None:
        self._world = world
        self._clock = clock
        self._done: set[int] = set()
        self.stopped = False

    def step(
        self,
        event_log: FailingEventLog | None,
        writer: DelayedWriter | None,
        state: DiverterState | None,
        stop: threading.Event,
    ) -> None:
        """Apply what is due.

        Args:
            event_log: None while there is none.
            writer: writes to it; None while there is none, or its disk is the real one.
            state: of the flaps; None while the program does not run.
            stop: ends the program.
        """
        reason, commit_s = None, 0.0
        for active in self._world.faults.active:
            options = active.fault.options
            reason = DISK_ERRORS.get(active.kind, reason)
            if active.kind == "slow_commit":
                commit_s = active.option("commit_s", 0.55)
            if active.kind not in ("clock_step", "sigterm") or id(active) in self._done:
                continue
            if active.kind == "clock_step":
                self._done.add(id(active))
                assert isinstance(self._clock, ManualClock)
                self._clock.step_wall(active.option("by_s", 0.0))
            elif state is not None and options["state"] in (None, state.value):
                self._done.add(id(active))
                self.stopped = not options["again"]
                stop.set()
        if event_log is not None:
            event_log.reason = reason
        if writer is not None:
            writer.commit_s = commit_s
            writer.advance()
