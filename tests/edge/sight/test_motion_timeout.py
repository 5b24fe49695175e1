"""What does not come to rest is told, once, and no longer than it lasts."""

from edge.alarms import Alarm, Alarms
from edge.sight.motion_timeout import ALARM_S, MotionTimeout


def test_what_never_comes_to_rest_is_told_until_it_does() -> None:
    alarms = Alarms()
    unrest = MotionTimeout(alarms)
    for time_s in (0.0, 4.0, ALARM_S):
        unrest.observe(True, time_s)
        assert Alarm.MOTION not in alarms
    unrest.observe(True, ALARM_S + 0.1)
    assert "does not come to rest" in str(alarms.most_urgent)
    unrest.observe(False, ALARM_S + 0.2)
    assert alarms.most_urgent is None


def test_each_item_has_its_time() -> None:
    alarms = Alarms()
    unrest = MotionTimeout(alarms)
    for time_s in range(0, 60, 6):
        unrest.observe(True, float(time_s))
        unrest.observe(False, time_s + 5.0)
    assert alarms.most_urgent is None


def test_what_is_told_as_a_hand_is_not_told_twice() -> None:
    alarms = Alarms()
    alarms.update(Alarm.HAND, "a hand")
    unrest = MotionTimeout(alarms)
    unrest.observe(True, 0.0)
    unrest.observe(True, ALARM_S + 1)
    assert Alarm.MOTION not in alarms
