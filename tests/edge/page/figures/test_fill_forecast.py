"""When a bin will be full: since it was emptied, as a range, and nothing where nothing can be told."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.page.figures.fill_forecast import FillForecast, forecast


def hourly(levels: Sequence[float]) -> list[tuple[float, float]]:
    return [(3600.0 * hour, level) for hour, level in enumerate(levels)]


def test_a_steady_rise_is_carried_on() -> None:
    found = forecast(hourly([0.1 + 0.005 * hour for hour in range(49)]))
    assert found is not None
    assert found.level == pytest.approx(0.34)
    assert found.soonest_days == pytest.approx(0.66 / (0.005 * 24))
    assert found.latest_days == pytest.approx(found.soonest_days)


def test_only_what_came_since_it_was_emptied_counts() -> None:
    before = [0.02 * hour for hour in range(45)]
    since = [0.005 * hour for hour in range(30)]
    found = forecast(hourly([*before, *since]))
    assert found is not None
    assert found.soonest_days == pytest.approx((1 - 0.145) / 0.12)


def test_one_reading_that_is_far_off_moves_it_little() -> None:
    levels = [0.1 + 0.005 * hour for hour in range(49)]
    levels[20] += 0.1
    found = forecast(hourly(levels))
    assert found is not None
    assert found.soonest_days == pytest.approx(5.5, rel=0.1)


@pytest.mark.parametrize("levels", [[0.2], [0.1, 0.9], [0.3] * 48, [0.5 - 0.001 * hour for hour in range(48)]])
def test_what_cannot_be_told_is_not(levels: list[float]) -> None:
    assert forecast(hourly(levels)) == FillForecast(levels[-1])


def test_a_full_bin_is_full_and_no_level_is_none() -> None:
    assert forecast(hourly([0.5, 1.02])) == FillForecast(1.02, 0.0, 0.0)
    assert forecast([]) is None


@given(levels=st.lists(st.floats(0, 1.2), min_size=1, max_size=200))
def test_a_range_is_in_order_and_in_the_future(levels: list[float]) -> None:
    found = forecast(hourly(levels))
    assert found is not None
    if found.soonest_days is not None:
        assert found.soonest_days >= 0
        assert found.latest_days is None or found.latest_days >= found.soonest_days
