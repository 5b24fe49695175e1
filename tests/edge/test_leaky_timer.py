"""What holds for a large share of the time adds up, however often it comes and goes."""

import pytest

from edge.leaky_timer import LEAK, LeakyTimer


def told_s(on_s: float, off_s: float, *, limit_s: float = 10.0, most_s: float = 600.0) -> float | None:
    """When it is over, for a condition that comes and goes; None: not within ``most_s``."""
    timer, now_s = LeakyTimer(limit_s=limit_s), 0.0
    while now_s < most_s:
        if timer.add((now_s % (on_s + off_s)) < on_s, now_s):
            return now_s
        now_s = round(now_s + 0.05, 2)
    return None


def test_what_holds_all_the_time_is_over_at_the_limit() -> None:
    assert told_s(1e9, 0.0) == pytest.approx(10.0, abs=0.1)


@pytest.mark.parametrize(("on_s", "off_s"), [(8.0, 0.5), (0.3, 0.3), (1.0, 1.5), (0.1, 0.1)])
def test_what_comes_and_goes_is_over_when_its_share_is_large(on_s: float, off_s: float) -> None:
    growth = (on_s - LEAK * off_s) / (on_s + off_s)
    assert told_s(on_s, off_s) == pytest.approx(10.0 / growth, rel=0.25)


@pytest.mark.parametrize(("on_s", "off_s"), [(0.05, 0.65), (1.0, 2.1), (9.0, 20.0)])
def test_what_holds_for_less_than_a_third_of_the_time_is_never_over(on_s: float, off_s: float) -> None:
    assert told_s(on_s, off_s) is None


def test_it_stays_over_until_half_has_run_off() -> None:
    timer = LeakyTimer(limit_s=10.0)
    timer.add(True, 0.0)
    assert timer.add(False, 100.0), "more than the limit is not remembered"
    assert timer.add(False, 100.0 + 5.0 / LEAK - 0.1)
    assert not timer.add(False, 100.0 + 5.0 / LEAK + 0.1)


def test_a_pause_counts_neither_way_and_a_reset_begins_anew() -> None:
    timer = LeakyTimer(limit_s=10.0)
    timer.add(True, 0.0)
    timer.add(True, 9.0)
    timer.pause()
    assert not timer.add(True, 60.0)
    assert timer.add(True, 61.5)
    timer.reset()
    assert not timer.is_over
    assert not timer.add(True, 70.0)
