"""Back-off: pauses that double, on the injected clock."""

from edge.backoff import BackOff
from hardware.clock import ManualClock


def test_pauses_double_up_to_the_longest_and_start_again() -> None:
    backoff = BackOff(ManualClock())
    assert [backoff.fail() for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    backoff.reset()
    assert backoff.fail() == 1


def test_it_waits_for_the_pause_and_no_longer() -> None:
    clock = ManualClock(50.0)
    backoff = BackOff(clock, first_s=5.0, max_s=5.0)
    assert not backoff.waiting
    backoff.fail()
    clock.advance(4.9)
    assert backoff.waiting
    clock.advance(0.2)
    assert not backoff.waiting
    backoff.fail()
    assert backoff.waiting
    backoff.reset()
    assert not backoff.waiting


def test_a_least_pause_lengthens_this_pause_alone() -> None:
    backoff = BackOff(ManualClock())
    assert [backoff.fail(min_s=3.0), backoff.fail(), backoff.fail(min_s=3.0)] == [3.0, 2.0, 4.0]
