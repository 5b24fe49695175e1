"""Events listed by kind: whatever happens to the events, the lists say of each what it is, and cost the card little."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.records.event_database import check_schema, connect, make_schema
from edge.records.event_kinds import (
    has_kinds,
    list_events,
    listed_id,
    make_kinds,
    read_kinds,
)
from edge.records.log_damage import LogDamageError
from edge.records.retention import purge
from edge.records.session_writes import insert_event
from edge.records.totals import count_events
from tests.builders.values import make_event


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(connect(":memory:")) as connection:
        make_schema(connection)
        yield connection


def add(database: sqlite3.Connection, number: int, label: str = "glass", **changes: object) -> None:
    insert_event(database, make_event(number, label=label, **changes), session=1)
    database.execute("UPDATE event SET outcome = 'done' WHERE number = ?", (number,))


def numbers(database: sqlite3.Connection) -> dict[str, int]:
    return {kind.label: kind.events for kind in read_kinds(database)}


def test_events_are_listed_a_few_at_a_time_and_once(database: sqlite3.Connection) -> None:
    for number in range(1, 6):
        add(database, number, "paper" if number == 2 else "glass")
    assert list_events(database, most=3) == 3
    assert numbers(database) == {"glass": 2, "paper": 1}
    assert list_events(database, most=3) == 2
    assert list_events(database, most=3) == 0
    assert numbers(database) == {"glass": 4, "paper": 1}
    assert listed_id(database) == 5


@settings(max_examples=50)
@given(
    labels=st.lists(st.sampled_from(["glass", "paper", "metal"]), max_size=12),
    listed=st.integers(0, 12),
    deleted=st.integers(0, 12),
)
def test_what_is_deleted_is_on_no_list_and_the_others_are_on_theirs(
    labels: list[str], listed: int, deleted: int
) -> None:
    with closing(connect(":memory:")) as database:
        make_schema(database)
        for number, label in enumerate(labels, 1):
            add(database, number, label, wall_s=float(number))
        count_events(database)
        if listed:
            list_events(database, most=listed)
        purge(database, before_wall_s=deleted + 0.5, budget_bytes=None)
        while list_events(database):
            pass
        assert numbers(database) == Counter(labels[deleted:])
        (entries,) = database.execute("SELECT count(*) FROM kind_event").fetchone()
        assert entries == len(labels[deleted:])


def test_a_log_emptied_and_begun_anew_lists_what_comes(database: sqlite3.Connection) -> None:
    for number in (1, 2):
        add(database, number, wall_s=1.0)
    count_events(database)
    list_events(database)
    purge(database, before_wall_s=2.0, budget_bytes=None)
    add(database, 3, "paper")  # SQLite gives it the id 1
    while list_events(database):
        pass
    assert numbers(database) == {"paper": 1}


def test_events_deleted_by_a_release_that_knows_no_lists_keep_no_new_one_off_its_list(
    database: sqlite3.Connection,
) -> None:
    for number in (1, 2):
        add(database, number)
    list_events(database)
    database.execute("DELETE FROM event")
    add(database, 3, "paper")
    assert list_events(database) == 1
    assert numbers(database)["paper"] == 1


def test_a_damaged_event_is_passed_over(database: sqlite3.Connection) -> None:
    for number in range(1, 5):
        add(database, number)
    database.execute("UPDATE event SET label = x'00ff' WHERE number = 1")
    database.execute("UPDATE event SET number = -3 WHERE number = 2")
    database.execute("UPDATE event SET session = 'x' WHERE number = 3")
    assert list_events(database) == 4
    assert numbers(database) == {"glass": 1}


def test_a_log_of_an_older_release_gets_its_lists(database: sqlite3.Connection) -> None:
    database.executescript("DROP TABLE kind; DROP TABLE kind_event; DROP TABLE kind_progress;")
    add(database, 1)
    check_schema(database)
    assert not has_kinds(database)
    assert read_kinds(database) == []
    make_kinds(database)
    list_events(database)
    assert numbers(database) == {"glass": 1}


@pytest.mark.parametrize(
    "damage",
    ["UPDATE kind_progress SET listed = -1", "DELETE FROM kind_progress", "ALTER TABLE kind ADD COLUMN x TEXT"],
)
def test_damaged_lists_are_told(database: sqlite3.Connection, damage: str) -> None:
    database.execute(damage)
    with pytest.raises(LogDamageError):
        check_schema(database)


def test_lists_that_are_out_of_order_are_made_anew_when_the_log_is_opened(tmp_path: Path) -> None:
    """SQLite's quick check passes over them."""
    path = tmp_path / "events.sqlite"
    with closing(connect(path)) as database:
        make_schema(database)
        for number in (1, 2, 3):
            add(database, number)
        list_events(database)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content, first = path.read_bytes(), (1 << 32 | 1).to_bytes(6, "big")
    assert content.count(first) == 1
    path.write_bytes(content.replace(first, (1 << 32 | 9).to_bytes(6, "big")))
    with closing(connect(path)) as database:
        assert database.execute("PRAGMA quick_check").fetchone()[0] == "ok"
        assert database.execute("PRAGMA integrity_check").fetchone()[0] != "ok"
        make_schema(database)
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        list_events(database)
        assert numbers(database) == {"glass": 3}
