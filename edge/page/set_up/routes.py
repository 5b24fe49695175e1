"""Set up: the bin's parts as they are now, and what the doctor says of them."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from edge.config.invocation import invocation
from edge.errors import SorterError
from edge.page.access.needs import needs
from edge.page.access.roles import Role
from edge.page.page_state import state_of
from edge.page.rendering import language_of, render
from edge.page.set_up.checks import STATUSES, CheckedPart, look
from edge.page.set_up.sensors import SensorState


def routes() -> list[BaseRoute]:
    """Where they are served."""
    room = SetUpRoom()
    return [
        Route("/set-up", needs(Role.SET_UP)(room.show)),
        Route("/set-up/checks", needs(Role.SET_UP)(room.checks)),
    ]


class SetUpRoom:
    """The room."""

    def __init__(self) -> None:
        self._one_doctor = asyncio.Lock()

    async def show(self, request: Request) -> Response:
        """The page; a script gets what the sensors say now."""
        now = SensorState.of(state_of(request).bin)
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse(now.tree(language_of(request).text))
        return render(request, "set_up/set-up.html", now=now)

    async def checks(self, request: Request) -> Response:
        """What the doctor finds; it takes some seconds."""
        settings = state_of(request).settings
        findings: list[CheckedPart] = []
        problem = None
        try:
            async with self._one_doctor:
                findings = await look(settings)
        except SorterError as error:
            problem = str(error)
        command = None if settings.config is None else invocation("doctor", config=settings.config)
        return render(
            request, "set_up/checks.html", findings=findings, problem=problem, statuses=STATUSES, command=command
        )
