"""Timed sequences: done step by step, each exactly once, in a thread or as simulated time passes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

from hardware.clock import ManualClock, SystemClock
from hardware.pins import mock_factory
from hardware.sequence import SequenceThread, TimedSequence, Timeline, start_sequence
from tests.processes import until


class NotedSteps:
    """A sequence that notes when its steps were done."""

    def __init__(self, clock: ManualClock | SystemClock, count: int, delay_s: float) -> None:
        self.done_s: list[float] = []
        self.is_closed = False
        self._clock = clock
        self._count = count
        self._delay_s = delay_s

    def run(self) -> TimedSequence:
        try:
            for _ in range(self._count):
                self.done_s.append(self._clock.now_s())
                yield self._delay_s
        finally:
            self.is_closed = True


def failing() -> TimedSequence:
    yield 0.0
    raise OSError("the pin is gone")


@contextmanager
def thread(sequence: TimedSequence) -> Iterator[SequenceThread]:
    running = SequenceThread(sequence, name="test", clock=SystemClock())
    yield running
    running.stop()


def test_a_thread_does_every_step_once_and_never_sooner_than_it_should() -> None:
    steps = NotedSteps(SystemClock(), 200, 0.001)
    with thread(steps.run()) as running:
        assert until(lambda: not running.is_running)
    assert len(steps.done_s) == 200
    gaps_s = [later - sooner for sooner, later in pairwise(steps.done_s)]
    assert min(gaps_s) > 0.0007, "two pulses too close together are one"
    assert steps.done_s[-1] - steps.done_s[0] >= 199 * 0.001 * 0.8
    assert running.failure is None


def test_a_late_step_is_not_caught_up_with_at_once() -> None:
    clock, release = SystemClock(), threading.Event()
    done_s: list[float] = []

    def hesitant() -> TimedSequence:
        for number in range(5):
            if number == 1:
                release.wait(0.1)
            done_s.append(clock.now_s())
            yield 0.01

    with thread(hesitant()) as running:
        assert until(lambda: not running.is_running)
    assert min(later - sooner for sooner, later in pairwise(done_s)) >= 0.0079


def test_a_stopped_thread_does_nothing_more() -> None:
    steps = NotedSteps(SystemClock(), 10_000, 0.001)
    with thread(steps.run()) as running:
        assert until(lambda: len(steps.done_s) > 10)
        running.stop()
        count = len(steps.done_s)
        assert not running.is_running
        assert steps.is_closed
        threading.Event().wait(0.05)
        assert len(steps.done_s) == count
        running.stop()


def test_a_failure_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    with thread(failing()) as running:
        assert until(lambda: not running.is_running)
    assert isinstance(running.failure, OSError)
    on_pins = start_sequence(failing(), name="test", pins=(pins := mock_factory()), clock=ManualClock())
    pins.timeline.run_until(1.0)
    assert isinstance(on_pins.failure, OSError)
    assert not on_pins.is_running
    assert [record.message for record in caplog.records] == ["test: the pin is gone"] * 2


def test_simulated_pins_run_what_is_due_in_its_order() -> None:
    timeline, done = Timeline(), []

    def named(name: str, delay_s: float) -> TimedSequence:
        for number in range(3):
            done.append(f"{name}{number}")
            yield delay_s

    slow = timeline.start(named("slow", 1.0), name="slow", now_s=0.0)
    timeline.start(named("fast", 0.4), name="fast", now_s=0.1)
    assert not done
    assert not timeline.run_until(-0.1)
    assert timeline.run_until(0.95)
    assert done == ["slow0", "fast0", "fast1", "fast2"]
    assert timeline.run_until(1.0)
    assert done[-1] == "slow1"
    slow.stop()
    slow.stop()
    assert not slow.is_running
    timeline.run_until(10.0)
    assert done[-1] == "slow1"
    assert not timeline.is_busy


def test_the_world_is_brought_up_to_date_before_anything_starts_or_stops() -> None:
    clock, timeline = ManualClock(), Timeline()
    timeline.before_change = lambda: timeline.run_until(clock.now_s())
    steps = NotedSteps(clock, 100, 0.1)
    running = timeline.start(steps.run(), name="test", now_s=clock.now_s())
    clock.advance(1.05)
    running.stop()
    assert len(steps.done_s) == 11
    assert steps.is_closed
