"""Many who watch the page, and many who only hold connections to it."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SLOW_FROM = "127.0.0.2"
"""Address of those who are slow: another one than that of the viewers."""

TRICKLE_S = 1.0

SHOWN = b"\x81\x85\0\0\0\0shown"
"""The WebSocket message of a viewer who has shown a picture."""


@dataclass
class Tally:
    """What the crowd has seen.

    Attributes:
        slow: connections that were opened and never asked anything whole.
        viewers: streams that were begun.
        bytes: what all viewers received.
    """

    slow: int = 0
    viewers: int = 0
    bytes: int = 0


@contextmanager
def crowd(port: int, session: Path, *, slow: int, viewers: int) -> Iterator[Tally]:
    """A crowd, for as long as the context lasts.

    Args:
        port: the page's.
        session: file with the cookies of somebody who may look.
        slow: connections over which a header trickles in without an end; one that is ended is opened again.
        viewers: streams of the live page.
    """
    cookies = json.loads(session.read_text(encoding="utf-8"))["cookies"]
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in cookies)
    tally = Tally()
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def run() -> None:
        tasks = [asyncio.ensure_future(_trickle(port, tally)) for _ in range(slow)]
        tasks += [asyncio.ensure_future(_watch(port, cookie, tally)) for _ in range(viewers)]
        await ended.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        yield tally
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


async def _trickle(port: int, tally: Tally) -> None:
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(SLOW_FROM, 0))
            tally.slow += 1
            try:
                for byte in b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 10_000:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(TRICKLE_S)
            finally:
                writer.transport.abort()
        await asyncio.sleep(TRICKLE_S)


async def _watch(port: int, cookie: str, tally: Tally) -> None:
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(
                    f"GET /live/stream HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n"
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    f"Sec-WebSocket-Key: c29tZXRoaW5nIG9mIG91cg==\r\nCookie: {cookie}\r\n\r\n".encode()
                )
                answer = await reader.readuntil(b"\r\n\r\n")
                if not answer.startswith(b"HTTP/1.1 101"):
                    raise OSError(answer.decode())
                tally.viewers += 1
                while data := await reader.read(65_536):
                    tally.bytes += len(data)
                    writer.write(SHOWN)
                    await writer.drain()
            finally:
                writer.transport.abort()
        await asyncio.sleep(TRICKLE_S)
