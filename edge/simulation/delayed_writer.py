"""A writer whose disk takes its time, on the simulated clock."""

import math
from collections import deque

from edge.records.writer import WriteJob
from hardware.clock import Clock


class DelayedWriter:
    """Runs each job when the disk has had the time for it; at once while the disk takes none.

    Args:
        clock: time. ``advance`` is to be called as it moves on.

    Attributes:
        commit_s: time that the disk takes for each job submitted from now on, in seconds, >= 0.
    """

    def __init__(self, clock: Clock) -> None:
        self.commit_s = 0.0
        self._clock = clock
        self._waiting: deque[tuple[WriteJob, float, float]] = deque()

    def submit(self, job: WriteJob) -> None:
        """Have a job run once the disk has had the time for it and for those before it."""
        begin_s = max(self._clock.now_s(), self._waiting[-1][1] if self._waiting else -math.inf)
        self._waiting.append((job, begin_s + self.commit_s, self.commit_s))
        self.advance()

    def advance(self) -> None:
        """Run the jobs for which the disk has had the time."""
        while self._waiting and self._waiting[0][1] <= self._clock.now_s():
            self._run_next()

    def drain(self, timeout_s: float) -> bool:
        """Run what is left, as far as it fits into ``timeout_s`` seconds."""
        end_s = self._clock.now_s() + timeout_s
        while self._waiting and self._waiting[0][1] <= end_s:
            self._run_next()
        return not self._waiting

    def close(self) -> None:
        """What is left is lost, as in a killed program."""
        self._waiting.clear()

    def _run_next(self) -> None:
        job, _, took_s = self._waiting.popleft()
        job.run(self._clock)
        job.duration_s = took_s
