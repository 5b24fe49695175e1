"""A bin of the fleet without a process of its own: the link's uplink, queue and connection, with a log that is none."""

import asyncio
import random
import socket
from contextlib import suppress
from dataclasses import replace

from edge.link.bin_view import BinView
from edge.link.broker import Broker, BrokerError
from edge.link.event_queue import EventQueue
from edge.link.link_settings import BrokerSettings
from edge.link.mqtt import LastWill, MqttConnection, open_connection
from edge.link.position import Position
from edge.link.reconnect import ReconnectPause
from edge.link.uplink import OFFLINE, Uplink
from hardware.clock import Clock
from tests.builders.link import LINK_SETTINGS
from tests.fleet.event_stream import EventStream

TICK_S = 1.0

PAUSE_SCALE = 0.1
"""The link's pauses after a loss, shortened by this, so that an hour's losses fit into minutes."""

FORGOTTEN = 40
"""Most acknowledged events that a killed bin no longer knows to be acknowledged."""


class DisorderlyBroker:
    """Hands on, and sends every fifth time an old event once more.

    Args:
        broker: the connection.
        chance: draws.
    """

    def __init__(self, broker: Broker, chance: random.Random) -> None:
        self._broker = broker
        self._chance = chance
        self._old: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False) -> int:
        if qos and not retain:
            self._old.append((topic, payload))
            del self._old[:-200]
            if self._chance.random() < 0.2:
                again = self._chance.choice(self._old)
                self._broker.publish(*again, qos=1)
        return self._broker.publish(topic, payload, qos=qos, retain=retain)

    def subscribe(self, topic: str) -> None:
        self._broker.subscribe(topic)


class LightClient:
    """A bin that sorts a number of items over a time, with a network that is cut now and then.

    Args:
        name: of the bin.
        stream: what it sorts.
        broker: where it is told.
        count: number of items.
        over_s: time over which they are sorted, in seconds; a fifth of them are there at the start.
        cut_s: mean time between two cuts of its network, in seconds.
        is_disorderly: whether events come twice and out of order.
        chance: draws.
        clock: time.
    """

    def __init__(
        self,
        name: str,
        stream: EventStream,
        broker: BrokerSettings,
        *,
        count: int,
        over_s: float,
        cut_s: float,
        is_disorderly: bool,
        chance: random.Random,
        clock: Clock,
    ) -> None:
        self.cuts = self.kills = 0
        self._settings = replace(LINK_SETTINGS, name=name, broker=broker, commands=frozenset(), pictures=False)
        self._broker = broker
        self._stream = stream
        self._count = count
        self._over_s = over_s
        self._cut_s = cut_s
        self._is_disorderly = is_disorderly
        self._chance = chance
        self._clock = clock
        self._began_s = clock.now_s()
        self._pause = ReconnectPause(chance)
        self._start(Position())

    @property
    def is_through(self) -> bool:
        """Whether the broker has taken all of its items over."""
        return self._queue.acknowledged.id == self._count

    async def run(self) -> None:
        """Tell the broker until all is told."""
        await asyncio.sleep(self._chance.uniform(0, 5))
        while not self.is_through:
            try:
                connection = await open_connection(
                    self._broker,
                    client_id=self._settings.name,
                    will=LastWill(self._uplink.topics.availability, OFFLINE),
                    listener=self._uplink,
                )
            except BrokerError:
                await self._wait(0.0)
                continue
            held_s = await self._tell(connection)
            await self._wait(held_s)

    async def _tell(self, connection: MqttConnection) -> float:
        """Tell until the connection ends; how long it was there."""
        began_s = self._clock.now_s()
        cut_s = began_s + self._chance.expovariate(1 / self._cut_s)
        self._uplink.connected(DisorderlyBroker(connection, self._chance) if self._is_disorderly else connection)
        while not connection.ended.done() and not self.is_through:
            self._feed()
            self._uplink.tick(self._clock.now_s())
            await asyncio.sleep(TICK_S)
            if self._clock.now_s() >= cut_s:
                self._cut(connection)
        if self.is_through:
            self._uplink.leave()
        self._uplink.lost()
        connection.close()
        return self._clock.now_s() - began_s

    def _cut(self, connection: MqttConnection) -> None:
        """The network is gone; one bin of three is killed with it, and has forgotten what it was told last."""
        self.cuts += 1
        found = connection._client.socket()
        if found is not None:
            with suppress(OSError):  # it is gone already
                found.shutdown(socket.SHUT_RDWR)
        if self._chance.random() < 1 / 3:
            self.kills += 1
            self._uplink.lost()
            known = max(self._queue.acknowledged.id - self._chance.randint(0, FORGOTTEN), 0)
            self._start(Position() if known == 0 else Position(known, 1, known))

    def _start(self, position: Position) -> None:
        self._queue = EventQueue(position)
        self._uplink = Uplink(
            self._settings, BinView(), self._queue, on_command=lambda *_: None, on_room=self._feed_and_send
        )

    def _feed(self) -> None:
        after = self._queue.reads_after
        if after is not None:
            gone = min((self._clock.now_s() - self._began_s) / self._over_s, 1.0)
            self._queue.add(self._stream.batch(after, int(self._count * (0.2 + 0.8 * gone))))

    def _feed_and_send(self) -> None:
        self._feed()
        self._uplink.tick(self._clock.now_s())

    async def _wait(self, held_s: float) -> None:
        await asyncio.sleep(PAUSE_SCALE * self._pause.next_s(held_s=held_s))
