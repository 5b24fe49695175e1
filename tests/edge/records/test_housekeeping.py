"""Housekeeping: counted soon, deleted in small steps, told once, and never in the way of an event."""

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.alarms import Alarms
from edge.records.event_log import EventLog
from edge.records.event_row import image_name
from edge.records.housekeeping import BACKLOG_S, DAY_S, EVERY_EVENTS, EVERY_S, Housekeeping, Retention
from edge.records.image_ring import ImageRing
from edge.records.recorder import Recorder
from edge.records.retention import PURGE_ROWS
from edge.records.trusted_clock import STEADY_S, TrustedClock
from hardware.clock import ManualClock
from tests.builders.values import make_decision, make_event

NOW_S = 1_767_225_600.0


class House:
    """A recorder with its housekeeping over a real log and real pictures."""

    def __init__(self, folder: Path, retention: Retention) -> None:
        self.clock = ManualClock(0.0, wall_s=NOW_S)
        self.synced = True
        self.events = EventLog(folder / "e.sqlite")
        self.events._db.execute("PRAGMA synchronous = OFF")
        self.events.start_session(wall_s=0.0, model="m")
        self.images = ImageRing(folder / "images", budget_bytes=1_000_000)
        self.folder = folder / "images"
        housekeeping = Housekeeping(
            self.events,
            self.images,
            retention=retention,
            clock=self.clock,
            trusted=TrustedClock(self.clock, lambda: self.synced),
        )
        self.recorder = Recorder(self.events, self.images, clock=self.clock, alarms=Alarms(), housekeeping=housekeeping)

    def record_old(self, first: int, last: int, *, days: float) -> None:
        """Events of so many days ago, each tenth with a picture."""
        for number in range(first, last + 1):
            name = image_name(self.events.session, number)
            image = self.images.add(name, np.zeros((4, 4, 3), np.uint8)) if number % 10 == 0 else None
            self.events.record(make_event(number, wall_s=NOW_S - days * DAY_S, image=image))
            self.events.record_outcome(number, "done")

    def wait(self, seconds: float, *, every_s: float = 10.0) -> None:
        for _ in range(round(seconds / every_s)):
            self.clock.advance(every_s)
            self.recorder.poll()

    @property
    def numbers(self) -> list[int]:
        return [event["number"] for event in self.events.events()]

    @property
    def total(self) -> int:
        return sum(one.events for one in self.events.totals())

    @property
    def counted(self) -> int:
        return int(self.events._db.execute("SELECT counted FROM progress").fetchone()[0])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path, Retention(keep_s=30 * DAY_S))
    yield house
    house.events.close()


def test_old_events_and_their_pictures_go_and_stay_counted(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    house.record_old(1, 150, days=31)
    house.record_old(151, 160, days=29)
    house.wait(STEADY_S + EVERY_S + 60)
    assert house.numbers == list(range(151, 161))
    assert sorted(path.name for path in house.folder.iterdir()) == ["s00000001-000160.jpg"]
    assert house.total == 160
    told = [line for line in caplog.messages if "old events" in line]
    assert told == ["150 old events were deleted (event_log.keep_days, event_budget_mb); they stay counted"]


def test_nothing_is_deleted_while_the_clock_is_not_set(house: House) -> None:
    house.synced = False
    house.record_old(1, 20, days=31)
    house.wait(5 * STEADY_S, every_s=60)
    assert house.numbers == list(range(1, 21))
    house.synced = True
    house.wait(STEADY_S + EVERY_S + 60, every_s=60)
    assert house.numbers == []


def test_a_clock_that_nobody_sets_is_told_once_where_it_matters(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.wait(2 * DAY_S, every_s=600)
    assert "nothing is deleted by its age" not in caplog.text
    house.synced = False
    house.wait(DAY_S - 600, every_s=600)
    assert "nothing is deleted by its age" not in caplog.text
    house.wait(2 * DAY_S, every_s=600)
    assert caplog.text.count("nothing is deleted by its age") == 1


def test_a_clock_that_nobody_sets_does_not_matter_where_nothing_gets_too_old(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house = House(tmp_path, Retention(budget_bytes=10_000_000))
    house.synced = False
    house.wait(3 * DAY_S, every_s=600)
    assert not caplog.text
    house.events.close()


def test_a_picture_without_an_event_goes_with_those_of_its_time(house: House) -> None:
    """As a program leaves it that was killed between the two."""
    house.images.add(image_name(0, 7), np.zeros((4, 4, 3), np.uint8))
    house.record_old(1, 10, days=31)
    house.record_old(11, 20, days=1)
    house.wait(STEADY_S + EVERY_S + 60)
    assert sorted(path.name for path in house.folder.iterdir()) == ["s00000001-000020.jpg"]


def test_by_itself_nothing_is_ever_deleted(tmp_path: Path) -> None:
    house = House(tmp_path, Retention())
    house.record_old(1, 30, days=10_000)
    house.wait(3 * STEADY_S, every_s=60)
    assert (len(house.numbers), house.total, house.counted) == (30, 30, 30)
    house.events.close()


def test_a_budget_in_bytes_deletes_the_oldest(tmp_path: Path) -> None:
    house = House(tmp_path, Retention(budget_bytes=80_000))
    house.synced = False
    house.record_old(1, 600, days=1)
    house.wait(60, every_s=BACKLOG_S)
    numbers = house.numbers
    assert 50 < len(numbers) < 600 - PURGE_ROWS
    assert numbers[-1] == 600
    assert house.total == 600
    house.events.close()


def test_events_are_counted_after_some_and_after_a_while(house: House) -> None:
    house.wait(2 * BACKLOG_S, every_s=BACKLOG_S)  # the first look
    for number in range(1, EVERY_EVENTS):
        house.recorder.write(make_decision(number))
        house.recorder.record_outcome(number, "done")
    house.wait(5 * BACKLOG_S, every_s=BACKLOG_S)
    assert house.counted == 0
    house.recorder.write(make_decision(EVERY_EVENTS))
    house.recorder.record_outcome(EVERY_EVENTS, "done")
    house.wait(BACKLOG_S, every_s=BACKLOG_S)
    assert house.counted == EVERY_EVENTS
    house.recorder.write(make_decision(EVERY_EVENTS + 1))
    house.recorder.record_outcome(EVERY_EVENTS + 1, "done")
    house.wait(EVERY_S)
    assert house.counted == EVERY_EVENTS + 1


def test_a_log_that_cannot_be_changed_just_now_is_no_alarm(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.record_old(1, 5, days=1)
    house.events._db.execute("PRAGMA query_only = 1")
    house.wait(EVERY_S)
    assert house.recorder.is_available
    assert "tried again later" in caplog.text
    house.events._db.execute("PRAGMA query_only = 0")
    house.wait(EVERY_S)
    assert house.counted == 5


def test_an_error_of_the_program_in_it_is_loud(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_action: object) -> None:
        raise sqlite3.ProgrammingError("a bug")

    monkeypatch.setattr(house.events, "transact", fail)
    with pytest.raises(sqlite3.ProgrammingError, match="a bug"):
        house.wait(2 * EVERY_S)


def test_no_step_is_asked_for_while_an_event_waits_for_the_disk(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(house.recorder, "_writer", type("Stuck", (), {"submit": lambda self, job: asked.append(job)})())
    house.recorder.write(make_decision(1))
    house.wait(2 * EVERY_S)
    assert len(asked) == 1, "the event alone"
