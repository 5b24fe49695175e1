"""What does not come to rest is told, once, and no longer than it lasts."""

from edge.alarms import Attention, Trouble
from edge.sight.motion_timeout import ALARM_S, Unrest


def test_what_never_comes_to_rest_is_told_until_it_does() -> None:
    attention = Attention()
    unrest = Unrest(attention)
    for time_s in (0.0, 4.0, ALARM_S):
        unrest.update(True, time_s)
        assert Trouble.UNREST not in attention
    unrest.update(True, ALARM_S + 0.1)
    assert "does not come to rest" in str(attention.first)
    unrest.update(False, ALARM_S + 0.2)
    assert attention.first is None


def test_each_item_has_its_time() -> None:
    attention = Attention()
    unrest = Unrest(attention)
    for time_s in range(0, 60, 6):
        unrest.update(True, float(time_s))
        unrest.update(False, time_s + 5.0)
    assert attention.first is None


def test_what_is_told_as_a_hand_is_not_told_twice() -> None:
    attention = Attention()
    attention.update(Trouble.HAND, "a hand")
    unrest = Unrest(attention)
    unrest.update(True, 0.0)
    unrest.update(True, ALARM_S + 1)
    assert Trouble.UNREST not in attention
