"""One message makes Home Assistant know the whole bin: its keys are Home Assistant's, and its templates find what is sent."""

import json
import re
from dataclasses import replace
from typing import Any

import jinja2
import pytest

from edge.link.event_message import event_message
from edge.link.home_assistant import device_message, device_topic
from edge.link.state_messages import figures_message, level_message, state_message, trouble_message
from edge.link.topics import Topics
from tests.builders.link import EVENT, LINK_SETTINGS, make_view

TOPICS = Topics("sorter", "bin-7")
MOST_BYTES = 4096

SENT: dict[str, Any] = {
    TOPICS.state: state_message(make_view()),
    TOPICS.trouble: trouble_message(make_view()),
    TOPICS.level: level_message(make_view()) | {"residual": 7},
    TOPICS.figures: figures_message(make_view(), LINK_SETTINGS.bins, "residual"),
    TOPICS.event: json.loads(event_message(EVENT)),
}
"""Topic -> what stands there."""


def told(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(device_message(replace(LINK_SETTINGS, **changes), TOPICS))
    return found


def shown(entity: dict[str, Any], message: dict[str, Any]) -> str:
    """What Home Assistant makes of an entity's template: Jinja, with the message as ``value_json``."""
    sent = SENT[entity.get("stat_t", message["stat_t"])]
    return jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(entity["val_tpl"]).render(value_json=sent)


def test_a_bin_with_everything_takes_less_than_four_kilobytes() -> None:
    assert len(device_message(LINK_SETTINGS, TOPICS)) <= MOST_BYTES


def test_every_entity_shows_what_was_sent() -> None:
    message = told()
    found = {name: shown(one, message) for name, one in message["cmps"].items() if "val_tpl" in one}
    assert found == {
        "condition": "attention",
        "trouble": "ON",
        "pause": "OFF",
        "item": "glass",
        "residual": "25.0",
        "temperature": "51",
        "level_glass": "41",
        "level_residual": "7",
        "today_paper": "0",
        "today_glass": "3",
        "today_packaging": "0",
        "today_residual": "1",
    }
    others = {name for name, one in message["cmps"].items() if "val_tpl" not in one}
    assert others == {"home", "identify", "picture"}


def test_the_condition_is_one_of_its_options() -> None:
    condition = told()["cmps"]["condition"]
    assert SENT[TOPICS.state]["condition"] in condition["ops"]


def test_each_entity_has_an_id_of_its_own_that_names_the_bin() -> None:
    entities = told()["cmps"]
    ids = [one["uniq_id"] for one in entities.values()]
    assert len(set(ids)) == len(ids)
    assert all(one == f"sorter_bin-7_{name}" for one, name in zip(ids, entities, strict=True))


def test_buttons_and_the_switch_say_what_the_bin_understands_and_are_there_only_if_it_is_allowed() -> None:
    entities = told()["cmps"]
    said = [entities["pause"]["pl_on"], entities["pause"]["pl_off"], entities["home"]["pl_prs"]]
    assert [json.loads(one) for one in said] == [{"do": "pause"}, {"do": "go_on"}, {"do": "home"}]
    shut = told(commands=frozenset({"pause"}))["cmps"]
    assert not {"home", "identify"} & set(shut)
    assert shut["pause"]["p"] == "binary_sensor"


def test_the_picture_is_there_only_if_pictures_are_sent() -> None:
    assert told()["cmps"]["picture"] == {
        "p": "image",
        "name": "Last item",
        "img_t": TOPICS.picture,
        "uniq_id": "sorter_bin-7_picture",
    }
    assert "picture" not in told(pictures=False)["cmps"]


def test_names_with_any_signs_are_found_in_the_message_and_make_plain_ids() -> None:
    name = 'paper "A" & Pappe.'
    message = told(bins=(name,), level_bins=())
    entity = message["cmps"]["today_paper__A____Pappe_"]
    sent = {"today": {name: 5}}
    assert jinja2.Environment().from_string(entity["val_tpl"]).render(value_json=sent) == "5"


@pytest.mark.parametrize("name", ["bin-7", "hall.bin", "x" * 60])
def test_the_topic_is_one_that_home_assistant_listens_to(name: str) -> None:
    # TOPIC_MATCHER of homeassistant/components/mqtt/discovery.py, of release 2026.2.
    matcher = r"homeassistant/(?P<component>\w+)/(?:(?P<node_id>[a-zA-Z0-9_-]+)/)?(?P<object_id>[a-zA-Z0-9_-]+)/config"
    topic = device_topic(replace(LINK_SETTINGS, name=name), "homeassistant")
    found = re.fullmatch(matcher, topic)
    assert found is not None
    assert (found["component"], found["node_id"]) == ("device", None)
