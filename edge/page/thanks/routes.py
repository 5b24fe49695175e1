"""The screen on the bin: whether it is ready, what it took the last item for, and where that went."""

import json
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from edge.bin_socket.bin_link import BinLink
from edge.bin_socket.messages import Decided, Link, Status
from edge.page.access.needs import kiosk
from edge.page.event_source import EventSource
from edge.page.live.line_state import LineState
from edge.page.live.routes import line_of
from edge.page.live.today import TodayReader
from edge.page.page_state import state_of
from edge.page.rendering import fill, render


def routes() -> list[BaseRoute]:
    """Where it is served."""
    room = ThanksRoom()
    return [
        Route("/thanks", kiosk(room.show)),
        Route("/thanks/picture/{event}", kiosk(room.picture)),
    ]


class ThanksRoom:
    """The room."""

    def __init__(self) -> None:
        self._today = TodayReader()

    async def show(self, request: Request) -> Response:
        """The screen; for its script what is to be shown, as it comes: server-sent events, which end when the browser goes."""
        state = state_of(request)
        if "text/event-stream" not in request.headers.get("accept", ""):
            return render(request, "thanks.html", line=line_of(state), has_bin=state.bin is not None)
        if state.bin is None:
            raise HTTPException(404)
        return StreamingResponse(self._news(request, state.bin), media_type="text/event-stream")

    async def picture(self, request: Request) -> Response:
        """The picture of the newest item, and of no other: the screen needs no account."""
        settings = state_of(request).settings
        newest = (await self._today.read(settings)).newest[:1]
        for event in newest:
            if request.path_params["event"] == f"{event['session']}-{event['number']}":
                content = await run_in_threadpool(EventSource(settings).picture, event)
                return Response(content, media_type="image/jpeg")
        raise HTTPException(404)

    async def _news(self, request: Request, link: BinLink) -> AsyncIterator[str]:
        state = state_of(request)
        shown: LineState | None = None
        with link.subscribe() as subscription:
            async for message in subscription:
                if isinstance(message, Decided):
                    newest = (await self._today.read(state.settings, message)).newest
                    picture = newest[0] if newest and newest[0]["number"] == message.event.get("number") else None
                    yield _event("item", fill(request, "thanks/item.html", item=message.event, picture=picture))
                elif isinstance(message, Link | Status) and (line := line_of(state)) != shown:
                    shown = line
                    yield _event("state", fill(request, "thanks/state.html", line=line))


def _event(name: str, html: str) -> str:
    return f"event: {name}\ndata: {json.dumps(html)}\n\n"
