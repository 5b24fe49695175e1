"""Rows of the event log are checked value by value: a damaged one is noticed."""

import json
import math
from typing import Any

import pytest

from edge.records.event_row import (
    LAST_SESSION,
    LAST_WALL_S,
    TableColumn,
    check_event,
    check_session,
    columns_of,
    from_stored,
)

SESSION: dict[str, Any] = {"id": 3, "started_wall_s": 1000.5, "ended_wall_s": None, "model": "m"}

EVENT: dict[str, Any] = {
    "id": 17,
    "session": 3,
    "number": 5,
    "time_s": 12.5,
    "wall_s": 1012.5,
    "wall_synced": 1,
    "label": "glass",
    "confidence": 0.9,
    "probabilities": json.dumps({"glass": 0.9, "paper": 0.1}),
    "bin": "glass",
    "reason": "confident",
    "views": 4,
    "agreement": 1.0,
    "rest_to_decision_s": 0.4,
    "latency_ms": 12.0,
    "image": "00000003-000005.jpg",
    "outcome": "done",
    "score": None,
    "things": 1,
    "joined": 0,
    "fell": None,
}


REST = tuple(EVENT.values())[1:]


def test_a_sound_session_is_itself() -> None:
    assert check_session(SESSION) == SESSION
    assert check_session(SESSION | {"ended_wall_s": 2000}) == SESSION | {"ended_wall_s": 2000.0}


def test_a_sound_event_has_its_probabilities_read() -> None:
    expected = EVENT | {"probabilities": {"glass": 0.9, "paper": 0.1}, "wall_synced": True}
    assert check_event(EVENT) == expected
    assert check_event(EVENT | {"wall_synced": 0})["wall_synced"] is False
    assert check_event(EVENT)["wall_synced"] is True


def test_whole_numbers_where_any_number_may_stand_become_floats() -> None:
    assert type(check_event(EVENT | {"confidence": 1})["confidence"]) is float


def test_what_an_older_version_did_not_write_is_none() -> None:
    older = {key: value for key, value in EVENT.items() if key not in ("score", "things", "joined", "fell")}
    row = check_event(older)
    assert (row["score"], row["things"], row["joined"], row["fell"]) == (None, None, None, None)
    assert len(row) == len(EVENT)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("number", None, "number: is missing"),
        ("label", b"glass", "label: expected a text"),
        ("label", 1, "label: expected a text"),
        ("number", 5.5, "number: expected a whole number"),
        ("number", "5", "number: expected a whole number"),
        ("time_s", "12", "time_s: expected a number"),
        ("time_s", math.nan, "time_s: expected a number"),
        ("confidence", math.inf, "confidence: expected a number"),
        ("wall_s", -1.5, "wall_s: expected seconds since 1970"),
        ("wall_s", LAST_WALL_S, "wall_s: expected seconds since 1970"),
        ("session", 0, f"session: expected 1 to {LAST_SESSION}"),
        ("session", LAST_SESSION + 1, f"session: expected 1 to {LAST_SESSION}"),
        ("probabilities", "[1]", "probabilities: expected an object"),
        ("probabilities", '{"glass": "much"}', "probabilities: expected numbers"),
        ("probabilities", '{"glass": Infinity}', "probabilities: expected numbers"),
    ],
)
def test_a_damaged_event_is_noticed(column: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        check_event(EVENT | {column: value})


@pytest.mark.parametrize("value", ["{", "nothing"])
def test_probabilities_that_are_no_json_are_noticed(value: str) -> None:
    with pytest.raises(ValueError, match="Expect"):
        check_event(EVENT | {"probabilities": value})


@pytest.mark.parametrize(
    ("column", "value"),
    [("wall_s", -1.0), ("wall_s", LAST_WALL_S - 1), ("session", 1), ("session", LAST_SESSION), ("time_s", -1e9)],
)
def test_the_bounds_themselves_are_sound(column: str, value: float) -> None:
    assert dict(check_event(EVENT | {column: value}))[column] == value


@pytest.mark.parametrize("number", [0, LAST_SESSION + 1, None, "3"])
def test_a_session_with_an_impossible_number_is_noticed(number: object) -> None:
    with pytest.raises(ValueError, match=r"session: expected|id: "):
        check_session(SESSION | {"id": number})


def test_the_columns_are_those_of_the_schema_with_their_kinds() -> None:
    assert columns_of("session") == (
        TableColumn("id", "INTEGER", False),
        TableColumn("started_wall_s", "REAL", True),
        TableColumn("ended_wall_s", "REAL", False),
        TableColumn("model", "TEXT", True),
    )
    assert [column.name for column in columns_of("event")] == list(EVENT)


def test_a_stored_row_gets_its_number_and_what_it_lacks() -> None:
    values = tuple(EVENT.values())
    assert from_stored("event", 17, (None, *values[1:])) == EVENT
    # Without the columns that came later.
    shorter = from_stored("event", 17, (None, *values[1:17]))
    assert shorter == EVENT | dict.fromkeys(("score", "things", "joined", "fell"))


@pytest.mark.parametrize(
    "values",
    [(), (17, *REST), (None, *REST, 1), (None, *REST[:15])],
    ids=["nothing", "a number of its own", "too long", "without what is required"],
)
def test_what_cannot_be_a_row_of_the_table_is_none(values: tuple[object, ...]) -> None:
    assert from_stored("event", 17, values) is None
