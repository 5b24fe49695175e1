"""Connections to the page: bounded in number and time, whoever opens them."""

import asyncio
from collections import OrderedDict
from functools import partial
from typing import cast

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from uvicorn.server import ServerState

from edge.page.access.attempts import network_of

HEADER_S = 10.0
"""Longest time to a whole request header, in seconds: from the beginning of the connection, or from the last answer on it."""

MOST = 256
"""Most connections at a time: fifty viewers, each with a WebSocket and a few requests."""

MOST_OF_ONE = 128
"""Most connections from one address: half, so that there is room for others."""


class Connections:
    """All connections that are open. Where there are too many, the one that has been without a request for longest goes.

    So whoever opens connections and does nothing with them only pushes out their own.

    Args:
        most: most connections.
        most_of_one: most of them from one address.
    """

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._waiting: OrderedDict[asyncio.Transport, str] = OrderedDict()
        self._busy: dict[asyncio.Transport, str] = {}

    def __len__(self) -> int:
        return len(self._waiting) + len(self._busy)

    def add(self, transport: asyncio.Transport) -> None:
        """Take a new connection in; it is aborted where there is no room."""
        address = network_of(str((transport.get_extra_info("peername") or ("",))[0]))
        self._waiting[transport] = address
        alike = [*self._waiting.values(), *self._busy.values()].count(address)
        if alike > self._most_of_one:
            self._abort(next(one for one, of in self._waiting.items() if of == address))
        elif len(self) > self._most:
            self._abort(next(iter(self._waiting)))

    def begin(self, transport: asyncio.Transport) -> None:
        """A request has come on a connection."""
        if transport in self._waiting:
            self._busy[transport] = self._waiting.pop(transport)

    def end(self, transport: asyncio.Transport) -> None:
        """A request was answered."""
        if transport in self._busy:
            self._waiting[transport] = self._busy.pop(transport)

    def remove(self, transport: asyncio.Transport) -> None:
        """A connection has ended."""
        self._waiting.pop(transport, None)
        self._busy.pop(transport, None)

    def abort_all(self) -> None:
        """End every connection at once."""
        for transport in (*self._waiting, *self._busy):
            self._abort(transport)

    def _abort(self, transport: asyncio.Transport) -> None:
        self.remove(transport)
        transport.abort()


class BoundedHttp(H11Protocol):
    """HTTP as uvicorn speaks it, with a limit to how long a request header may take.

    Args:
        config, server_state: as uvicorn has them.
        connections: all of the page's.
        header_s: longest time to a whole request header, in seconds.
    """

    def __init__(
        self, config: Config, server_state: ServerState, *, connections: Connections, header_s: float = HEADER_S
    ) -> None:
        super().__init__(config, server_state, {}, asyncio.get_running_loop())
        self._all = connections
        self._header_s = header_s
        self._deadline: asyncio.TimerHandle | None = None
        # uvicorn calls it to make the protocol that takes the connection over.
        self.ws_protocol_class = cast(type[asyncio.Protocol], partial(BoundedWebSocket, connections=connections))

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait_for_header()
        self._all.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._all.remove(self.transport)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
            self._all.begin(self.transport)

    def handle_websocket_upgrade(self, event: object) -> None:
        self._stop_waiting()
        self._all.begin(self.transport)
        super().handle_websocket_upgrade(event)  # type: ignore[arg-type]  # h11's Request, whose stubs are not needed here

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._all.end(self.transport)
        self._wait_for_header()

    def _wait_for_header(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(self._header_s, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class BoundedWebSocket(WSProtocol):
    """A WebSocket as uvicorn speaks it, which is counted among the connections.

    Args:
        config, server_state, app_state: as uvicorn has them.
        connections: all of the page's.
    """

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, object], *, connections: Connections
    ) -> None:
        super().__init__(config, server_state, app_state)
        self._all = connections

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.remove(self.transport)
        super().connection_lost(exc)
