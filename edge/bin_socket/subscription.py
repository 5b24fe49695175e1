"""What the bin tells, for one listener of several."""

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from edge.bin_socket.messages import Decided, Link, Message, Outcome, Status, TrayPicture

MOST_WAITING = 100
"""Most events that wait for a slow subscriber; the oldest are given up, they stand in the event log."""


class Subscription:
    """What the bin tells, for one listener. One that is slow misses pictures and states, never learns of them late.

    Use it as a context manager, and iterate: ``async for message in subscription``.

    Args:
        begin, end: have it told, and told nothing more.
        pictures: whether pictures are wanted.
        most_per_s: most pictures a second.
    """

    def __init__(
        self,
        begin: "Callable[[Subscription], None]",
        end: "Callable[[Subscription], None]",
        *,
        pictures: bool,
        most_per_s: float,
    ) -> None:
        self.pictures = pictures
        self.most_per_s = most_per_s
        self._begin, self._end = begin, end
        self._newest: dict[type, Message] = {}
        self._events: deque[Decided | Outcome] = deque(maxlen=MOST_WAITING)
        self._has_news = asyncio.Event()

    def put(self, message: Message) -> None:
        """Take a message."""
        if isinstance(message, Decided | Outcome):
            self._events.append(message)
        elif not isinstance(message, TrayPicture) or self.pictures:
            self._newest[type(message)] = message
        else:
            return
        self._has_news.set()

    async def next(self) -> Message:
        """The next message; waits for it."""
        while True:
            for kind in (Link, Status):
                if kind in self._newest:
                    return self._newest.pop(kind)
            if self._events:
                return self._events.popleft()
            if TrayPicture in self._newest:
                return self._newest.pop(TrayPicture)
            self._has_news.clear()
            await self._has_news.wait()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        return await self.next()

    def __enter__(self) -> Self:
        self._begin(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(self)
