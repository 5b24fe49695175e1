"""What an event was decided from is kept beside it, within a budget, and a log without it is read as before."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.records.event_database import connect, make_schema
from edge.records.event_features import MOST_VIEWS, EventFeatures, insert_features, read_features
from edge.records.event_log import EventLog
from edge.records.feature_table import (
    DROP_ROWS,
    PAGE_ROWS,
    delete_features,
    drop_oldest_features,
    feature_bytes,
    offered_events,
)
from edge.records.log_damage import LogDamageError
from edge.records.retention import purge
from edge.records.salvage import salvage
from edge.records.session_writes import insert_event
from edge.records.totals import count_events
from tests.builders.values import make_event

SIZE = 10


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(connect(":memory:")) as connection:
        make_schema(connection)
        yield connection


def vectors(seed: int, views: int = 2) -> NDArray[np.int8]:
    return np.random.default_rng(seed).integers(-128, 128, (views, SIZE), np.int8)


def kept(seed: int = 0, *, offered: bool = False, views: int = 2) -> EventFeatures:
    return EventFeatures("f" * 64, 0.02, offered, vectors(seed, views))


def test_what_was_kept_is_read_back(database: sqlite3.Connection) -> None:
    insert_features(database, (3, 7), kept(1, offered=True))
    found = read_features(database, (3, 7))
    assert found is not None
    assert found.vectors is not None
    assert (found.head, found.share, found.offered) == ("f" * 64, 0.02, True)
    assert np.array_equal(found.vectors, vectors(1))
    assert read_features(database, (7, 3)) is None


def test_a_model_without_features_keeps_what_is_offered(database: sqlite3.Connection) -> None:
    insert_features(database, (1, 1), EventFeatures(None, 1.0, True))
    found = read_features(database, (1, 1))
    assert found is not None
    assert (found.head, found.vectors) == (None, None)
    assert list(offered_events(database)) == [(1, 1)]


def test_of_many_views_the_first_are_kept(database: sqlite3.Connection) -> None:
    insert_features(database, (1, 1), kept(2, views=MOST_VIEWS + 3))
    found = read_features(database, (1, 1))
    assert found is not None
    assert found.vectors is not None
    assert np.array_equal(found.vectors, vectors(2, MOST_VIEWS + 3)[:MOST_VIEWS])


@pytest.mark.parametrize(
    ("share", "array"), [(-0.1, vectors(0)), (1.1, vectors(0)), (0.5, np.zeros(4, np.int8)), (0.5, np.zeros((1, 4)))]
)
def test_features_that_make_no_sense_are_refused(share: float, array: NDArray[np.int8]) -> None:
    with pytest.raises(ValueError, match="event features"):
        EventFeatures(None, share, False, array)


def test_the_oldest_go_until_the_budget_is_kept(database: sqlite3.Connection) -> None:
    for number in range(1, 11):
        insert_features(database, (1 + number // 6, number), kept(number))
    assert feature_bytes(database) == 10 * 2 * SIZE
    assert drop_oldest_features(database, 10 * 2 * SIZE) == 0
    assert drop_oldest_features(database, 6 * 2 * SIZE + 1) == 4
    assert feature_bytes(database) == 6 * 2 * SIZE
    assert [read_features(database, (1, number)) is None for number in range(1, 6)] == [True] * 4 + [False]
    assert drop_oldest_features(database, 0) == 6
    assert feature_bytes(database) == 0


def test_they_go_in_bounded_steps(database: sqlite3.Connection) -> None:
    for number in range(1, DROP_ROWS + 3):
        insert_features(database, (1, number), kept(number))
    assert drop_oldest_features(database, 0) == DROP_ROWS
    assert drop_oldest_features(database, 0) == 2


def test_a_sum_that_is_wrong_is_set_right_and_asks_for_no_end(database: sqlite3.Connection) -> None:
    database.execute("UPDATE features_size SET bytes = 5000")
    assert drop_oldest_features(database, 100) == 0
    assert feature_bytes(database) == 0


def test_an_event_that_is_deleted_takes_its_features_along(database: sqlite3.Connection) -> None:
    for number in (1, 2):
        insert_event(database, make_event(number, wall_s=100.0 * number), session=1)
        insert_features(database, (1, number), kept(number))
    database.execute("UPDATE event SET outcome = 'done'")
    count_events(database)
    assert purge(database, before_wall_s=150.0, budget_bytes=None).events == 1
    assert read_features(database, (1, 1)) is None
    assert read_features(database, (1, 2)) is not None
    assert feature_bytes(database) == 2 * SIZE
    delete_features(database, [(1, 2)])
    assert feature_bytes(database) == 0


def test_features_do_not_count_against_the_budget_of_the_events(database: sqlite3.Connection) -> None:
    insert_event(database, make_event(1), session=1)
    database.execute("UPDATE event SET outcome = 'done'")
    count_events(database)
    pages = int(database.execute("PRAGMA page_count").fetchone()[0]) * 4096
    big = np.zeros((MOST_VIEWS, 100_000), np.int8)
    insert_features(database, (1, 1), EventFeatures(None, 0.0, False, big))
    assert purge(database, before_wall_s=None, budget_bytes=pages + 100_000).events == 0


def test_offered_events_come_newest_first_over_all_pages(database: sqlite3.Connection) -> None:
    for number in range(1, 2 * PAGE_ROWS + 20):
        insert_features(database, (2, number), kept(number, offered=number % 2 == 0))
    found = list(offered_events(database))
    assert found == [(2, number) for number in range(2 * PAGE_ROWS + 18, 0, -2)]


def test_a_log_of_an_older_release_gets_the_tables_and_keeps_its_version(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    with EventLog(path) as log:
        log.start_session(wall_s=0.0, model="m")
        log.record(make_event(1))
        version = log._db.execute("PRAGMA user_version").fetchone()[0]
    with closing(sqlite3.connect(path)) as older:
        older.executescript("DROP TABLE features; DROP TABLE features_size")
    with EventLog(path, read_only=True) as log:
        assert log.features(1, 1) is None
        assert list(log.offered()) == []
    with EventLog(path) as log:
        log.start_session(wall_s=0.0, model="m")
        log.record(make_event(1), kept(3))
        assert log.features(2, 1) is not None
        assert log.model_of(2) == "m"
        assert log.model_of(9) is None
        assert log._db.execute("PRAGMA user_version").fetchone()[0] == version


def test_damaged_tables_are_told_as_damage(database: sqlite3.Connection) -> None:
    database.execute("UPDATE features_size SET bytes = -1")
    with pytest.raises(LogDamageError, match="size of its features"):
        make_schema(database)
    database.executescript("DROP TABLE features_size; CREATE TABLE features_size (weight)")
    with pytest.raises(LogDamageError, match="features_size has other columns"):
        make_schema(database)


def test_events_are_saved_from_a_damaged_log_whatever_features_lie_between_them(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    with EventLog(path) as log:
        log.start_session(wall_s=5.0, model="m")
        for number in range(1, 6):
            big = np.full((4, 1792), number, np.int8)
            log.record(make_event(number), EventFeatures(None, 1.0, True, big))
    found = salvage(path)
    assert [event["number"] for event in found.events] == [1, 2, 3, 4, 5]
    assert list(found.sessions) == [1]
    assert found.lost == 0
