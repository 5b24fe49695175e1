"""Guards of the page's endpoints: ``@needs(Role.TEACH)`` above one says who may use it."""

import hmac
from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.websockets import WebSocket

from edge.page.access.network import is_on_this_machine
from edge.page.access.roles import Role
from edge.page.access.visitors import visitor_of

Endpoint = Callable[[Request], Awaitable[Response]]
SocketEndpoint = Callable[[WebSocket], Awaitable[None]]

SAFE_METHODS = ("GET", "HEAD")

TOKEN_FIELD, TOKEN_HEADER = "csrf", "x-csrf-token"
"""Where a form, or a script, puts the token of its session."""

_guarded: set[object] = set()
"""Every endpoint of which it was said who may use it."""


def needs(role: Role) -> Callable[[Endpoint], Endpoint]:
    """Let only those in who may do what a role may; what changes something has to bring the session's token as well.

    Args:
        role: the least role.
    """

    def decorate(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            if (refusal := _refusal(request, role)) is not None:
                return refusal
            try:
                if request.method not in SAFE_METHODS:
                    await check_token(request)
                return await endpoint(request)
            finally:
                await request.close()  # files of its form

        _guarded.add(guarded)
        return guarded

    return decorate


def socket_needs(role: Role) -> Callable[[SocketEndpoint], SocketEndpoint]:
    """The same for a WebSocket, which is refused before it is accepted.

    Args:
        role: the least role.
    """

    def decorate(endpoint: SocketEndpoint) -> SocketEndpoint:
        @wraps(endpoint)
        async def guarded(socket: WebSocket) -> None:
            visitor = visitor_of(socket)
            if visitor is None or not visitor.account.role.includes(role):
                await socket.close()
                return
            await endpoint(socket)

        _guarded.add(guarded)
        return guarded

    return decorate


def kiosk(endpoint: Endpoint) -> Endpoint:
    """Let a screen on the bin itself in, and everybody who is logged in. For endpoints that only show."""

    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        refusal = None if is_on_this_machine(request) else _refusal(request, Role.LOOK)
        return await endpoint(request) if refusal is None else refusal

    _guarded.add(guarded)
    return guarded


def public(endpoint: Endpoint) -> Endpoint:
    """Let everybody in: the log-in itself."""

    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        finally:
            await request.close()

    _guarded.add(guarded)
    return guarded


def is_guarded(endpoint: object) -> bool:
    """Whether somebody has said who may use an endpoint."""
    return endpoint in _guarded


async def check_token(request: Request) -> None:
    """Check that a request was made by a page of ours, in the visitor's session.

    Raises:
        HTTPException: it was not.
    """
    visitor = visitor_of(request)
    token: object = request.headers.get(TOKEN_HEADER)
    if token is None:
        token = (await request.form()).get(TOKEN_FIELD)
    if (
        visitor is None
        or not isinstance(token, str)
        or not hmac.compare_digest(token.encode(), visitor.form_token.encode())
    ):
        raise HTTPException(403, "this form is of another session: load the page again")


def _refusal(request: Request, role: Role) -> Response | None:
    """The answer to somebody who may not; None: they may.

    Raises:
        HTTPException: they are logged in, and may not, or are a script.
    """
    visitor = visitor_of(request)
    if visitor is None:
        if request.method not in SAFE_METHODS or "text/html" not in request.headers.get("accept", ""):
            raise HTTPException(401, "log in first")
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/log-in?next={quote(request.url.path + query, safe='')}", status_code=303)
    if not visitor.account.role.includes(role):
        raise HTTPException(403, "your account may not do this")
    return None


def local_path(text: str) -> str:
    """A path of this page to go on to; ``/`` for anything that leads elsewhere."""
    parts = urlsplit(text)
    is_local = text.startswith("/") and not text.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return text if is_local and text.isprintable() else "/"
