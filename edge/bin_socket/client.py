"""The neighbour's end of the bin's socket, for asyncio. It connects again by itself, as often as the bin goes and comes."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, cast

from edge.bin_socket.address import reachable
from edge.bin_socket.messages import Link, Message, Status, TrayPicture, read_message
from edge.bin_socket.protocol import (
    MOST_LINE_BYTES,
    MOST_PER_S,
    MOST_PICTURE_BYTES,
    PROTOCOL,
    Action,
    PictureHeader,
    ProtocolError,
    read_object,
    to_line,
)
from edge.bin_socket.subscription import Subscription
from edge.errors import RefusedError, SorterError

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 2.0
"""Pauses between two attempts to connect, in seconds: twice as long after each that fails."""

ANSWER_S = 3.0
"""Longest wait for an answer, in seconds."""

SILENCE_S = 8.0
"""Time without a word from the bin after which the connection counts as lost, in seconds: four times its longest silence."""


class BinUnreachableError(SorterError, ConnectionError):
    """No bin answers at the socket."""

    exit_code = 69


class BinClient:
    """A connection to the bin of this computer, shared by all who listen. Use it as an asynchronous context manager.

    Args:
        path: the socket.

    Attributes:
        status: the newest status; None while there is no connection.
        problem: why there is no connection, in words; None: there is one.
    """

    def __init__(self, path: Path) -> None:
        self.status: Status | None = None
        self.problem: str | None = f"the bin does not run: nothing has answered at {path} yet"
        self._path = path
        self._subscriptions: set[Subscription] = set()
        self._answers: dict[int, asyncio.Future[tuple[dict[str, object], bytes]]] = {}
        self._number = 0
        self._watched: dict[str, float] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the bin answers."""
        return self.problem is None

    async def ask(
        self, do: Action, *, bin: str | None = None, to: Literal["open", "home"] | None = None
    ) -> tuple[dict[str, object], bytes]:
        """Ask the bin to do something, and wait until it is done or refused.

        Args:
            do: what.
            bin, to: of ``JOG``: whose flap, and which way.

        Returns:
            The answer, and the picture that came with it; empty where there is none.

        Raises:
            BinUnreachableError: there is no connection, or no answer came in time.
            RefusedError: the bin does not do it; the text says why.
        """
        fields = {name: value for name, value in (("bin", bin), ("to", to)) if value is not None}
        found, jpeg = await self._ask({"do": do, **fields})
        if "error" in found:
            raise RefusedError(str(found["error"]))
        return found, jpeg

    async def look(self) -> TrayPicture:
        """The newest picture in full, with the mask of the thing at rest on it.

        Raises:
            BinUnreachableError, RefusedError: as of ``ask``.
        """
        found, jpeg = await self.ask(Action.LOOK)
        return TrayPicture(cast(PictureHeader, found.get("picture")), jpeg)

    def subscribe(self, *, pictures: bool = False, most_per_s: float = MOST_PER_S) -> Subscription:
        """Listen to what the bin tells.

        Args:
            pictures: whether pictures are wanted; none are made while nobody wants any.
            most_per_s: most pictures a second.
        """
        return Subscription(self._add, self._remove, pictures=pictures, most_per_s=most_per_s)

    def _add(self, subscription: Subscription) -> None:
        """Begin to tell a subscriber, first of all how things stand."""
        self._subscriptions.add(subscription)
        subscription.put(Link(self.problem))
        if self.status is not None:
            subscription.put(self.status)
        self._watch()

    def _remove(self, subscription: Subscription) -> None:
        """Tell a subscriber nothing more."""
        self._subscriptions.discard(subscription)
        self._watch()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="bin socket")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                with reachable(self._path) as address:
                    reader, writer = await asyncio.open_unix_connection(address, limit=MOST_LINE_BYTES)
            except OSError as error:
                self._lose(f"the bin does not run: {self._path}: {error.strerror or error}")
            else:
                try:
                    self._writer = writer
                    await self._listen(reader)
                except (OSError, ProtocolError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
                    if self.is_connected:
                        pause_s = FIRST_PAUSE_S
                    self._lose(_problem_of(error))
                finally:
                    self._writer = None
                    writer.close()
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        """Take what the bin sends, until the connection ends.

        Raises:
            OSError, ProtocolError, IncompleteReadError, LimitOverrunError: it has ended, and why.
        """
        while True:
            async with asyncio.timeout(SILENCE_S):
                message = read_object(await reader.readuntil(b"\n"))
                size = message.get("bytes", 0)
                if type(size) is not int or not 0 <= size <= MOST_PICTURE_BYTES:
                    raise ProtocolError(f"bytes: expected at most {MOST_PICTURE_BYTES}, got {size!r}")
                content = await reader.readexactly(size)
            if "hello" in message:
                self._greet(message["hello"])
            elif "goodbye" in message:
                raise _DismissedError(str(message["goodbye"]))
            elif "answer" in message:
                number = message["answer"]
                waiting = self._answers.pop(number, None) if isinstance(number, int) else None
                if waiting is not None and not waiting.done():
                    waiting.set_result((message, content))
            else:
                self._tell(read_message(message, content))

    def _greet(self, hello: object) -> None:
        spoken = hello.get("protocol") if isinstance(hello, dict) else None
        if spoken != PROTOCOL:
            raise ProtocolError(
                f"the sorter that runs speaks protocol {spoken}, expected {PROTOCOL}: restart both after an upgrade"
            )
        self.problem, self._watched = None, {}
        self._tell(Link(None))
        self._watch()

    def _watch(self) -> None:
        """Have the bin send what the subscribers want. It is watched without any as well: it shows that the loop is alive."""
        if self._writer is None or not self.is_connected:
            return
        rates = [one.most_per_s for one in self._subscriptions if one.pictures]
        wanted = {"pictures": bool(rates), "most_per_s": max(rates, default=MOST_PER_S)}
        if wanted != self._watched:
            self._watched = wanted
            self._writer.write(to_line({"do": Action.WATCH, **wanted}))

    def _tell(self, message: Message | None) -> None:
        if isinstance(message, Status):
            self.status = message
        if message is not None:
            for subscription in self._subscriptions:
                subscription.put(message)

    def _lose(self, problem: str) -> None:
        if self.is_connected:
            log.warning("bin socket: %s", problem)
        is_news = problem != self.problem
        self.problem, self.status = problem, None
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(BinUnreachableError(problem))
        self._answers.clear()
        if is_news:
            self._tell(Link(problem))

    async def _ask(self, request: dict[str, object]) -> tuple[dict[str, object], bytes]:
        if self._writer is None or self.problem is not None:
            raise BinUnreachableError(self.problem or "the bin does not answer yet")
        self._number += 1
        number = self._number
        waiting = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_S):
                self._writer.write(to_line({**request, "id": number}))
                await self._writer.drain()
                found: tuple[dict[str, object], bytes] = await waiting
        except BinUnreachableError:
            raise
        except TimeoutError:
            raise BinUnreachableError(f"the bin has not answered for {ANSWER_S:g} s") from None
        except OSError as error:
            raise BinUnreachableError(_problem_of(error)) from error
        finally:
            self._answers.pop(number, None)
        return found


class _DismissedError(SorterError, ConnectionError):
    """The bin has closed the connection; the text is its reason."""


def _problem_of(error: Exception) -> str:
    if isinstance(error, _DismissedError):
        return f"the bin refuses the connection: {error}"
    if isinstance(error, ProtocolError):
        return f"the bin cannot be understood: {error}"
    if isinstance(error, TimeoutError):
        return f"the bin hangs: it has said nothing for {SILENCE_S:g} s"
    return "the bin has stopped: it has closed the connection"
