"""The loop that keeps a bin sorting until it is told to stop."""

import logging
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from edge.assembly import Assembly
from edge.diverter import FlapState
from edge.values import SortEvent

log = logging.getLogger(__name__)

POLL_S = 0.1
"""Longest wait for a frame; so often the flaps are looked after when no frame comes."""


@dataclass(slots=True)
class Tally:
    """What a run did so far."""

    frames: int = 0
    items: int = 0
    elapsed_s: float = 0.0
    per_bin: Counter[str] = field(default_factory=Counter)
    per_reason: Counter[str] = field(default_factory=Counter)

    def add(self, event: SortEvent) -> None:
        """Count one item."""
        self.items += 1
        self.per_bin[event.bin] += 1
        self.per_reason[event.reason] += 1


def serve(
    assembly: Assembly,
    stop: threading.Event,
    *,
    duration_s: float | None = None,
    items: int | None = None,
    on_step: Callable[[Tally, SortEvent | None], None] = lambda tally, event: None,
) -> Tally:
    """Sort until ``stop`` is set, ``duration_s`` seconds of the bin's clock or ``items`` items are over, or no frame can come.

    An item in hand is seen off before leaving on ``items``. ``on_step`` is called after every step.
    """
    camera, sorter, clock = assembly.camera, assembly.sorter, assembly.clock
    tally = Tally()
    start_s = fresh_s = clock.now_s()
    sequence = -1
    complained = False
    while not stop.is_set():
        frame = camera.read(newer_than=sequence, timeout_s=POLL_S)
        if frame is not None:
            sequence, fresh_s = frame.sequence, frame.time_s
            tally.frames += 1
        event = sorter.step(frame)
        if event is not None:
            tally.add(event)
        now_s = clock.now_s()
        tally.elapsed_s = now_s - start_s
        if (now_s - fresh_s > 2.0) != complained:
            complained = not complained
            log.warning("no frame for 2 s: nothing is sorted" if complained else "frames are back")
        on_step(tally, event)
        idle = assembly.diverter.state is FlapState.HOME and not sorter.busy
        if frame is None and camera.exhausted and assembly.diverter.state is FlapState.HOME:
            break
        if duration_s is not None and tally.elapsed_s >= duration_s:
            break
        if items is not None and tally.items >= items and idle:
            break
    return tally


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM, SIGINT (Ctrl-C) and SIGHUP set; the handlers there were come back afterwards."""
    stop = threading.Event()

    def handle(number: int, _frame: object) -> None:
        log.info("%s: stopping", signal.Signals(number).name)
        stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
