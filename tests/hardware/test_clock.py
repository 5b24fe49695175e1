import math
import threading
import time

import pytest

from hardware.clock import ManualClock, SystemClock


def test_manual_clock_stands_still_until_it_is_moved() -> None:
    clock = ManualClock(5.0, wall_s=1000.0)
    assert (clock.now_s(), clock.wall_s()) == (5.0, 1000.0)
    clock.advance(2.5)
    assert (clock.now_s(), clock.wall_s()) == (7.5, 1002.5)


@pytest.mark.parametrize("seconds", [-0.001, math.nan])
def test_manual_clock_never_goes_back(seconds: float) -> None:
    with pytest.raises(ValueError, match="cannot go back"):
        ManualClock().advance(seconds)


def test_a_step_of_the_wall_leaves_monotonic_time_alone() -> None:
    clock = ManualClock(wall_s=0.0)
    clock.step_wall(-3600.0)
    assert (clock.now_s(), clock.wall_s()) == (0.0, -3600.0)


def test_waiting_moves_the_manual_clock_unless_the_event_is_set() -> None:
    clock, event = ManualClock(), threading.Event()
    assert clock.wait(event, 3.0) is False
    assert clock.now_s() == 3.0
    assert clock.wait(event, -1.0) is False
    assert clock.now_s() == 3.0
    event.set()
    assert clock.wait(event, 3.0) is True
    assert clock.now_s() == 3.0


def test_manual_clock_loses_nothing_between_threads() -> None:
    clock = ManualClock()
    threads = [threading.Thread(target=lambda: [clock.advance(1.0) for _ in range(2000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert clock.now_s() == 8000.0


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan, math.inf])
def test_system_clock_refuses_a_speed_that_makes_no_sense(speed: float) -> None:
    with pytest.raises(ValueError, match="clock speed"):
        SystemClock(speed=speed)


def test_system_clock_is_monotonic_time() -> None:
    before = time.monotonic()
    now_s = SystemClock().now_s()
    assert before <= now_s <= time.monotonic()


def test_a_fast_clock_waits_less() -> None:
    clock, event = SystemClock(speed=100.0), threading.Event()
    start, start_s = time.monotonic(), clock.now_s()
    assert clock.wait(event, 5.0) is False
    assert clock.now_s() - start_s + 1e-6 >= 5.0
    assert 0.05 <= time.monotonic() - start < 4.0


def test_a_wait_ends_at_once_when_the_event_is_set() -> None:
    event = threading.Event()
    event.set()
    start = time.monotonic()
    assert SystemClock().wait(event, 60.0) is True
    assert time.monotonic() - start < 30.0
