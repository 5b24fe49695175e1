"""The first page: what the bin sees and does now."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from edge.page.access.needs import needs
from edge.page.access.roles import Role
from edge.page.rendering import render


def routes() -> list[BaseRoute]:
    """Where it is served."""
    return [Route("/", show)]


@needs(Role.LOOK)
async def show(request: Request) -> Response:
    """The page."""
    return render(request, "live.html")
