"""Alarms: each active once, the most urgent first, every change logged once."""

import logging

import pytest

from edge.alarms import Alarm, Alarms


def test_the_most_urgent_comes_first_in_any_order() -> None:
    alarms = Alarms()
    assert alarms.most_urgent is None
    for alarm in reversed(Alarm):
        alarms.update(alarm, f"about {alarm}")
    assert list(alarms) == [f"about {alarm}" for alarm in Alarm]
    assert alarms.most_urgent == "about flap"
    alarms.update(Alarm.FLAP, None)
    assert alarms.most_urgent == "about current"


def test_one_alarm_does_not_replace_another() -> None:
    alarms = Alarms()
    alarms.update(Alarm.JAM, "jam")
    alarms.update(Alarm.CAMERA, "camera")
    alarms.update(Alarm.CAMERA, None)
    assert list(alarms) == ["jam"]
    assert Alarm.JAM in alarms
    assert Alarm.CAMERA not in alarms


def test_changes_are_logged_once_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    alarms = Alarms()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            for message in ("black", "black", "black", "frozen", "frozen", None, None):
                alarms.update(Alarm.CAMERA, message)
    messages = [record.message for record in caplog.records]
    assert messages == ["alarm: black", "alarm: frozen", "alarm cleared: frozen"] * 3
    assert alarms.counts == {Alarm.CAMERA: 3}
