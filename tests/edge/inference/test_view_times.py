"""A machine that classifies slowly is told by the usual time of a view."""

from edge.alarms import Alarm, Alarms
from edge.inference.view_times import MOST, ViewTimes


def test_a_slow_machine_is_told_and_forgiven() -> None:
    alarms = Alarms()
    times = ViewTimes(alarms)
    for _ in range(3):
        times.add(0.52)
    assert alarms.most_urgent is None
    times.add(0.52)
    assert alarms.message(Alarm.SLOW_VIEW) == (
        "this machine is slow: a view takes 0.5 s to classify, and items wait: see to its cooling and supply, "
        "or set fewer decision.views"
    )
    for _ in range(MOST):
        times.add(0.02)
    assert alarms.most_urgent is None


def test_a_view_that_had_to_wait_is_not_told() -> None:
    alarms = Alarms()
    times = ViewTimes(alarms)
    for duration_s in [0.02, 5.0, 0.02, 0.02, 5.0] * 10:
        times.add(duration_s)
    assert alarms.counts == {}
