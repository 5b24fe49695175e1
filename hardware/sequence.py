"""Timed sequences: what a driver does signal after signal, e.g. the pulses of a stepper motor.

A driver writes one as a generator that yields, after each of its steps, the seconds until the next. On real pins a thread of
its own runs it; on simulated pins the simulated world does, as its time passes (``Timeline``). So the same steps are done
in both, each of them exactly once, and a day of them takes seconds on a ``ManualClock``.
"""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator

from hardware.clock import Clock
from hardware.pin_factory import PinFactory

log = logging.getLogger(__name__)

TimedSequence = Generator[float, None, None]
"""Does a step, and yields the seconds until its next one."""

STOPS_WITHIN_S = 2.0
"""Longest wait for a thread that is to stop, in seconds; it only has to finish one step, which takes microseconds."""


SHORTEST = 0.8
"""Least share of a pause that is kept after a late step: a stepper bears a quarter more speed for one step."""


class RunningSequence(ABC):
    """A sequence that has been started.

    Attributes:
        failure: what ended it early; None: nothing has.
    """

    failure: Exception | None = None

    @property
    @abstractmethod
    def is_running(self) -> bool:
        """Whether there is more to come."""

    @abstractmethod
    def stop(self) -> None:
        """End it where it is: no further step is done when this returns. May be called twice."""


def start_sequence(sequence: TimedSequence, *, name: str, pins: PinFactory, clock: Clock) -> RunningSequence:
    """Start a sequence that works these pins; its first step is done at once or soon.

    Args:
        sequence: the steps.
        name: for the thread and the log.
        pins: where its signals go.
        clock: time.
    """
    timeline = getattr(pins, "timeline", None)
    if isinstance(timeline, Timeline):
        return timeline.start(sequence, name=name, now_s=clock.now_s())
    return SequenceThread(sequence, name=name, clock=clock)


class SequenceThread(RunningSequence):
    """Runs a sequence in a thread, on time.

    The delay of a step that is a little late shortens the next pause, so that the pace is kept; but never by much, because a
    motor does not follow two pulses that come too close together.

    Args:
        sequence: the steps.
        name: for the thread and the log.
        clock: time.
    """

    def __init__(self, sequence: TimedSequence, *, name: str, clock: Clock) -> None:
        self._sequence = sequence
        self._name = name
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join(STOPS_WITHIN_S)

    def _run(self) -> None:
        due_s = self._clock.now_s()
        try:
            while not self._stop.is_set():
                delay_s = next(self._sequence, None)
                if delay_s is None:
                    return
                now_s = self._clock.now_s()
                due_s = max(due_s + delay_s, now_s + SHORTEST * delay_s)
                self._clock.wait(self._stop, due_s - now_s)
            self._sequence.close()
        except Exception as error:
            self.failure = error
            log.warning("%s: %s", self._name, error)


class Timeline:
    """Time for simulated pins: sequences go on when the simulated world says how late it is.

    Attributes:
        before_change: called, when set, before a sequence is started or stopped. The simulated world brings itself up to
            date there, so that this takes effect at its own time.
    """

    def __init__(self) -> None:
        self.before_change: Callable[[], object] | None = None
        self._running: list[TimelineSequence] = []

    @property
    def is_busy(self) -> bool:
        """Whether any sequence is under way."""
        return bool(self._running)

    def start(self, sequence: TimedSequence, *, name: str, now_s: float) -> RunningSequence:
        """Start one at a time of the clock, in seconds. Its first step is due at once."""
        self.update()
        started = TimelineSequence(self, sequence, name=name, due_s=now_s)
        self._running.append(started)
        return started

    def run_until(self, time_s: float) -> bool:
        """Do all steps that are due by then, in their order; True when there were any."""
        any_done = False
        while self._running:
            first = min(self._running, key=lambda one: one.due_s)
            if first.due_s > time_s:
                break
            any_done = True
            if not first.step():
                self.drop(first)
        return any_done

    def update(self) -> None:
        """Bring the world up to date, where there is one."""
        if self.before_change is not None:
            self.before_change()

    def drop(self, sequence: "TimelineSequence") -> None:
        """It is over."""
        if sequence in self._running:
            self._running.remove(sequence)


class TimelineSequence(RunningSequence):
    """A sequence on a ``Timeline``.

    Attributes:
        due_s: time of its next step, in seconds of the clock.
    """

    def __init__(self, timeline: Timeline, sequence: TimedSequence, *, name: str, due_s: float) -> None:
        self.due_s = due_s
        self._timeline = timeline
        self._sequence = sequence
        self._name = name
        self._is_over = False

    @property
    def is_running(self) -> bool:
        return not self._is_over

    def step(self) -> bool:
        """Do the next step; False when it is over."""
        try:
            delay_s = next(self._sequence, None)
        except Exception as error:
            self.failure = error
            log.warning("%s: %s", self._name, error)
            delay_s = None
        if delay_s is None:
            self._is_over = True
            return False
        self.due_s += delay_s
        return True

    def stop(self) -> None:
        if self._is_over:
            return
        self._timeline.update()
        self._is_over = True
        self._timeline.drop(self)
        self._sequence.close()
