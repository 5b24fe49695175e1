"""What goes to the broker: each message says what it should, in few bytes."""

import json
from dataclasses import replace

import pytest

from edge.link.event_message import event_message
from edge.link.state_messages import CONDITIONS, figures_message, level_message, state_message, trouble_message
from edge.records.event_schema import OUTCOMES
from edge.service.status_report import Condition
from edge.values import Reason
from tests.builders.link import EVENT, LINK_SETTINGS, make_view

MOST_EVENT_BYTES = 200


def test_an_item_is_told_with_its_key_and_without_what_is_not_known() -> None:
    assert json.loads(event_message(EVENT)) == {
        "session": 12,
        "number": 345,
        "wall_s": 1_767_225_600.12,
        "label": "glass",
        "confidence": 0.973,
        "bin": "glass",
        "reason": "confident",
        "outcome": "done",
        "fell": 1,
    }
    found = json.loads(event_message({**EVENT, "fell": None, "wall_synced": False}))
    assert found["clock_set"] is False
    assert "fell" not in found


def test_the_longest_item_of_a_bin_with_long_names_has_at_most_200_bytes() -> None:
    longest = event_message(
        {
            **EVENT,
            "session": 99_999_999,
            "number": 999_999,
            "label": "beverage carton",
            "bin": "lightweight pack",
            "reason": max(Reason, key=len),
            "outcome": max(OUTCOMES, key=len),
            "fell": 12,
        }
    )
    assert len(longest) <= MOST_EVENT_BYTES


def test_a_label_is_told_in_its_own_letters() -> None:
    assert "Getränkekarton".encode() in event_message({**EVENT, "label": "Getränkekarton"})


def test_the_state_is_what_changes_seldom() -> None:
    assert state_message(make_view()) == {
        "condition": "attention",
        "ready": True,
        "paused": False,
        "model": "trashnet6",
        "head": None,
        "simulated": False,
        "started_wall_s": 1_767_225_000.0,
    }


def test_a_bin_that_does_not_answer_is_stopped_and_that_is_a_trouble() -> None:
    view = make_view(report=None, problem="the bin does not run: nothing answers")
    assert state_message(view) == {"condition": "stopped"}
    assert trouble_message(view) == {
        "count": 1,
        "troubles": [
            {"alarm": "stopped", "condition": "fault", "message": "the bin does not run: nothing answers"},
        ],
    }


def test_conditions_are_those_of_the_bin_and_one_for_a_bin_that_is_gone() -> None:
    assert (*map(str, Condition), "stopped") == CONDITIONS


def test_troubles_are_those_of_the_status() -> None:
    assert trouble_message(make_view()) == {
        "count": 1,
        "troubles": [{"alarm": "full", "condition": "attention", "message": "bin glass is full"}],
    }


@pytest.mark.parametrize("levels", [None, {"glass": "full"}, 7])
def test_levels_are_percent_of_bins_with_a_sensor(levels: object) -> None:
    assert level_message(make_view()) == {"glass": 41}
    assert level_message(make_view(report={"fill_levels": levels})) == {}


def test_figures_have_each_bin_and_the_share_of_the_residual_one() -> None:
    view = make_view(waiting=3)
    assert figures_message(view, LINK_SETTINGS.bins, "residual") == {
        "today": {"paper": 0, "glass": 3, "packaging": 0, "residual": 1},
        "residual_percent": 25.0,
        "items": 50,
        "temperature_c": 51,
        "free_mb": 7500,
        "waiting": 3,
    }


def test_what_is_not_known_is_null() -> None:
    view = make_view(temperature_c=None, free_bytes=None, counts=replace(make_view().counts, today={}))
    found = figures_message(view, (), "residual")
    assert (found["residual_percent"], found["temperature_c"], found["free_mb"]) == (None, None, None)
