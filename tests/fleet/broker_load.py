"""What a broker takes for many bins that are connected and tell now and then: memory, and time of the processor."""

import asyncio
import itertools
import struct
import time
from pathlib import Path

from edge.link.event_message import event_message
from tests.builders.link import EVENT
from tests.builders.mosquitto import Mosquitto
from tests.fleet.process_usage import usage_of

RATE_PER_S = 400.0
"""Events of all bins together, in a second."""

MEASURE_S = 60.0
"""Time over which they are told."""

AT_ONCE = 100
"""Bins that connect at the same time."""


def _text(value: bytes) -> bytes:
    return struct.pack("!H", len(value)) + value


def _packet(kind: int, body: bytes) -> bytes:
    length, left = b"", len(body)
    while True:
        left, low = left >> 7, left & 0x7F
        length += bytes([low | (0x80 if left else 0)])
        if not left:
            return bytes([kind]) + length + body


class PlainClient:
    """As little of a client as there can be: it connects with a last will, and sends events with QoS 1.

    Args:
        name: of the bin.
    """

    def __init__(self, name: str) -> None:
        self._name = name.encode()
        self._messages = itertools.cycle(range(1, 65_536))

    async def connect(self, port: int) -> None:
        """Connect, and say that it is there, as a bin does."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port, limit=256)
        base = b"sorter/" + self._name
        # Will, retained, QoS 1, of a clean session.
        head = _text(b"MQTT") + bytes([4, 0x2E]) + struct.pack("!H", 600)
        self._writer.write(_packet(0x10, head + _text(self._name) + _text(base + b"/availability") + _text(b"offline")))
        answer = await self._reader.readexactly(4)
        if answer[3]:
            raise ConnectionError(f"the broker refuses a client: {answer[3]}")
        self._event_topic = _text(base + b"/event")
        retained = {b"/availability": b"online", b"/state": b"x" * 150, b"/trouble": b"x" * 30, b"/figures": b"x" * 200}
        for last, payload in retained.items():
            self._writer.write(_packet(0x31, _text(base + last) + payload))
        self._writer.write(_packet(0x82, struct.pack("!H", 1) + _text(base + b"/command") + b"\x01"))
        await self._reader.readexactly(5)

    async def send(self, payload: bytes) -> None:
        """Send an event, and wait until the broker has it."""
        self._writer.write(_packet(0x32, self._event_topic + struct.pack("!H", next(self._messages)) + payload))
        await self._reader.readexactly(4)

    def close(self) -> None:
        """End it."""
        self._writer.close()


def measure_broker(folder: Path, clients: int) -> int:
    """Measure mosquitto with a number of clients, and print it."""
    with Mosquitto(folder) as broker:
        asyncio.run(_measure(broker, clients))
    return 0


async def _measure(broker: Mosquitto, count: int) -> None:
    before = usage_of(broker.pid)
    clients = [PlainClient(f"bin-{number}") for number in range(count)]
    for first in range(0, count, AT_ONCE):
        await asyncio.gather(*(one.connect(broker.port) for one in clients[first : first + AT_ONCE]))
    await asyncio.sleep(5)
    there = usage_of(broker.pid)
    payload = event_message(EVENT)
    began_s, sent, tasks = time.monotonic(), 0, set()
    while (gone_s := time.monotonic() - began_s) < MEASURE_S:
        while sent < gone_s * RATE_PER_S:
            task = asyncio.create_task(clients[sent * 7919 % count].send(payload))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            sent += 1
        await asyncio.sleep(0.02)
    await asyncio.gather(*tasks)
    took_s, told = time.monotonic() - began_s, usage_of(broker.pid)
    share = 100 * (told.cpu_s - there.cpu_s) / took_s
    print(f"clients                  {count}")
    print(f"broker without clients   {before.rss_mb:.1f} MiB")
    print(
        f"broker with them         {there.rss_mb:.1f} MiB, {1024 * (there.rss_mb - before.rss_mb) / count:.1f} KiB each"
    )
    print(f"while {sent / took_s:.0f} events/s       {told.rss_mb:.1f} MiB, {share:.1f} % of a core")
    for one in clients:
        one.close()
