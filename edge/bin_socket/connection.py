"""One neighbour at the bin's end of the socket: what it has sent, what it wants, and what it has yet to read."""

import socket
from collections import deque
from collections.abc import Iterator

from edge.bin_socket.protocol import MOST_REQUEST_BYTES, ProtocolError, Request, read_request, to_line

MOST_BACKLOG = 1_000_000
"""Largest number of bytes that wait for a neighbour to read; one that has let more come together is dropped."""

STUCK_S = 5.0
"""Time in which a neighbour must read something of what waits for it, in seconds."""

SPEAK_S = 10.0
"""Time in which a neighbour must have asked for something, in seconds: places are few."""

BURST, REQUESTS_PER_S = 20, 20
"""Number of requests at once, and per second in the long run; a held button is five a second."""


class DroppedError(Exception):
    """The connection is to be closed; the text is the reason that the neighbour is told, empty where it is gone."""


class Connection:
    """Reads requests and sends messages, without ever waiting.

    Args:
        peer: the socket.
        now_s: time on the monotonic clock, in seconds.

    Attributes:
        peer: as given.
        watches: status, events and outcomes are wanted.
        pictures: pictures are wanted.
        sequence: of the frame that was sent last; -1: none was.
    """

    def __init__(self, peer: socket.socket, now_s: float) -> None:
        peer.setblocking(False)
        self.peer = peer
        self.watches = self.pictures = False
        self.sequence = -1
        self._picture_every_s = self._pictured_s = 0.0
        self._began_s = self._read_s = self._counted_s = now_s
        self._tokens = float(BURST)
        self._has_spoken = False
        self._received = b""
        self._waiting: deque[memoryview] = deque()
        self._backlog = 0

    @property
    def has_backlog(self) -> bool:
        """Whether something waits until the neighbour reads."""
        return self._backlog > 0

    def receive(self, now_s: float) -> Iterator[Request]:
        """What has come.

        Raises:
            DroppedError: the neighbour has gone, or sends what is none of the protocol, or too much.
        """
        try:
            content = self.peer.recv(MOST_REQUEST_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise DroppedError("") from error
        if not content:
            raise DroppedError("")
        *lines, self._received = (self._received + content).split(b"\n")
        if len(self._received) >= MOST_REQUEST_BYTES:
            raise DroppedError(f"a line has more than {MOST_REQUEST_BYTES} bytes")
        for line in lines:
            self._count(now_s)
            try:
                request = read_request(line)
            except ProtocolError as error:
                raise DroppedError(str(error)) from error
            self._has_spoken = True
            yield request

    def watch(self, request: Request) -> None:
        """Send from now on what a request to watch says."""
        self.watches, self.pictures = True, request.pictures
        self._picture_every_s = 1 / request.most_per_s

    def wants_picture(self, now_s: float) -> bool:
        """Whether a picture is to be sent now: not while an earlier message waits to be read."""
        # A little early rather than a whole turn late.
        due = now_s - self._pictured_s >= 0.9 * self._picture_every_s
        return self.pictures and due and not self.has_backlog

    def send_picture(self, content: bytes, sequence: int, now_s: float) -> None:
        """Send a picture. Raises DroppedError."""
        self.sequence, self._pictured_s = sequence, now_s
        self.send(content, now_s)

    def send(self, content: bytes, now_s: float) -> None:
        """Send as much as the neighbour takes; the rest waits for ``flush``.

        Raises:
            DroppedError: the neighbour has gone, or does not read.
        """
        if self._backlog > MOST_BACKLOG:
            raise DroppedError("")
        if not self.has_backlog:
            self._read_s = now_s
        self._waiting.append(memoryview(content))
        self._backlog += len(content)
        self.flush(now_s)

    def flush(self, now_s: float) -> None:
        """Send what waits, as far as the neighbour takes it. Raises DroppedError."""
        try:
            while self._waiting:
                sent = self.peer.send(self._waiting[0], socket.MSG_NOSIGNAL)
                self._read_s = now_s
                self._backlog -= sent
                self._waiting[0] = self._waiting[0][sent:]
                if not self._waiting[0]:
                    self._waiting.popleft()
        except BlockingIOError:
            pass
        except OSError as error:
            raise DroppedError("") from error

    def check(self, now_s: float) -> None:
        """Raises DroppedError when the neighbour has not read, or not said anything, for too long."""
        if self.has_backlog and now_s - self._read_s > STUCK_S:
            raise DroppedError("")
        if not self._has_spoken and now_s - self._began_s > SPEAK_S:
            raise DroppedError(f"nothing was asked for in {SPEAK_S:g} s")

    def close(self, reason: str = "") -> None:
        """Close it; ``reason``: what the neighbour is told if it can take it at once."""
        try:
            if reason and not self.has_backlog:
                self.peer.send(to_line({"goodbye": reason}), socket.MSG_NOSIGNAL)
        except OSError:
            pass
        finally:
            self.peer.close()

    def _count(self, now_s: float) -> None:
        self._tokens = min(self._tokens + (now_s - self._counted_s) * REQUESTS_PER_S, float(BURST))
        self._counted_s = now_s
        self._tokens -= 1
        if self._tokens < 0:
            raise DroppedError(f"more than {REQUESTS_PER_S} requests a second")
