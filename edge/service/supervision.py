"""Supervision: ready once the bin can sort, alive while its frames are fresh and its loop advances."""

from edge.service.assembly import Assembly
from edge.service.loop import RunStats
from edge.service.notify import Notifier
from hardware.clock import Clock

FRESH_S = 1.0
"""A picture taken so lately is fresh, in seconds. A dark one is as good here: at night a bin stands in the dark and waits, and
no new start cures that."""

BEATS = 4
"""So many signs of life fit into the watchdog's time: one that is late is no death."""

STATUS_S = 2.0
"""The status line is renewed so often at most, in seconds."""


class Supervision:
    """Tells the service manager what the loop has reached; called after every step of it.

    Args:
        assembly: the bin.
        notifier: where it is told.
        clock: real time, also where the bin's own runs faster.

    Attributes:
        ready: the manager was told that the bin can sort.
    """

    def __init__(self, assembly: Assembly, notifier: Notifier, *, clock: Clock) -> None:
        self._assembly = assembly
        self._notifier = notifier
        self._clock = clock
        self._every_s = None if notifier.watchdog_s is None else notifier.watchdog_s / BEATS
        self._alive_s: float | None = None
        self._told_s: float | None = None
        self._told = ""
        self.ready = False

    def report_progress(self, tally: RunStats) -> None:
        """Take what the loop did so far."""
        now_s = self._clock.now_s()
        fresh = self._assembly.clock.now_s() - self._assembly.health.newest_s < FRESH_S
        if not self.ready and fresh and self._may_sort():
            # The model has answered already: without that no bin is assembled.
            self.ready = self._notifier.ready()
        if fresh and self._every_s is not None and (self._alive_s is None or now_s - self._alive_s >= self._every_s):
            self._alive_s = now_s
            self._notifier.alive()
        sentence = self._sentence(tally)
        if sentence != self._told and (self._told_s is None or now_s - self._told_s >= STATUS_S):
            self._told, self._told_s = sentence, now_s
            self._notifier.status(sentence)

    def _may_sort(self) -> bool:
        """Are the flaps home? If not, no new start helps where a person has been told what to see to (darkness, a hand, the
        stop button, a flap at fault)."""
        return self._assembly.diverter.at_home or self._assembly.alarms.most_urgent is not None

    def _sentence(self, tally: RunStats) -> str:
        parts = [f"ATTENTION: {sentence}" for sentence in self._assembly.alarms]
        if not self.ready:
            parts.append("starting")
        parts += [f"tray: {self._assembly.sorter.tray.state.value}", f"{tally.items} items sorted"]
        return "; ".join(parts)
