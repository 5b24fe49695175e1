"""What a bin says to its broker: who it is, how it is, and each item once it is final. Time and connection come from outside."""

import logging
from collections.abc import Callable

from edge.link.bin_view import BinView
from edge.link.broker import Broker
from edge.link.compact_json import compact
from edge.link.event_message import event_message
from edge.link.event_queue import EventQueue
from edge.link.home_assistant import BIRTH, device_message, device_topic, status_topic
from edge.link.link_settings import LinkSettings
from edge.link.retained import RetainedValues
from edge.link.state_messages import figures_message, level_message, state_message, trouble_message
from edge.link.topics import Topics
from edge.link.waste_containers import waste_containers
from edge.records.event_schema import EventRow

log = logging.getLogger(__name__)

ONLINE, OFFLINE = b"online", b"offline"

STATE_S = 1.0
"""Shortest time between two states or troubles, in seconds: a button at Home Assistant shows soon what it has done."""

LEVEL_S = 10.0
"""Shortest time between two levels, in seconds: a sensor flickers about a percent."""

FIGURES_S = 60.0
"""Shortest time between two messages of figures, in seconds: they change with every item, which is told anyway."""

PICTURE_S = 5.0
"""Shortest time between two pictures, in seconds."""


class Uplink:
    """A bin at its broker, over as many connections as it takes. A ``BrokerListener``.

    Args:
        settings: the bin.
        view: what is known of the bin.
        queue: the items.
        on_command: takes what is asked of the bin: the message, and whether the broker had kept it.
        on_room: called when more events can be read from the log.
    """

    def __init__(
        self,
        settings: LinkSettings,
        view: BinView,
        queue: EventQueue,
        *,
        on_command: Callable[[bytes, bool], None],
        on_room: Callable[[], None],
    ) -> None:
        self.topics = Topics(settings.prefix, settings.name)
        self._settings = settings
        self._view = view
        self._queue = queue
        self._on_command = on_command
        self._on_room = on_room
        self._retained = RetainedValues()
        self._broker: Broker | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the broker is connected."""
        return self._broker is not None

    def connected(self, broker: Broker) -> None:
        """The broker has accepted the bin: say everything that it is to keep, whatever it still knows."""
        self._broker = broker
        self._view.connected = True
        self._view.connections += 1
        if self._settings.commands:
            broker.subscribe(self.topics.command)
        if self._settings.discovery is not None:
            broker.subscribe(status_topic(self._settings.discovery))
        self._introduce(broker)

    def lost(self) -> None:
        """The connection has ended."""
        self._broker = None
        self._view.connected = False
        self._queue.begin_again()

    def leave(self) -> None:
        """Say that the bin is not told of any more; the last will is not told after a proper end."""
        if self._broker is not None:
            self._broker.publish(self.topics.availability, OFFLINE, qos=1, retain=True)

    def tick(self, now_s: float) -> None:
        """Say what has changed. Call it regularly, and after something was read.

        Args:
            now_s: time on the monotonic clock, in seconds.
        """
        self._compose()
        if self._broker is not None:
            self._retained.flush(now_s, self._keep)
            self._queue.send(self._send_event)
        self._view.waiting, self._view.sent = self._queue.waiting, self._queue.sent

    def show_picture(self, jpeg: bytes) -> None:
        """The newest item's picture."""
        self._retained.put(self.topics.picture, jpeg, every_s=PICTURE_S)

    def answer(self, answer: dict[str, object]) -> None:
        """Say what became of a command."""
        if self._broker is not None:
            self._broker.publish(self.topics.answer, compact(answer), qos=1)

    # What comes over the connection.

    def acknowledged(self, message: int) -> None:
        self._queue.acknowledge(message)
        if self._broker is not None:
            self._queue.send(self._send_event)
        if self._queue.waiting and self._queue.reads_after is not None:
            self._on_room()

    def received(self, topic: str, payload: bytes, *, is_retained: bool) -> None:
        if topic == self.topics.command:
            self._on_command(payload, is_retained)
        elif self._broker is not None and payload == BIRTH and not is_retained:
            # Retained, it is one of before this connection, which began with all of this.
            self._introduce(self._broker)

    def _introduce(self, broker: Broker) -> None:
        settings = self._settings
        if settings.discovery is not None:
            topic = device_topic(settings, settings.discovery)
            broker.publish(topic, device_message(settings, self.topics), qos=1, retain=True)
        broker.publish(self.topics.availability, ONLINE, qos=1, retain=True)
        self._retained.forget()

    def _compose(self) -> None:
        view, topics, put = self._view, self.topics, self._retained.put
        put(topics.state, compact(state_message(view)), every_s=STATE_S)
        put(topics.trouble, compact(trouble_message(view)), every_s=STATE_S)
        put(topics.level, compact(level_message(view)), every_s=LEVEL_S)
        if self._settings.location is not None:
            put(topics.containers, compact(waste_containers(view, self._settings)), every_s=LEVEL_S)
        figures = figures_message(view, self._settings.bins, self._settings.residual_bin)
        put(topics.figures, compact(figures), every_s=FIGURES_S)

    def _keep(self, topic: str, payload: bytes) -> None:
        if self._broker is not None:
            self._broker.publish(topic, payload, retain=True)

    def _send_event(self, event: EventRow) -> int:
        if self._broker is None:
            raise AssertionError("events are sent only while the broker is connected")
        return self._broker.publish(self.topics.event, event_message(event), qos=1)
