"""Serves the figures over HTTP, on this machine alone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from edge.errors import UnavailableError
from edge.link.exposition import CONTENT_TYPE

ADDRESS = "127.0.0.1"

PATH = "/metrics"

REQUEST_S = 5.0
"""Longest wait for a request, and for whoever reads its answer, in seconds."""

MOST_REQUEST_BYTES = 8192
"""Longest request with its headers, in bytes."""

MOST_CONNECTIONS = 8
"""Most connections at a time; others are closed at once."""


class MetricsServer:
    """Answers ``GET /metrics``.

    Args:
        text: makes the figures.
    """

    def __init__(self, text: Callable[[], str]) -> None:
        self._text = text
        self._connections = 0

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[int]:
        """Serve while this is entered; the port, which is a free one where ``port`` is 0.

        Raises:
            UnavailableError: it cannot be listened on.
        """
        try:
            server = await asyncio.start_server(self._serve, ADDRESS, port, limit=MOST_REQUEST_BYTES)
        except OSError as error:
            raise UnavailableError(
                f"link.metrics_port {port}: cannot be listened on: {error.strerror or error}; expected a free port"
            ) from error
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        try:
            if self._connections <= MOST_CONNECTIONS:
                async with asyncio.timeout(REQUEST_S):
                    request = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._answer(request))
                    await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # TimeoutError is an OSError: whoever asks gets nothing then
        finally:
            self._connections -= 1
            writer.close()

    def _answer(self, request: bytes) -> bytes:
        method, _, rest = request.partition(b" ")
        path = rest.split(b" ", 1)[0].split(b"?", 1)[0]
        if path != PATH.encode():
            return _response("404 Not Found", f"the figures are at {PATH}\n")
        if method not in (b"GET", b"HEAD"):
            return _response("405 Method Not Allowed", "expected GET\n")
        return _response("200 OK", self._text(), with_body=method == b"GET")


def _response(status: str, text: str, *, with_body: bool = True) -> bytes:
    body = text.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + (body if with_body else b"")
