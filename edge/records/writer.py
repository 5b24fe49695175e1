"""The writers: they run what is to be written to the disk, one job after the other, in the order asked for."""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Protocol

from hardware.clock import Clock, ManualClock, SystemClock

log = logging.getLogger(__name__)

DRAIN_S = 4.0
"""Longest wait for what is still to be written when the program ends, in seconds. With the way home of all flaps (15 s) it is
less than TimeoutStopSec= in systemd/sorter.service."""


class WriteJob:
    """Something that is to be written.

    Args:
        action: writes it; may raise.

    Attributes:
        is_done: it has been tried. The other attributes count from then on.
        error: why it failed; None: it is on the disk.
        duration_s: how long it took, in seconds of the writer's clock.
    """

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action
        self.is_done = False
        self.error: Exception | None = None
        self.duration_s = 0.0

    def run(self, clock: Clock) -> None:
        """Try it, and keep what it raises for the one who asked for it."""
        begin_s = clock.now_s()
        # Given up afterwards: it holds a picture, and often this job in turn.
        action, self._action = self._action, _do_nothing
        try:
            action()
        except Exception as error:
            self.error = error
        self.duration_s = clock.now_s() - begin_s
        # Last: who sees it in another thread may read the rest.
        self.is_done = True


def _do_nothing() -> None:
    """What is left of a job that was done."""


class Writer(Protocol):
    """Runs jobs in the order in which they are submitted."""

    def submit(self, job: WriteJob) -> None:
        """Have a job run. Returns at once where a thread runs it."""
        ...

    def drain(self, timeout_s: float) -> bool:
        """Wait until every job is done, at most ``timeout_s`` seconds; False when one is not."""
        ...

    def close(self) -> None:
        """End; nothing is submitted any more. What is still to be written gets ``DRAIN_S`` seconds."""
        ...


class InlineWriter:
    """Runs each job at once, in the caller's thread: a run on a clock that is moved by hand stays the same every time.

    Args:
        clock: measures the jobs.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def submit(self, job: WriteJob) -> None:
        job.run(self._clock)

    def drain(self, timeout_s: float) -> bool:
        return True

    def close(self) -> None:
        """Nothing is left over."""


class WriterThread:
    """Runs the jobs in a thread of its own, so that a slow disk does not stop the control loop.

    Args:
        clock: measures the jobs.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: queue.SimpleQueue[WriteJob | None] = queue.SimpleQueue()
        self._hangs = False
        # A disk that hangs must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, job: WriteJob) -> None:
        self._jobs.put(job)

    def drain(self, timeout_s: float) -> bool:
        done = threading.Event()
        self._jobs.put(WriteJob(done.set))
        self._hangs = not done.wait(timeout_s)
        return not self._hangs

    def close(self) -> None:
        self._jobs.put(None)
        # One that was waited for in vain has had its time.
        self._thread.join(0.0 if self._hangs else DRAIN_S)
        if self._thread.is_alive():
            log.error("the disk does not answer, what is still to be written is lost")

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.run(self._clock)


def make_writer(clock: Clock) -> Writer:
    """The writer for a bin on this clock: a thread, measured in real time, or inline where the clock is moved by hand."""
    return InlineWriter(clock) if isinstance(clock, ManualClock) else WriterThread(SystemClock())
