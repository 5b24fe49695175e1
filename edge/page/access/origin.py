"""Refuses requests under a foreign name (DNS rebinding), and what other sites make a browser send."""

import socket
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from edge.page.access.needs import SAFE_METHODS

OWN_SITES = ("same-origin", "none")
"""Values of ``Sec-Fetch-Site`` for a page of ours, and for an address that a person typed."""


class OriginCheck:
    """Lets through what was asked of this bin, by its own pages where it changes something.

    Args:
        app: what answers.
        names: further host names of the bin. Its own name, alone and with ``.local``, and addresses are known.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self._app = app
        own = socket.gethostname().lower()
        self._names = {"localhost", own, f"{own}.local", *(name.lower() for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(HTTPConnection(scope), is_safe=scope.get("method") in SAFE_METHODS)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    def _refusal(self, connection: HTTPConnection, *, is_safe: bool) -> Response | None:
        host = connection.headers.get("host", "")
        if not self._is_own(host):
            return PlainTextResponse("Unknown host name: open the page by the bin's name or address.\n", 400)
        origin = connection.headers.get("origin")
        is_ours = connection.headers.get("sec-fetch-site", "none") in OWN_SITES
        if is_safe or (is_ours and (origin is None or urlsplit(origin).netloc.lower() == host.lower())):
            return None
        return PlainTextResponse("This was sent by another site.\n", 403)

    def _is_own(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._names or _is_address(name)


def _is_address(name: str) -> bool:
    """Whether this is an address, which no foreign name server can make lead here."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
