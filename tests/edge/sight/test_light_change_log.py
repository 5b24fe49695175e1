"""Changes of the light are logged once, until the light has been steady."""

import logging

import pytest

from edge.sight.light_change_log import LEAST_SHARE, STEADY_S, LightChangeLog

SENTENCE = "the light has changed: the empty tray is recognised in the new light"


def levels(caplog: pytest.LogCaptureFixture, *changes: tuple[float, float]) -> list[int]:
    """The level of each line, for changes of (share, time in seconds)."""
    caplog.set_level(logging.DEBUG)
    log = LightChangeLog()
    for share, time_s in changes:
        log.add(share, time_s)
    assert set(caplog.messages) == {SENTENCE}
    return [record.levelno for record in caplog.records]


def test_a_change_of_much_of_the_tray_is_worth_a_line_and_a_shadow_is_not(caplog: pytest.LogCaptureFixture) -> None:
    found = levels(caplog, (LEAST_SHARE - 0.01, 100.0), (LEAST_SHARE, 101.0))
    assert found == [logging.DEBUG, logging.INFO], "a shadow before it takes nothing away"


def test_changes_that_follow_each_other_are_one(caplog: pytest.LogCaptureFixture) -> None:
    steps = [(0.8, 100.0), (0.8, 109.0), (0.8, 118.0), (0.8, 118.0 + STEADY_S - 0.5), (0.8, 117.5 + 2 * STEADY_S)]
    assert levels(caplog, *steps) == [logging.INFO, *[logging.DEBUG] * 3, logging.INFO]


def test_a_clock_that_went_back_hides_no_change(caplog: pytest.LogCaptureFixture) -> None:
    assert levels(caplog, (0.8, 100.0), (0.8, 50.0), (0.8, 50.0)) == [logging.INFO, logging.INFO, logging.DEBUG]
