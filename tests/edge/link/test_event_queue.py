"""Whatever is killed, lost, delayed or comes twice: each item arrives at least once, and by session and number exactly once."""

import json
import sqlite3
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.link.event_batch import EventBatch, read_batch
from edge.link.event_message import event_message
from edge.link.event_queue import WINDOW, EventQueue
from edge.link.position import START, Position
from edge.records.event_database import connect, make_schema
from edge.records.event_row import check_event
from edge.records.event_schema import EventRow
from edge.records.session_writes import begin_session, insert_event
from edge.records.totals import OPEN_EVENTS, change_outcome
from tests.builders.values import make_event

Key = tuple[int, int]


class MemoryLog:
    """An event log in memory, written as the bin writes it."""

    def __init__(self, *, after: int = 0) -> None:
        self.database = connect(":memory:")
        make_schema(self.database)
        self.number = 0
        self.open: list[int] = []
        self.begin(after)

    def begin(self, after: int = 0) -> None:
        """A new session; what was under way is interrupted."""
        _, self.session = begin_session(self.database, wall_s=1.0, model="m", after=(after,))
        self.number, self.open = 0, []

    def decide(self, outcome: str | None = None) -> None:
        self.number += 1
        insert_event(self.database, make_event(self.number), session=self.session)
        self.open.append(self.number)
        if outcome is not None:
            self.finish(outcome)

    def finish(self, outcome: str = "done") -> None:
        change_outcome(self.database, (self.session, self.open.pop()), outcome, fell=1, joined=0)

    def final(self) -> set[Key]:
        rows = self.database.execute("SELECT session, number FROM event WHERE outcome != 'decided'")
        return {(row[0], row[1]) for row in rows}

    def delete_until(self, last: int) -> None:
        self.database.execute("DELETE FROM event WHERE id <= ?", (last,))


@dataclass
class NetworkWorld:
    """A bin, its link, and a broker between whom everything may go wrong.

    Attributes:
        received: what the broker has got of each item, in its order.
        owed: items that must arrive.
        kept: position on the disk.
    """

    log: MemoryLog = field(default_factory=MemoryLog)
    queue: EventQueue = field(default_factory=EventQueue)
    kept: Position = START
    received: dict[Key, list[bytes]] = field(default_factory=dict)
    owed: set[Key] = field(default_factory=set)
    connected: bool = False
    on_the_way: dict[int, bytes] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    reading: EventBatch | None = None
    messages: int = 0

    def publish(self, event: EventRow) -> int:
        self.messages += 1
        self.on_the_way[self.messages] = event_message(event)
        return self.messages

    def deliver(self, place: int) -> None:
        """The broker gets one of the messages on the way, and answers."""
        if self.on_the_way:
            message = sorted(self.on_the_way)[place % len(self.on_the_way)]
            payload = self.on_the_way.pop(message)
            told = json.loads(payload)
            self.received.setdefault((told["session"], told["number"]), []).append(payload)
            self.answers.append(message)

    def lose(self) -> None:
        self.connected = False
        self.on_the_way.clear()
        self.answers.clear()
        self.queue.begin_again()

    def kill(self) -> None:
        self.connected = False
        self.on_the_way.clear()
        self.answers.clear()
        self.reading = None
        self.queue = EventQueue(self.kept)

    def do(self, what: str, place: int) -> None:
        match what:
            case "decide":
                self.log.decide()
            case "sort":
                self.log.decide("done")
            case "finish" if self.log.open:
                self.log.finish("stuck" if place % 5 == 0 else "done")
            case "restart bin":
                self.log.begin()
            case "connect":
                self.connected = True
            case "pump":
                for step in ("connect", "read", "take", "send"):
                    self.do(step, place)
            case "read" if self.queue.reads_after is not None:
                self.reading = read_batch(self.log.database, self.queue.reads_after, most=1 + place % 7)
            case "take" if self.reading is not None:
                self.queue.add(self.reading)
                self.reading = None
            case "send" if self.connected:
                self.queue.send(self.publish)
            case "deliver":
                self.deliver(place)
            case "answer" if self.answers:
                self.queue.acknowledge(self.answers.pop(place % len(self.answers)))
            case "lose":
                self.lose()
            case "keep":
                self.kept = self.queue.acknowledged
            case "kill link":
                self.kill()
            case "delete" if self.reading is None:
                # What the bin deletes before it was sent is gone: here it deletes what the disk knows to be through.
                self.note()
                self.log.delete_until(self.kept.id)
            case "new log" if self.reading is None:
                self.note()
                self.owed = {key for key in self.owed if key in self.received}
                self.log = MemoryLog(after=self.log.session)

    def note(self) -> None:
        self.owed |= self.log.final()

    def settle(self) -> None:
        """Everything is repaired, and time enough passes."""
        self.log.begin()
        self.connected = True
        for _ in range(1000):
            before = (self.queue.acknowledged, self.messages)
            for what in ("read", "take", "send", "deliver", "answer"):
                for _ in range(3):
                    self.do(what, 0)
            if (self.queue.acknowledged, self.messages) == before and not self.on_the_way and not self.answers:
                return
        raise AssertionError("it does not come to rest")


STEPS = (
    *("decide", "sort", "sort", "finish", "read", "take", "send", "send", "deliver", "deliver", "answer", "answer"),
    *(
        "pump",
        "pump",
        "pump",
        "connect",
        "lose",
        "lose",
        "keep",
        "keep",
        "kill link",
        "restart bin",
        "delete",
        "new log",
    ),
)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 100)), min_size=20, max_size=120))
def test_each_item_arrives_whatever_happens_and_is_one_by_its_key(steps: list[tuple[str, int]]) -> None:
    world = NetworkWorld()
    for what, place in steps:
        world.do(what, place)
    world.settle()
    world.note()
    assert world.owed <= set(world.received), "an item is missing"
    assert all(len(set(told)) == 1 for told in world.received.values()), "an item was told in two ways"
    for row in world.log.database.execute("SELECT * FROM event"):
        event = check_event(dict(row))
        assert world.received[event["session"], event["number"]][-1] == event_message(event), "and not as it ended"
    assert world.queue.waiting == 0


def test_without_trouble_each_item_is_sent_once_and_in_order() -> None:
    world = NetworkWorld()
    for _ in range(100):
        world.log.decide("done")
    world.settle()
    assert list(world.received) == [(1, number) for number in range(1, 101)]
    assert all(len(told) == 1 for told in world.received.values())
    assert world.queue.sent == 100


def test_no_more_are_on_the_way_than_the_window_and_enough_are_read_for_the_next() -> None:
    world = NetworkWorld(connected=True)
    for _ in range(3 * WINDOW):
        world.log.decide("done")
    world.queue.add(read_batch(world.log.database, START))
    world.queue.send(world.publish)
    assert len(world.on_the_way) == WINDOW
    assert world.queue.reads_after is None
    assert world.queue.waiting == 2 * WINDOW
    for _ in range(WINDOW):
        world.deliver(0)
    while world.answers:
        world.queue.acknowledge(world.answers.pop())
    assert world.queue.acknowledged == Position(WINDOW, 1, WINDOW)
    world.queue.send(world.publish)
    assert world.queue.reads_after is not None


def test_the_position_moves_over_no_gap() -> None:
    world = NetworkWorld(connected=True)
    for _ in range(3):
        world.log.decide("done")
    world.queue.add(read_batch(world.log.database, START))
    world.queue.send(world.publish)
    world.queue.acknowledge(3)
    world.queue.acknowledge(2)
    assert world.queue.acknowledged == START
    world.queue.acknowledge(1)
    assert world.queue.acknowledged == Position(3, 1, 3)


@pytest.mark.parametrize("outcome", ["done", "stuck", "empty", "interrupted"])
def test_an_item_waits_for_its_outcome_and_those_after_it_with_it(outcome: str) -> None:
    log = MemoryLog()
    log.decide("done")
    log.decide()
    log.decide("done")
    assert [one.number for one, _ in read_batch(log.database, START).events] == [1]
    log.finish(outcome)
    found = read_batch(log.database, START).events
    assert [(event["number"], event["outcome"]) for _, event in found if event] == [
        (1, "done"),
        (2, outcome),
        (3, "done"),
    ]


def test_an_item_whose_outcome_will_never_be_known_holds_nothing_up() -> None:
    log = MemoryLog()
    log.decide()
    for _ in range(OPEN_EVENTS):
        log.decide("done")
    found = read_batch(log.database, START, most=1000).events
    assert [event["outcome"] for _, event in found if event] == ["decided", *["done"] * OPEN_EVENTS]


def test_a_damaged_event_is_passed_over() -> None:
    world = NetworkWorld(connected=True)
    for _ in range(3):
        world.log.decide("done")
    world.log.database.execute("UPDATE event SET probabilities = 'x' WHERE number = 2")
    world.log.database.execute("UPDATE event SET session = 'y', probabilities = 'x' WHERE number = 3")
    world.settle()
    assert list(world.received) == [(1, 1)]
    assert world.queue.acknowledged == Position(3, -1, 3)
    assert read_batch(world.log.database, world.queue.acknowledged).after == world.queue.acknowledged


def test_another_log_is_read_from_its_start_although_it_has_more_events() -> None:
    log = MemoryLog(after=7)
    for _ in range(5):
        log.decide("done")
    of_another = Position(3, 7, 3)
    batch = read_batch(log.database, of_another)
    assert (batch.after, len(batch.events)) == (START, 5)


def test_a_log_whose_events_were_all_deleted_counts_anew() -> None:
    log = MemoryLog()
    for _ in range(3):
        log.decide("done")
    log.delete_until(3)
    log.decide("done")
    batch = read_batch(log.database, Position(3, 1, 3))
    assert [position for position, _ in batch.events] == [Position(1, 1, 4)]


def test_what_a_lost_connection_had_asked_for_is_not_taken_twice() -> None:
    world = NetworkWorld(connected=True)
    for _ in range(4):
        world.log.decide("done")
    world.queue.add(read_batch(world.log.database, START, most=2))
    late = read_batch(world.log.database, Position(2, 1, 2))
    world.lose()
    world.queue.add(late)
    assert world.queue.reads_after == START


def test_a_log_that_cannot_be_read_is_an_error_of_the_log() -> None:
    with pytest.raises(sqlite3.Error):
        read_batch(connect(":memory:"), START)
