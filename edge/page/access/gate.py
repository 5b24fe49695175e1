"""Before the first account is made there is nothing but the first visit."""

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from edge.page.access.door import PageDoor
from edge.page.access.network import address_of, is_near, is_on_this_machine

FIRST_VISIT = "/first-visit"

OPEN_PATHS = (FIRST_VISIT, "/static/", "/language", "/thanks")
"""Beginnings of the paths that lead further without an account."""


class FirstVisitGate:
    """Leads every visitor to the first visit as long as there is no account; from elsewhere only for a while, and only from near.

    Args:
        app: what answers.
        door: has the accounts.
    """

    def __init__(self, app: ASGIApp, door: PageDoor) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or len(self._door.accounts):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        is_welcome = is_on_this_machine(connection) or (
            self._door.first_visit.left_s > 0 and is_near(address_of(connection))
        )
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        elif not is_welcome:
            await PlainTextResponse("This bin has no password yet; see its manual.\n", 403)(scope, receive, send)
        elif scope["path"].startswith(OPEN_PATHS):
            await self._app(scope, receive, send)
        else:
            await RedirectResponse(FIRST_VISIT, 303)(scope, receive, send)
