"""Attention: every matter once, the most urgent first, every change logged once."""

import logging

import pytest

from edge.alarms import Alarm, Alarms


def test_the_most_urgent_comes_first_whatever_the_order_of_telling() -> None:
    attention = Alarms()
    assert attention.most_urgent is None
    for trouble in reversed(Alarm):
        attention.update(trouble, f"about {trouble}")
    assert list(attention) == [f"about {trouble}" for trouble in Alarm]
    assert attention.most_urgent == "about flap"
    attention.update(Alarm.FLAP, None)
    assert attention.most_urgent == "about jam"


def test_one_matter_does_not_overwrite_another() -> None:
    attention = Alarms()
    attention.update(Alarm.JAM, "jam")
    attention.update(Alarm.CAMERA, "camera")
    attention.update(Alarm.CAMERA, None)
    assert list(attention) == ["jam"]
    assert Alarm.JAM in attention
    assert Alarm.CAMERA not in attention


def test_changes_are_logged_once_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    attention = Alarms()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            for sentence in ("black", "black", "black", "frozen", "frozen", None, None):
                attention.update(Alarm.CAMERA, sentence)
    messages = [record.message for record in caplog.records]
    assert messages == ["attention: black", "attention: frozen", "over: frozen"] * 3
    assert attention.counts == {Alarm.CAMERA: 3}
