"""Set up: the bin's parts as they are now, moved by hand, and what the doctor says of them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from edge.config.invocation import invocation
from edge.errors import SorterError
from edge.page.access.needs import needs
from edge.page.access.roles import Role
from edge.page.bin_commands import BinCommands
from edge.page.late_part import PartValues, answer_in_parts
from edge.page.page_state import state_of
from edge.page.rendering import language_of, render
from edge.page.set_up.checks import STATUSES, SharedDoctor
from edge.page.set_up.configuration_room import SIDES, ConfigurationRoom
from edge.page.set_up.light_check import LightCheck, LightOnTray
from edge.page.set_up.sensors import SensorState
from edge.page.set_up.tray_picture import newest_picture
from edge.page.texts import PageError, mark
from hardware.clock import Clock, SystemClock

CORNERS = {
    "left-top": mark("The tray's corner at the top left"),
    "right-top": mark("The tray's corner at the top right"),
    "left-bottom": mark("The tray's corner at the bottom left"),
    "right-bottom": mark("The tray's corner at the bottom right"),
}
"""The corners of the tray's region, by the two sides that meet there."""


def routes(clock: Clock | None = None) -> list[BaseRoute]:
    """Where they are served.

    Args:
        clock: tells one press of a button from the next; None: the system's.
    """
    room = SetUpRoom(clock or SystemClock())
    return [
        Route("/set-up", needs(Role.SET_UP)(room.show)),
        Route("/set-up/do", needs(Role.SET_UP)(room.do), methods=["POST"]),
        Route("/set-up/picture/{number:int}", needs(Role.SET_UP)(newest_picture)),
        Route("/set-up/light", needs(Role.SET_UP)(room.light), methods=["POST"]),
        Route("/set-up/checks", needs(Role.SET_UP)(room.checks)),
        *ConfigurationRoom().routes(),
    ]


class SetUpRoom:
    """The room.

    Args:
        clock: as of ``BinCommands``.
    """

    def __init__(self, clock: Clock) -> None:
        self._commands = BinCommands(clock)
        self._light = LightCheck()
        self._doctor = SharedDoctor()

    async def show(self, request: Request) -> Response:
        """The page; a script gets what the sensors say now."""
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse(SensorState.of(state_of(request).bin).tree(language_of(request).text))
        return await self._page(request, None)

    async def do(self, request: Request) -> Response:
        """Have the bin do something."""
        return await self._commands.answer(
            request, back="/set-up", refuse=lambda why: self._page(request, why, status_code=409)
        )

    async def light(self, request: Request) -> Response:
        """Judge the light on the tray; it takes some seconds."""
        try:
            found = await self._light.measure(state_of(request).bin)
        except PageError as error:
            return await self._page(request, language_of(request).text(error.text) % error.values, status_code=409)
        except SorterError as error:
            return await self._page(request, str(error), status_code=409)
        return await self._page(request, None, light=found)

    async def checks(self, request: Request) -> Response:
        """What the doctor finds; it takes some seconds."""
        settings = state_of(request).settings

        async def look_at_all() -> PartValues:
            try:
                return {"findings": await self._doctor.look(settings), "problem": None, "statuses": STATUSES}
            except SorterError as error:
                return {"findings": [], "problem": str(error), "statuses": STATUSES}

        command = None if settings.config is None else invocation("doctor", config=settings.config)
        return await answer_in_parts(
            request, "set_up/checks.html", "set_up/findings.html", look_at_all, command=command
        )

    async def _page(
        self, request: Request, refusal: str | None, *, status_code: int = 200, light: LightOnTray | None = None
    ) -> Response:
        now = SensorState.of(state_of(request).bin)
        return render(
            request,
            "set_up/set-up.html",
            status_code=status_code,
            now=now,
            refusal=refusal,
            light=light,
            sides=SIDES,
            corners=CORNERS,
        )
