"""The bin's end of its socket: a thread of its own, which serves the neighbours and never makes the loop wait."""

import logging
import os
import selectors
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from edge.bin_socket.connection import Connection, DroppedError
from edge.bin_socket.exchange import Exchange
from edge.bin_socket.listener import Listener, may_connect
from edge.bin_socket.protocol import PROTOCOL, Action, PictureHeader, Request, answer, to_line, with_picture
from hardware.clock import Clock

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 16
"""Most neighbours at a time; more wait in the kernel until one goes."""

ACCEPTS_PER_S = 20
"""Most connections accepted in a second: who connects again and again costs no more."""

TURN_S = 0.1
"""Time between two looks for something new to send, in seconds."""

IDLE_TURN_S = 1.0
"""The same while nobody watches."""

STATUS_EVERY_S = 2.0
"""Longest time between two status messages, in seconds: silence would not show that the loop is alive."""

RECOVERY_S = 5.0
"""Pause after an unexpected error, in seconds."""

REFUSALS_LOGGED_EVERY_S = 60.0
"""Shortest time between two log lines about processes of other users, in seconds."""

TIMES = frozenset({"written_s", "written_wall_s"})
"""Fields of a status that always change."""


@dataclass(frozen=True, slots=True)
class SentPicture:
    """A picture to be sent.

    Attributes:
        header: what it shows.
        jpeg: the picture.
    """

    header: PictureHeader
    jpeg: bytes


class Pictures(Protocol):
    """Makes pictures of what the camera sees, in the server's thread."""

    def live(self, *, newer_than: int) -> SentPicture | None:
        """A small picture of the newest frame; None: none is newer than the one of that number."""
        ...

    def look(self) -> SentPicture | None:
        """The newest frame in full; None: there is none yet."""
        ...


class BinServer:
    """Serves the neighbours, from entering to leaving the context.

    Args:
        listener: where they connect; closed with this object.
        exchange: what passes to the loop and from it.
        pictures: makes the pictures.
        clock: real time.
    """

    def __init__(self, listener: Listener, exchange: Exchange, pictures: Pictures, *, clock: Clock) -> None:
        self._listener = listener
        self._exchange = exchange
        self._pictures = pictures
        self._clock = clock
        self._watched_s = self._sent_s = 0.0
        self._sent: dict[str, object] = {}
        self._connections: set[Connection] = set()
        self._accepted: deque[float] = deque(maxlen=ACCEPTS_PER_S)
        self._accepts = False
        self._refused_s: float | None = None
        self._selector = selectors.DefaultSelector()
        self._stop = threading.Event()
        # It must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="bin socket", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        os.eventfd_write(self._exchange.wake, 1)
        self._thread.join()

    def _run(self) -> None:
        self._selector.register(self._exchange.wake, selectors.EVENT_READ)
        while not self._stop.is_set():
            try:
                self._serve()
            except Exception:
                # The bin sorts on, and so does this: an odd picture passes.
                log.exception("bin socket: unexpected error, please report it")
                self._drop_all("an error of the program; connect again")
                self._stop.wait(RECOVERY_S)
        self._drop_all("the bin stops")
        self._selector.close()
        self._listener.close()

    def _serve(self) -> None:
        """One turn: take what has come, send what is due."""
        self._follow_accepts()
        ready = self._selector.select(self._timeout_s())
        now_s = self._clock.now_s()
        for key, events in ready:
            if key.fd == self._exchange.wake:
                os.eventfd_read(self._exchange.wake)
            elif key.data is None:
                self._accept(now_s)
            elif key.data in self._connections:
                self._attend(key.data, events, now_s)
        for to, line in self._exchange.told():
            self._pass_on(to, line, now_s)
        self._send_status(now_s)
        self._send_pictures(now_s)
        for connection in list(self._connections):
            self._try(connection, lambda one: one.check(now_s))
        self._follow_watchers(now_s)

    def _timeout_s(self) -> float | None:
        """How long this turn may wait for something to happen."""
        if self._exchange.is_watched:
            return TURN_S
        return IDLE_TURN_S if self._connections or not self._accepts else None

    def _follow_accepts(self) -> None:
        """Listen while there are places, and not too many have come."""
        is_calm = len(self._accepted) < ACCEPTS_PER_S or self._clock.now_s() - self._accepted[0] > 1.0
        may_accept = len(self._connections) < MOST_CONNECTIONS and is_calm
        if may_accept is self._accepts:
            return
        self._accepts = may_accept
        if may_accept:
            self._selector.register(self._listener.socket, selectors.EVENT_READ)
        else:
            self._selector.unregister(self._listener.socket)

    def _follow_watchers(self, now_s: float) -> None:
        is_watched = any(one.watches for one in self._connections)
        if is_watched and not self._exchange.is_watched:
            self._watched_s = now_s
        self._exchange.is_watched = is_watched

    def _accept(self, now_s: float) -> None:
        # Also one that fails: this process may have too many files open for some time.
        self._accepted.append(now_s)
        try:
            peer, _ = self._listener.socket.accept()
        except OSError:
            return
        connection = Connection(peer, now_s)
        if not may_connect(peer):
            connection.close("only the sorter's own user, its group, and root may connect")
            if self._refused_s is None or now_s - self._refused_s > REFUSALS_LOGGED_EVERY_S:
                self._refused_s = now_s
                log.warning("bin socket: a process of another user was refused")
            return
        self._connections.add(connection)
        self._selector.register(peer, selectors.EVENT_READ, connection)
        self._send(connection, to_line({"hello": {"protocol": PROTOCOL}}), now_s)

    def _attend(self, connection: Connection, events: int, now_s: float) -> None:
        if events & selectors.EVENT_WRITE:
            self._try(connection, lambda one: one.flush(now_s))
        if events & selectors.EVENT_READ and connection in self._connections:
            self._try(connection, lambda one: self._read(one, now_s))

    def _read(self, connection: Connection, now_s: float) -> None:
        """Take the requests of a neighbour. Raises DroppedError."""
        for request in connection.receive(now_s):
            if request.do is Action.WATCH:
                connection.watch(request)
                self._sent = {}
                connection.send(to_line(answer(request.id)), now_s)
            elif request.do is Action.LOOK:
                connection.send(self._look(request, connection), now_s)
            elif not self._exchange.ask(request, connection):
                connection.send(to_line(answer(request.id, "the bin is busy, or hangs: try again")), now_s)

    def _look(self, request: Request, connection: Connection) -> bytes:
        if connection.has_backlog:
            return to_line(answer(request.id, "read first what was asked for before"))
        shot = self._pictures.look()
        if shot is None:
            return to_line(answer(request.id, "the camera has given no picture yet"))
        return with_picture({**answer(request.id), "picture": shot.header}, shot.jpeg)

    def _pass_on(self, to: Connection | None, line: bytes, now_s: float) -> None:
        """Send what the loop has told."""
        for connection in list(self._connections):
            if connection is to or (to is None and connection.watches):
                self._send(connection, line, now_s)

    def _send_status(self, now_s: float) -> None:
        told = self._exchange.status
        # One from before anybody watched is old because nobody has asked for it, not because the loop hangs.
        if told is None or not self._exchange.is_watched or told.time_s < self._watched_s:
            return
        lasting = {name: value for name, value in told.report.items() if name not in TIMES}
        if lasting == self._sent and now_s - self._sent_s < STATUS_EVERY_S:
            return
        self._sent, self._sent_s = lasting, now_s
        line = to_line({"status": told.report, "age_s": round(now_s - told.time_s, 3)})
        for connection in list(self._connections):
            # A neighbour that is slow gets the newest once it has read.
            if connection.watches and not connection.has_backlog:
                self._send(connection, line, now_s)

    def _send_pictures(self, now_s: float) -> None:
        wanting = [one for one in self._connections if one.wants_picture(now_s)]
        if not wanting:
            return
        shot = self._pictures.live(newer_than=min(one.sequence for one in wanting))
        if shot is None:
            return
        content, sequence = with_picture({"picture": shot.header}, shot.jpeg), shot.header["sequence"]
        for connection in wanting:
            if connection.sequence < sequence:
                self._try(connection, lambda one: one.send_picture(content, sequence, now_s))

    def _send(self, connection: Connection, content: bytes, now_s: float) -> None:
        self._try(connection, lambda one: one.send(content, now_s))

    def _try(self, connection: Connection, act: Callable[[Connection], None]) -> None:
        """Do something with a neighbour, which is dropped where it has gone or misbehaves."""
        try:
            act(connection)
        except DroppedError as error:
            self._drop(connection, str(error))
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.has_backlog else 0)
        if self._selector.get_key(connection.peer).events != wanted:
            self._selector.modify(connection.peer, wanted, connection)

    def _drop(self, connection: Connection, reason: str) -> None:
        self._connections.discard(connection)
        self._selector.unregister(connection.peer)
        connection.close(reason)
        if reason:
            log.debug("bin socket: a neighbour was dropped: %s", reason)

    def _drop_all(self, reason: str) -> None:
        for connection in list(self._connections):
            self._drop(connection, reason)
        self._exchange.is_watched = False
