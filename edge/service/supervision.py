"""Supervision: ready once the bin can sort, alive while its frames are fresh, its loop advances, and it gets on.

A stall, or pictures that are always late, hold back READY, and WATCHDOG in a process that has sorted an item since it started:
a new start can bring back what has worked. One that has sorted nothing since its start lives on, asks for more time to start, and
says what is wrong: the new start has been tried, or would not help. So there is at most one restart for each time that it worked.
"""

import math

from edge.actuation.panel import FAULTS
from edge.service.assembly import Assembly
from edge.service.loop import RunStats
from edge.service.notify import Notifier
from hardware.clock import Clock

FRESH_S = 1.0
"""A frame younger than this is a sign of life, in seconds; where older ones may be acted on, half as much again as those. A dark
one counts as well: a bin that waits in the dark is not cured by a restart."""

BEATS_PER_TIMEOUT = 4
"""Keep-alive messages sent per watchdog timeout: one that is late must not end the service."""

EXTENSION_S, EXTEND_EVERY_S = 30.0, 10.0
"""Time that a start which cannot become ready asks for, and how often it asks, in seconds."""

STATUS_S = 2.0
"""Shortest interval between two status lines, in seconds."""


class Supervision:
    """Reports the progress of the loop to the service manager; called after every step.

    Args:
        assembly: the bin.
        notifier: to the service manager.
        clock: real time, also where the bin's own clock runs faster.

    Attributes:
        ready: the manager knows that the bin can sort.
    """

    def __init__(self, assembly: Assembly, notifier: Notifier, *, clock: Clock) -> None:
        self._assembly = assembly
        self._notifier = notifier
        self._clock = clock
        self._fresh_s = max(FRESH_S, 1.5 * assembly.config.camera.max_frame_age_s)
        self._every_s = None if notifier.watchdog_s is None else notifier.watchdog_s / BEATS_PER_TIMEOUT
        self._alive_s: float | None = None
        self._extended_s = -math.inf
        self._reported_s: float | None = None
        self._reported = ""
        self._unwell = False
        self.ready = False

    def report_progress(self, tally: RunStats) -> None:
        """Take what the loop has done so far."""
        now_s = self._clock.now_s()
        fresh = self._assembly.clock.now_s() - self._assembly.health.newest_s < self._fresh_s
        gets_on = not self._assembly.progress.is_stalled and self._assembly.lag.message is None
        if not self.ready and fresh and gets_on and self._sees() and self._may_sort():
            # The model has answered already: without an answer no bin is assembled.
            self.ready = self._notifier.ready()
        elif not self.ready and fresh and not gets_on and now_s - self._extended_s >= EXTEND_EVERY_S:
            self._extended_s = now_s
            self._notifier.extend_start(EXTENSION_S)
        is_due = self._every_s is not None and (self._alive_s is None or now_s - self._alive_s >= self._every_s)
        if fresh and is_due and (gets_on or not self._assembly.progress.has_sorted):
            self._alive_s = now_s
            self._notifier.alive()
        sentence = self._sentence(tally)
        if sentence != self._reported and (self._reported_s is None or now_s - self._reported_s >= STATUS_S):
            self._reported, self._reported_s = sentence, now_s
            self._notifier.status(sentence)
        is_unwell = bool(self._assembly.alarms.active & FAULTS)
        if is_unwell is not self._unwell:
            self._unwell = is_unwell
            self._notifier.unwell(is_unwell)

    def _sees(self) -> bool:
        """Whether a picture has come in time to act on it. A bin that waits in the dark is ready all the same."""
        return self._assembly.lag.in_time_s > -math.inf or self._assembly.health.problem is not None

    def _may_sort(self) -> bool:
        """Whether the flaps are home. If not, a restart does not help where an alarm calls for a person (darkness, a hand, the
        stop button, a flap at fault)."""
        return self._assembly.diverter.at_home or self._assembly.alarms.most_urgent is not None

    def _sentence(self, tally: RunStats) -> str:
        parts = [f"ATTENTION: {sentence}" for sentence in self._assembly.alarms]
        if not self.ready:
            parts.append("starting")
        if self._assembly.sorter.flaps.mode.is_paused:
            parts.append("paused by hand")
        if (wait := self._assembly.sorter.wait) is not None:
            parts.append(wait)
        parts += [f"tray: {self._assembly.sorter.tray.state.value}", f"{tally.items} items sorted"]
        return "; ".join(parts)
