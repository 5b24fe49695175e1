"""Finds out, for each request, who asks, and renews the cookie of a session that is in use."""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.page.access.door import PageDoor, Visitor
from edge.page.access.session import LONGEST_S

COOKIE = "sorter-session"


class Visitors:
    """Puts the visitor of each request into its state.

    Args:
        app: what answers.
        door: knows them.
    """

    def __init__(self, app: ASGIApp, door: PageDoor) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        cookie = connection.cookies.get(COOKIE)
        visitor = None if cookie is None else self._door.visitor(cookie)
        connection.state.visitor = visitor

        async def send_renewed(message: Message) -> None:
            if message["type"] == "http.response.start" and visitor is not None and visitor.renewed_cookie is not None:
                headers = MutableHeaders(scope=message)
                # What the answer says of the cookie itself, e.g. that it is deleted, stands.
                if not any(one.startswith(f"{COOKIE}=") for one in headers.getlist("set-cookie")):
                    response = Response()
                    put_cookie(response, connection, visitor.renewed_cookie)
                    headers.append("set-cookie", response.headers["set-cookie"])
            await send(message)

        await self._app(scope, receive, send_renewed)


def visitor_of(connection: HTTPConnection) -> Visitor | None:
    """Who asks; None: somebody who is not logged in."""
    found: Visitor | None = getattr(connection.state, "visitor", None)
    return found


def is_encrypted(connection: HTTPConnection) -> bool:
    """Whether a request came by TLS, so that its cookies need never be sent without."""
    return connection.url.scheme in ("https", "wss")


def put_cookie(response: Response, connection: HTTPConnection, cookie: str) -> None:
    """Give an answer the cookie of a session."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=LONGEST_S,
        httponly=True,
        secure=is_encrypted(connection),
        samesite="lax",
    )


def delete_cookie(response: Response) -> None:
    """Let an answer end the session in the browser."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
