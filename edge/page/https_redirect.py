"""Leads what comes over plain HTTP to the port with TLS."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from edge.page.access.network import is_on_this_machine

KIOSK_PATHS = ("/thanks", "/static/")
"""What a screen on the bin shows, over plain HTTP as well: it does not leave the machine, and no browser there knows the
certificate."""


class HttpsRedirect:
    """Answers nothing over plain HTTP but where to go, and the screen on the bin.

    Args:
        app: what answers over TLS.
        port: the port with TLS.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["scheme"] in ("https", "wss"):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        elif scope["path"].startswith(KIOSK_PATHS) and is_on_this_machine(HTTPConnection(scope)):
            await self._app(scope, receive, send)
        else:
            connection = HTTPConnection(scope)
            host = urlsplit(f"//{connection.headers.get('host', '')}").hostname or ""
            name = f"[{host}]" if ":" in host else host
            address = connection.url.replace(scheme="https", netloc=f"{name}:{self._port}")
            await RedirectResponse(address, 308)(scope, receive, send)
