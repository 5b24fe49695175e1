"""The page as one application: its rooms, the door before them, and what every answer carries."""

from collections.abc import Iterable, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from edge.page import metrics
from edge.page.access import routes as access
from edge.page.access.gate import FirstVisitGate
from edge.page.access.needs import is_guarded
from edge.page.access.origin import OriginCheck
from edge.page.access.visitors import Visitors
from edge.page.deadlines import Deadlines
from edge.page.figures import routes as figures
from edge.page.https_redirect import HttpsRedirect
from edge.page.items import routes as items
from edge.page.live import routes as live
from edge.page.page_state import PageState
from edge.page.rendering import render
from edge.page.review import routes as review
from edge.page.security_headers import SecurityHeaders
from edge.page.set_up import routes as set_up
from edge.page.teach import routes as teach
from edge.page.texts import mark
from edge.page.thanks import routes as thanks
from edge.page.try_picture import routes as try_picture

ROOMS = (access, live, items, review, figures, teach, try_picture, set_up, thanks, metrics)
"""Modules with the ``routes()`` of each room."""

MOST_BODY_BYTES = 65_536
"""Largest body of a request. A route that takes more has a ``RequestBodyLimitMiddleware`` of its own."""

REASONS = {
    401: mark("You are not logged in."),
    403: mark("You may not do this."),
    404: mark("There is no such page."),
    405: mark("This cannot be done here."),
    413: mark("This is too large."),
    429: mark("Too many attempts: wait a moment."),
    500: mark("Something went wrong on the bin. Its log says what."),
    503: mark("The bin is busy: try again."),
}
"""Status -> what an error page says of it."""


def make_app(state: PageState, *, host_names: Iterable[str] = (), tls_port: int | None = None) -> ASGIApp:
    """The application.

    Args:
        state: what its rooms share.
        host_names: names of the bin, besides its own, under which it may be asked for.
        tls_port: port with TLS, where visitors over plain HTTP are sent; None: there is none.

    Raises:
        TypeError: a route says not who may use it.
    """
    rooms = [route for room in ROOMS for route in room.routes()]
    check_guarded(rooms)
    app = Starlette(
        routes=[*state.static.routes(), *rooms],
        middleware=[
            Middleware(Deadlines),
            Middleware(OriginCheck, names=tuple(host_names)),
            *([] if tls_port is None else [Middleware(HttpsRedirect, port=tls_port)]),
            Middleware(FirstVisitGate, door=state.door),
            Middleware(Visitors, door=state.door),
            Middleware(RequestBodyLimitMiddleware, max_body_size=MOST_BODY_BYTES),
        ],
        exception_handlers={HTTPException: _show_error, 500: _show_failure},
    )
    app.state.page = state
    # Around the answers to unexpected errors, too.
    return SecurityHeaders(app)


def check_guarded(routes: Sequence[BaseRoute]) -> None:
    """Refuse a route of which nobody has said who may use it.

    Raises:
        TypeError: there is one.
    """
    for route in routes:
        if not isinstance(route, Route | WebSocketRoute) or not is_guarded(route.endpoint):
            raise TypeError(f"{route}: expected an endpoint with one of the guards of edge.page.access.needs")


async def _show_error(request: Request, error: Exception) -> Response:
    status_code, detail = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "")
    headers = getattr(error, "headers", None) or {}
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"error": detail}, status_code, headers=headers)
    response = render(
        request, "error.html", status_code=status_code, reason=REASONS.get(status_code, detail), detail=detail
    )
    response.headers.update(headers)
    return response


async def _show_failure(request: Request, error: Exception) -> Response:
    return await _show_error(request, HTTPException(500))
