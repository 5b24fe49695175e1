"""A city's platform gets entities that its data model allows, with the values that everybody else gets."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from edge.link.emptying_watch import SAMPLE_S, EmptyingWatch
from edge.link.waste_containers import waste_containers
from tests.builders.link import LINK_SETTINGS, REPORT, UplinkRig, make_view

SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("waste_container.schema.json").read_text(encoding="utf-8"))
CHECKER = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())

LABELS = {"glass": "glass", "paper": "paper", "cardboard": "paper", "metal": "packaging", "plastic": "packaging"}
SETTINGS = replace(LINK_SETTINGS, location=(13.4, 52.5), labels=LABELS)


def plain(entity: dict[str, Any]) -> dict[str, Any]:
    """An entity in the short form that the schema is of: each property is its value."""
    values = {}
    for key, found in entity.items():
        if key == "@context":
            continue
        value = found["value"] if isinstance(found, dict) else found
        values[key] = value["@value"] if isinstance(value, dict) and "@value" in value else value
    return values


def told(**changes: Any) -> dict[str, dict[str, Any]]:
    """Bin -> its entity in the short form."""
    found = [plain(one) for one in waste_containers(make_view(**changes), SETTINGS)]
    for one in found:
        CHECKER.validate(one)
    return {one["name"].partition(" ")[2]: one for one in found}


def test_each_bin_is_an_entity_with_what_is_known_of_it() -> None:
    found = told(emptied_wall_s={"glass": 1_767_225_600.9})
    assert list(found) == list(SETTINGS.bins)
    assert found["glass"] == {
        "id": "urn:ngsi-ld:WasteContainer:bin-7:glass",
        "type": "WasteContainer",
        "name": "bin-7 glass",
        "location": {"type": "Point", "coordinates": [13.4, 52.5]},
        "storedWasteKind": "glass",
        "status": "ok",
        "fillingLevel": 0.41,
        "dateLastEmptying": "2026-01-01T00:00:00Z",
    }
    assert found["paper"]["storedWasteKind"] == "paper"
    assert found["packaging"]["storedWasteKind"] == found["residual"]["storedWasteKind"] == "other"
    assert not {"fillingLevel", "dateLastEmptying"} & found["paper"].keys()


@pytest.mark.parametrize(
    ("report", "status"),
    [(None, "unknown"), ({**REPORT, "held": "lid"}, "lidOpen"), ({**REPORT, "held": "hand"}, "ok")],
)
def test_the_status_is_one_of_the_model(report: dict[str, object] | None, status: str) -> None:
    assert {one["status"] for one in told(report=report).values()} == {status}


def test_each_property_says_what_it_is_and_the_context_what_it_means() -> None:
    for entity in waste_containers(make_view(), SETTINGS):
        assert entity.pop("@context")
        kinds = {key: value["type"] for key, value in entity.items() if isinstance(value, dict)}
        assert kinds.pop("location") == "GeoProperty"
        assert set(kinds.values()) == {"Property"}


def test_a_platform_is_told_only_where_the_bin_knows_its_place() -> None:
    for location, count in ((None, 0), ((1.0, 2.0), 1)):
        rig = UplinkRig(location=location)
        broker = rig.connect()
        rig.uplink.tick(0)
        assert len(broker.of("sorter/bin-7/containers")) == count


def test_a_level_that_falls_was_emptied() -> None:
    watch = EmptyingWatch()
    for minute, level in enumerate((0.5, 0.8, 0.7, 0.1, 0.1)):
        watch.observe({"glass": level}, now_s=minute * SAMPLE_S, wall_s=1000.0 + minute)
    assert watch.emptied_wall_s == {"glass": 1003.0}


def test_levels_that_flicker_within_a_minute_are_not_compared() -> None:
    watch = EmptyingWatch()
    for second, level in enumerate((0.5, 0.9, 0.5)):
        watch.observe({"glass": level}, now_s=float(second), wall_s=0.0)
    assert watch.emptied_wall_s == {}
