"""A bin's end of the socket without a bin, and plain sockets that talk to it."""

import json
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from edge.bin_socket.address import reachable
from edge.bin_socket.exchange import Exchange, PendingRequest
from edge.bin_socket.listener import Listener
from edge.bin_socket.protocol import PictureHeader
from edge.bin_socket.server import BinServer, SentPicture
from hardware.clock import ManualClock

PATIENCE_S = 60.0
"""Longest wait for what must come, in seconds of a busy machine."""


def header(sequence: int) -> PictureHeader:
    return PictureHeader(
        sequence=sequence, age_s=0.0, width=4, height=3, region=[0, 0, 1, 1], tray="empty", is_empty=True, item=None
    )


class FakePictures:
    """Every look finds a newer picture.

    Attributes:
        size: of each, in bytes.
        made: number of live ones so far.
    """

    def __init__(self, size: int = 100) -> None:
        self.size = size
        self.made = 0
        self.fails = False

    def live(self, *, newer_than: int) -> SentPicture | None:
        if self.fails:
            raise ValueError("an odd picture")
        self.made += 1
        return SentPicture(header(self.made), b"j" * self.size)

    def look(self) -> SentPicture | None:
        return None if self.size == 0 else SentPicture(header(7), b"J" * self.size)


class Neighbour:
    """A plain socket that reads lines."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE_S)
        with reachable(path) as address:
            self.socket.connect(address)
        self._file = self.socket.makefile("rb")

    def say(self, **request: object) -> Self:
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        return self

    def read(self) -> dict[str, Any]:
        """The next message, its picture read as well; empty at the end."""
        line = self._file.readline()
        message: dict[str, Any] = json.loads(line) if line else {}
        message["content"] = self._file.read(message.get("bytes", 0))
        return message

    def read_until(self, name: str) -> dict[str, Any]:
        """The next message with this field."""
        while name not in (message := self.read()):
            assert len(message) > 1, f"closed before any {name}"
        return message

    def is_closed(self) -> bool:
        """Whether the bin closes the connection, whatever it still says."""
        try:
            while self._file.readline():
                pass
        except ConnectionResetError:
            pass
        return True

    def is_dropped(self) -> bool:
        """Whether the bin closes the connection of who reads nothing meanwhile."""
        poll = select.poll()
        poll.register(self.socket, select.POLLRDHUP)
        return bool(poll.poll(PATIENCE_S * 1000))

    def close(self) -> None:
        self._file.close()
        self.socket.close()


class SocketBench:
    """A server on a clock that is moved by hand, and a loop that answers everything with the same sentence."""

    def __init__(self, path: Path, exchange: Exchange, pictures: FakePictures, clock: ManualClock) -> None:
        self.path = path
        self.exchange = exchange
        self.pictures = pictures
        self.clock = clock
        self._neighbours: list[Neighbour] = []

    def connect(self) -> Neighbour:
        one = Neighbour(self.path)
        self._neighbours.append(one)
        return one

    def taken(self) -> PendingRequest:
        """The next request, as the loop takes it."""
        waiting = threading.Event()
        for _ in range(int(PATIENCE_S / 0.01)):
            if (asked := self.exchange.take()) is not None:
                return asked
            waiting.wait(0.01)
        raise AssertionError("nothing was asked for")

    def close(self) -> None:
        for one in self._neighbours:
            one.close()


@contextmanager
def serving(path: Path, *, size: int = 100) -> Iterator[SocketBench]:
    clock, pictures = ManualClock(100.0), FakePictures(size)
    exchange = Exchange(clock=clock)
    bench = SocketBench(path, exchange, pictures, clock)
    with BinServer(Listener(path), exchange, pictures, clock=clock):
        try:
            yield bench
        finally:
            bench.close()
    exchange.close()
