"""Who counts the items at the other end: a session that the broker keeps while it is away."""

import random
import time

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.builders.mosquitto import Mosquitto
from tests.fleet.ledger import Ledger

TOPIC = "sorter/+/event"

HELD = 100
"""Messages that are held back, to be handed on in any order: as a cluster of brokers might."""


class Subscriber:
    """It counts in a thread of its own until it is closed.

    Attributes:
        ledger: what has come.
        last_s: when the last message came, on the monotonic clock, in seconds.
    """

    def __init__(self, broker: Mosquitto) -> None:
        self.ledger = Ledger()
        self.last_s = time.monotonic()
        self._held: list[tuple[str, bytes]] = []
        self._chance = random.Random(0)
        self._client = Client(CallbackAPIVersion.VERSION2, "counter", clean_session=False)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe(TOPIC, 1)
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()

    def settled(self) -> Ledger:
        """What has come in all, once nothing more comes."""
        while self._held:
            self._hand_on()
        return self.ledger

    def close(self) -> None:
        """End it."""
        self._client.disconnect()
        self._client.loop_stop()

    def _take(self, client: Client, data: object, message: MQTTMessage) -> None:
        self.last_s = time.monotonic()
        self._held.append((message.topic, message.payload))
        if len(self._held) > HELD:
            self._hand_on()

    def _hand_on(self) -> None:
        place = self._chance.randrange(len(self._held))
        self._held[place], self._held[-1] = self._held[-1], self._held[place]
        self.ledger.take(*self._held.pop())
