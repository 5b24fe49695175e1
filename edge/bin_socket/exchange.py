"""What passes between the loop and the thread that serves the socket: requests one way, what is told the other."""

import os
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edge.bin_socket.connection import Connection
from edge.bin_socket.protocol import Request, answer, to_line
from hardware.clock import Clock

MOST_ASKED = 32
"""Most requests that wait for the loop."""

LATE_S = 1.0
"""Age from which a request is not carried out any more, in seconds: what was asked for then may be wrong now."""


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request that the loop is to carry out.

    Attributes:
        request: what.
        time_s: when it came, in seconds on the monotonic clock.
        by: who has asked.
    """

    request: Request
    time_s: float
    by: Connection


@dataclass(frozen=True, slots=True)
class Told:
    """How the bin is, at a time on the monotonic clock in seconds."""

    report: Mapping[str, object]
    time_s: float


class Exchange:
    """Neither side waits for the other: each hands over references.

    Args:
        clock: real time.

    Attributes:
        is_watched: somebody wants to be told how the bin is.
        status: how the bin is, as the loop has told last; None: not yet.
        wake: becomes readable when the loop has told something.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._asked: deque[PendingRequest] = deque()
        self._told: deque[tuple[Connection | None, bytes]] = deque()
        self.is_watched = False
        self.status: Told | None = None
        self.wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def close(self) -> None:
        """Close ``wake``, once neither side uses it any more."""
        os.close(self.wake)

    # The loop's side.

    def take(self) -> PendingRequest | None:
        """The next request; None: there is none."""
        return self._asked.popleft() if self._asked else None

    def is_late(self, asked: PendingRequest) -> bool:
        """Whether a request has waited for too long to be carried out."""
        return self._clock.now_s() - asked.time_s > LATE_S

    def answer(self, asked: PendingRequest, error: str | None) -> None:
        """Answer a request; ``error``: why it is refused, None: it was carried out."""
        self._hand_over(asked.by, to_line(answer(asked.request.id, error)))

    def tell(self, message: Mapping[str, object]) -> None:
        """Send a message to everybody who watches."""
        self._hand_over(None, to_line(message))

    def tell_status(self, report: Mapping[str, object]) -> None:
        """How the bin is; it is sent when it has changed."""
        self.status = Told(report, self._clock.now_s())

    def _hand_over(self, to: Connection | None, line: bytes) -> None:
        self._told.append((to, line))
        os.eventfd_write(self.wake, 1)

    # The thread's side.

    def ask(self, request: Request, by: Connection) -> bool:
        """Have the loop carry out a request; False: too many wait already."""
        if len(self._asked) >= MOST_ASKED:
            return False
        self._asked.append(PendingRequest(request, self._clock.now_s(), by))
        return True

    def told(self) -> Iterator[tuple[Connection | None, bytes]]:
        """What the loop has told since the last call: lines, and to whom; None: to everybody who watches."""
        while self._told:
            yield self._told.popleft()
