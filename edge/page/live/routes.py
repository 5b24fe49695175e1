"""The first page: what the bin sees and does now."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from edge.page.access.needs import needs, socket_needs
from edge.page.access.roles import Role
from edge.page.bin_commands import BinCommands
from edge.page.live.feed import LiveFeed
from edge.page.live.line_state import LineState, Tone
from edge.page.live.parts import fill_parts, part_values
from edge.page.live.today import TodayReader
from edge.page.page_state import PageState, state_of
from edge.page.rendering import render
from edge.page.texts import mark
from hardware.clock import Clock, SystemClock


def routes(clock: Clock | None = None) -> list[BaseRoute]:
    """Where they are served.

    Args:
        clock: tells one press of a button from the next; None: the system's.
    """
    room = LiveRoom(clock or SystemClock())
    return [
        Route("/", needs(Role.LOOK)(room.show)),
        Route("/live/do", needs(Role.TEACH)(room.do), methods=["POST"]),
        WebSocketRoute("/live/stream", socket_needs(Role.LOOK)(room.stream)),
    ]


class LiveRoom:
    """The room.

    Args:
        clock: as of ``BinCommands``.
    """

    def __init__(self, clock: Clock) -> None:
        self._commands = BinCommands(clock)
        self._today = TodayReader()

    async def show(self, request: Request) -> Response:
        """The page, as it is now; a script that cannot have it streamed gets the parts that change."""
        if "text/html" in request.headers.get("accept", ""):
            return await self._page(request, None)
        state = state_of(request)
        return JSONResponse({"parts": fill_parts(request, line_of(state), await self._today.read(state.settings))})

    async def _page(self, request: Request, problem: str | None, *, status_code: int = 200) -> Response:
        state = state_of(request)
        today = await self._today.read(state.settings)
        values = part_values(request, line_of(state), today)
        return render(
            request, "live.html", status_code=status_code, has_bin=state.bin is not None, problem=problem, **values
        )

    async def do(self, request: Request) -> Response:
        """Ask the bin for something."""
        return await self._commands.answer(
            request, back="/", refuse=lambda why: self._page(request, why, status_code=409)
        )

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
