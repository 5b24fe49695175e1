"""Attention: every matter once, the most urgent first, every change logged once."""

import logging

import pytest

from edge.alarms import Attention, Trouble


def test_the_most_urgent_comes_first_whatever_the_order_of_telling() -> None:
    attention = Attention()
    assert attention.first is None
    for trouble in reversed(Trouble):
        attention.update(trouble, f"about {trouble}")
    assert list(attention) == [f"about {trouble}" for trouble in Trouble]
    assert attention.first == "about flap"
    attention.update(Trouble.FLAP, None)
    assert attention.first == "about jam"


def test_one_matter_does_not_overwrite_another() -> None:
    attention = Attention()
    attention.update(Trouble.JAM, "jam")
    attention.update(Trouble.CAMERA, "camera")
    attention.update(Trouble.CAMERA, None)
    assert list(attention) == ["jam"]
    assert Trouble.JAM in attention
    assert Trouble.CAMERA not in attention


def test_changes_are_logged_once_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    attention = Attention()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            for sentence in ("black", "black", "black", "frozen", "frozen", None, None):
                attention.update(Trouble.CAMERA, sentence)
    messages = [record.message for record in caplog.records]
    assert messages == ["attention: black", "attention: frozen", "over: frozen"] * 3
    assert attention.counts == {Trouble.CAMERA: 3}
