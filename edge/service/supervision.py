"""Supervision: ready once the bin can sort, alive while its frames are fresh and its loop advances."""

from edge.service.assembly import Assembly
from edge.service.loop import RunStats
from edge.service.notify import Notifier
from hardware.clock import Clock

FRESH_S = 1.0
"""A frame younger than this is a sign of life, in seconds. A dark one counts as well: a bin that waits in the dark is not
cured by a restart."""

BEATS_PER_TIMEOUT = 4
"""Keep-alive messages sent per watchdog timeout: one that is late must not end the service."""

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
        self._every_s = None if notifier.watchdog_s is None else notifier.watchdog_s / BEATS_PER_TIMEOUT
        self._alive_s: float | None = None
        self._reported_s: float | None = None
        self._reported = ""
        self.ready = False

    def report_progress(self, tally: RunStats) -> None:
        """Take what the loop has done so far."""
        now_s = self._clock.now_s()
        fresh = self._assembly.clock.now_s() - self._assembly.health.newest_s < FRESH_S
        if not self.ready and fresh and self._may_sort():
            # The model has answered already: without an answer no bin is assembled.
            self.ready = self._notifier.ready()
        if fresh and self._every_s is not None and (self._alive_s is None or now_s - self._alive_s >= self._every_s):
            self._alive_s = now_s
            self._notifier.alive()
        sentence = self._sentence(tally)
        if sentence != self._reported and (self._reported_s is None or now_s - self._reported_s >= STATUS_S):
            self._reported, self._reported_s = sentence, now_s
            self._notifier.status(sentence)

    def _may_sort(self) -> bool:
        """Whether the flaps are home. If not, a restart does not help where an alarm calls for a person (darkness, a hand, the
        stop button, a flap at fault)."""
        return self._assembly.diverter.at_home or self._assembly.alarms.most_urgent is not None

    def _sentence(self, tally: RunStats) -> str:
        parts = [f"ATTENTION: {sentence}" for sentence in self._assembly.alarms]
        if not self.ready:
            parts.append("starting")
        parts += [f"tray: {self._assembly.sorter.tray.state.value}", f"{tally.items} items sorted"]
        return "; ".join(parts)
