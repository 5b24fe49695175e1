"""Serves the page: which addresses it listens on, with or without TLS, until it is told to stop."""

import asyncio
import logging
import os
import signal
import ssl
from asyncio import sslproto
from collections.abc import Callable
from dataclasses import dataclass

from anyio import to_thread
from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.server import ServerState

from edge.errors import UnavailableError
from edge.page.connections import HEADER_S, MOST, MOST_OF_ONE, BoundedHttp, Connections

HANDSHAKE_S = 5.0
"""Longest TLS handshake, in seconds."""

KEEP_ALIVE_S = 5
"""A connection without a request is kept for this long, in seconds."""

LARGEST_HEADER_BYTES = 16_384

LARGEST_MESSAGE_BYTES = 16_384
"""Largest message that a browser may send on a WebSocket: it only asks."""

TLS_BUFFER_BYTES = 16_384
"""What is read at a time of a connection with TLS, one record. With asyncio's 256 KB, 200 connections would take 50 MB."""

BACKLOG = 64
"""Connections that wait to be accepted."""

THREADS = 4
"""Most requests that read a file or a database at a time; others wait."""

LOOK_S = 1.0
"""Time between two looks at whether other addresses are to be listened on, in seconds."""

LOOPBACK = "127.0.0.1"
"""Only this machine. Not by its name, which may stand for an IPv6 address that it does not have."""

EVERYWHERE = "*"
"""Every address of this machine."""


@dataclass(frozen=True, slots=True)
class PagePort:
    """A port that the page listens on.

    Attributes:
        number: the port.
        tls: certificate and key; None: plain HTTP.
    """

    number: int
    tls: ssl.SSLContext | None = None


async def serve(
    app: ASGIApp,
    ports: list[PagePort],
    host: Callable[[], str],
    *,
    on_ready: Callable[[], None] = lambda: None,
    until_exit: int | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Args:
        app: what answers.
        ports: the ports.
        host: name or address to listen on, ``LOOPBACK`` or ``EVERYWHERE``; asked again and again, since it may change.
        on_ready: called once the page is served.
        until_exit: a process with whose end this ends as well; None: none.

    Raises:
        UnavailableError: it cannot be listened on, or there is no such process.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if until_exit is not None:
        # However it ends, also by SIGKILL.
        loop.add_reader(_process(until_exit), stop.set)
    # Threads in which requests read events and pictures; each takes memory for as long as the page runs.
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    listener = PageListener(app)
    try:
        await listener.listen(host(), ports)
        on_ready()
        while not stop.is_set():
            await listener.listen(host(), ports)
            try:
                async with asyncio.timeout(LOOK_S):
                    await stop.wait()
            except TimeoutError:
                continue
    finally:
        listener.close()


class PageListener:
    """Accepts connections, and hands their requests to the application.

    Args:
        app: what answers.
        header_s: longest time to a whole request header, in seconds.
        most, most_of_one: most connections, and most of them from one address.
    """

    def __init__(
        self, app: ASGIApp, *, header_s: float = HEADER_S, most: int = MOST, most_of_one: int = MOST_OF_ONE
    ) -> None:
        sslproto.SSLProtocol.max_size = TLS_BUFFER_BYTES
        logging.getLogger("uvicorn").setLevel(logging.ERROR)  # an attacker could fill the log with warnings
        self._config = Config(
            app,
            http=BoundedHttp,
            ws="wsproto",
            lifespan="off",
            log_config=None,
            access_log=False,
            # A proxy on this machine does not make its visitors visitors on this machine.
            proxy_headers=False,
            server_header=False,
            interface="asgi3",
            timeout_keep_alive=KEEP_ALIVE_S,
            h11_max_incomplete_event_size=LARGEST_HEADER_BYTES,
            ws_max_size=LARGEST_MESSAGE_BYTES,
            ws_per_message_deflate=False,  # pictures do not get smaller, and it takes ten times the processor time
        )
        self._config.load()
        self._state = ServerState()
        self._header_s = header_s
        self._connections = Connections(most, most_of_one)
        self._servers: list[asyncio.Server] = []
        self._host: str | None = None

    async def listen(self, host: str, ports: list[PagePort]) -> None:
        """Listen on these addresses, and on no others. Connections that are open stay.

        Args:
            host: name or address, ``LOOPBACK`` or ``EVERYWHERE``.
            ports: the ports.

        Raises:
            UnavailableError: it cannot be listened on.
        """
        if host == self._host:
            return
        self._stop_listening()
        loop = asyncio.get_running_loop()
        for port in ports:
            # Everywhere: as getaddrinfo() has it, IPv6 and IPv4, where there are both.
            try:
                server = await loop.create_server(
                    self._make_protocol,
                    host=None if host == EVERYWHERE else host,
                    port=port.number,
                    ssl=port.tls,
                    backlog=BACKLOG,
                    ssl_handshake_timeout=None if port.tls is None else HANDSHAKE_S,
                )
            except (OSError, OverflowError) as error:
                raise UnavailableError(f"page: cannot listen on {host} port {port.number}: {error}") from error
            self._servers.append(server)
        self._host = host

    @property
    def ports(self) -> list[int]:
        """The ports that are listened on."""
        return [one.getsockname()[1] for server in self._servers for one in server.sockets]

    def close(self) -> None:
        """End everything. May be called more than once."""
        self._stop_listening()
        self._connections.abort_all()

    def _stop_listening(self) -> None:
        for server in self._servers:
            server.close()
        self._servers, self._host = [], None

    def _make_protocol(self) -> BoundedHttp:
        return BoundedHttp(self._config, self._state, connections=self._connections, header_s=self._header_s)


def _process(pid: int) -> int:
    """A descriptor that becomes readable when a process ends.

    Raises:
        UnavailableError: there is no such process.
    """
    try:
        return os.pidfd_open(pid)
    except OSError as error:
        raise UnavailableError(f"page: process {pid}: {error.strerror}") from error
