"""Freshness: the limit itself is fresh; older frames are counted and rejected."""

from edge.sight.freshness import FreshnessGate
from hardware.clock import ManualClock
from tests.builders.values import make_frame


def test_frames_up_to_the_limit_are_fresh() -> None:
    gate = FreshnessGate(ManualClock(10.0), max_age_s=0.5)
    assert gate.is_fresh(make_frame(time_s=10.0))
    assert gate.is_fresh(make_frame(time_s=9.5))
    assert gate.stale_count == 0
    assert not gate.is_fresh(make_frame(time_s=9.25))
    assert not gate.is_fresh(make_frame(time_s=0.0))
    assert gate.stale_count == 2
