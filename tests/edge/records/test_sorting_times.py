"""Sorting times of days: of a few events all count, of many an even sample."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from edge.records.event_database import connect, make_schema
from edge.records.session_writes import insert_event
from edge.records.sorting_times import SAMPLE, read_sorting_times
from tests.builders.values import make_event

DAYS = [("mon", 0.0, 1000.0), ("tue", 1000.0, 2000.0), ("wed", 2000.0, 3000.0)]


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(connect(":memory:")) as connection:
        make_schema(connection)
        yield connection


def add(database: sqlite3.Connection, number: int, wall_s: float, rest_s: float) -> None:
    event = make_event(number, wall_s=wall_s, rest_to_decision_s=rest_s, latency_ms=10 * rest_s)
    insert_event(database, event, session=1)


def test_of_a_few_events_all_count_and_a_day_without_is_left_out(database: sqlite3.Connection) -> None:
    for number, rest_s in enumerate((0.3, 0.1, 0.2), 1):
        add(database, number, 10.0, rest_s)
    add(database, 4, 2500.0, 0.9)
    first, second = read_sorting_times(database, DAYS)
    assert (first.day, first.events, first.median_s, first.slow_s, first.classify_ms) == ("mon", 3, 0.2, 0.3, 2.0)
    assert (second.day, second.median_s) == ("wed", 0.9)


def test_of_many_events_an_even_sample_is_looked_at(database: sqlite3.Connection) -> None:
    for number in range(1, 5 * SAMPLE + 1):
        add(database, number, 1000.0 + 0.5 * number, number / (5 * SAMPLE))
    (day,) = read_sorting_times(database, DAYS)
    assert day.events == SAMPLE
    assert day.median_s == pytest.approx(0.5, abs=0.01)
    assert day.slow_s == pytest.approx(0.95, abs=0.01)


def test_a_damaged_event_does_not_count(database: sqlite3.Connection) -> None:
    for number in (1, 2):
        add(database, number, 10.0, 0.4)
    database.execute("UPDATE event SET latency_ms = 'x' WHERE number = 1")
    (day,) = read_sorting_times(database, DAYS)
    assert day.events == 1
