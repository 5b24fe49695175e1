"""Motion that does not stop raises an alarm, once, for as long as it lasts."""

import pytest

from edge.alarms import Alarm, Alarms
from edge.sight.motion_timeout import ALARM_S, MotionTimeout


@pytest.mark.parametrize("start_s", [0.0, 1000.0])
def test_motion_raises_the_alarm_until_it_stops(start_s: float) -> None:
    alarms = Alarms()
    timeout = MotionTimeout(alarms)
    for time_s in (0.0, 4.0, ALARM_S):
        timeout.observe(True, start_s + time_s)
        assert Alarm.MOTION not in alarms
    timeout.observe(True, start_s + ALARM_S + 0.1)
    assert "does not come to rest" in str(alarms.most_urgent)
    timeout.observe(False, start_s + ALARM_S + 0.2)
    assert alarms.most_urgent is None


def test_each_item_has_its_time() -> None:
    alarms = Alarms()
    timeout = MotionTimeout(alarms)
    for time_s in range(0, 60, 6):
        timeout.observe(True, float(time_s))
        timeout.observe(False, time_s + 5.0)
    assert alarms.most_urgent is None


def test_a_hand_raises_only_its_own_alarm() -> None:
    alarms = Alarms()
    alarms.update(Alarm.HAND, "a hand")
    timeout = MotionTimeout(alarms)
    timeout.observe(True, 0.0)
    timeout.observe(True, ALARM_S + 1)
    assert Alarm.MOTION not in alarms
