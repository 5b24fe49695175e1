"""Hands the events of the log to the broker, in their order, and knows which it has taken over."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from edge.link.event_batch import EventBatch
from edge.link.position import START, Position
from edge.records.event_schema import EventRow

WINDOW = 20
"""Most events on the way that the broker has not acknowledged."""


@dataclass(slots=True)
class _OnTheWay:
    """An event that was sent, or one that is damaged and passed over; ``message``: what the broker acknowledges it by."""

    position: Position
    message: int | None
    is_through: bool


class EventQueue:
    """The queue of what the broker is to take over. It is the event log itself: what this knows is only how far that went.

    The position moves on over events that were acknowledged without a gap; on a new connection those after it are sent once more.

    Args:
        position: of the last event that was acknowledged.

    Attributes:
        acknowledged: of the last event that was acknowledged, without a gap before it.
        waiting: number of events that are known to wait to be sent.
        sent: number of events that the broker has acknowledged since start.
    """

    def __init__(self, position: Position = START) -> None:
        self.acknowledged = position
        self.waiting = 0
        self.sent = 0
        self._read = position
        self._ready: deque[tuple[Position, EventRow | None]] = deque()
        self._on_the_way: deque[_OnTheWay] = deque()

    @property
    def reads_after(self) -> Position | None:
        """The position after which the next events are to be read; None: enough of them are here."""
        return None if len(self._ready) >= WINDOW else self._read

    def add(self, batch: EventBatch) -> None:
        """Take what was read after ``reads_after``; what belongs to an earlier question is passed over."""
        is_asked_for = batch.after == self._read
        if not is_asked_for and batch.after != START:
            return
        if not is_asked_for:
            # Another log: nothing of the old one can be read any more.
            self._ready.clear()
            self._move_to(batch.after)
        self._ready.extend(batch.events)
        if batch.events:
            self._read = batch.events[-1][0]
        self.waiting = len(self._ready) + batch.left

    def send(self, publish: Callable[[EventRow], int]) -> None:
        """Send as many as may be on the way.

        Args:
            publish: sends one, and returns what the broker will acknowledge it by.
        """
        while self._ready and len(self._on_the_way) < WINDOW:
            position, event = self._ready.popleft()
            message = None if event is None else publish(event)
            self._on_the_way.append(_OnTheWay(position, message, is_through=event is None))
            self.waiting = max(self.waiting - 1, 0)
        self._advance()

    def acknowledge(self, message: int) -> None:
        """The broker has taken a message over; one that is not of here is passed over."""
        for one in self._on_the_way:
            if one.message == message:
                one.message, one.is_through = None, True
                self.sent += 1
                self._advance()
                return

    def begin_again(self) -> None:
        """The connection was lost: send what was not acknowledged once more, from the log."""
        self._on_the_way.clear()
        self._ready.clear()
        self._read = self.acknowledged

    def _advance(self) -> None:
        while self._on_the_way and self._on_the_way[0].is_through:
            self.acknowledged = self._on_the_way.popleft().position

    def _move_to(self, position: Position) -> None:
        self._on_the_way.clear()
        self._read = self.acknowledged = position
