"""The first page: what the bin sees and does now."""

import json

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from edge.bin_socket.protocol import Action
from edge.errors import SorterError
from edge.page.access.needs import needs, socket_needs
from edge.page.access.network import address_of
from edge.page.access.roles import Role
from edge.page.access.visitors import visitor_of
from edge.page.live.feed import LiveFeed
from edge.page.live.line_state import LineState, Tone
from edge.page.live.parts import fill_parts, part_values
from edge.page.live.today import TodayReader
from edge.page.page_state import PageState, state_of
from edge.page.rendering import render
from edge.page.texts import mark

COMMANDS = {
    Action.PAUSE: (Role.TEACH, "paused the bin"),
    Action.GO_ON: (Role.TEACH, "let the bin go on"),
    Action.HOME: (Role.SET_UP, "sent the flaps home"),
    Action.LEARN_TRAY: (Role.SET_UP, "had the tray taken anew for empty"),
}
"""What can be asked for here -> the least role, and how the list of changes says it."""


def routes() -> list[BaseRoute]:
    """Where they are served."""
    room = LiveRoom()
    return [
        Route("/", needs(Role.LOOK)(room.show)),
        Route("/live/do", needs(Role.TEACH)(room.do), methods=["POST"]),
        WebSocketRoute("/live/stream", socket_needs(Role.LOOK)(room.stream)),
    ]


class LiveRoom:
    """The room."""

    def __init__(self) -> None:
        self._today = TodayReader()

    async def show(self, request: Request) -> Response:
        """The page, as it is now; a script that cannot have it streamed gets the parts that change."""
        if "text/html" in request.headers.get("accept", ""):
            return await self._page(request, None)
        state = state_of(request)
        return JSONResponse({"parts": fill_parts(request, line_of(state), await self._today.read(state.settings))})

    async def _page(self, request: Request, problem: str | None) -> Response:
        state = state_of(request)
        today = await self._today.read(state.settings)
        values = part_values(request, line_of(state), today)
        return render(request, "live.html", has_bin=state.bin is not None, problem=problem, **values)

    async def do(self, request: Request) -> Response:
        """Ask the bin for something."""
        is_script = request.headers.get("content-type", "").startswith("application/json")
        action = await _action(request, is_script=is_script)
        role, what = COMMANDS[action]
        state, visitor = state_of(request), visitor_of(request)
        if visitor is None or not visitor.account.role.includes(role):
            raise HTTPException(403, "your account may not do this")
        if state.bin is None:
            raise HTTPException(400, "there is no bin: only an event log is shown")
        try:
            await state.bin.ask(action)
        except SorterError as error:
            if is_script:
                raise HTTPException(409, str(error)) from error
            return await self._page(request, str(error))
        await run_in_threadpool(state.door.audit.add, visitor.account.name, address_of(request), what)
        return JSONResponse({"ok": True}) if is_script else RedirectResponse("/", 303)

    async def stream(self, socket: WebSocket) -> None:
        """Pictures and news, for as long as the page is looked at."""
        link = state_of(socket).bin
        if link is None:
            await socket.close()
            return
        await socket.accept()
        await LiveFeed(socket, link, self._today).run()


def line_of(state: PageState) -> LineState:
    """What the bin does now."""
    if state.bin is None:
        return LineState(Tone.BUSY, mark("There is no bin here, only what one has sorted"), is_there=False)
    return LineState.of(state.bin.status, state.bin.problem)


async def _action(request: Request, *, is_script: bool) -> Action:
    """What is asked for. Raises HTTPException."""
    try:
        wanted = json.loads(await request.body()) if is_script else await request.form()
        action = Action(str(wanted["do"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise HTTPException(400, f"do: expected one of {', '.join(COMMANDS)}") from error
    if action not in COMMANDS:
        raise HTTPException(400, f"do: expected one of {', '.join(COMMANDS)}")
    return action
