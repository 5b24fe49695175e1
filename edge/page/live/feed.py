"""What whoever looks at the live page is sent: pictures, the state of the bin, and what was decided."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from anyio import CancelScope, create_task_group
from starlette.exceptions import HTTPException
from starlette.websockets import WebSocket, WebSocketDisconnect

from edge.bin_socket.bin_link import BinLink
from edge.bin_socket.messages import Decided, Link, Outcome, Status, TrayPicture
from edge.bin_socket.subscription import Subscription
from edge.page.access.visitors import COOKIE
from edge.page.live.line_state import LineState
from edge.page.live.parts import fill_parts
from edge.page.live.today import Today, TodayReader
from edge.page.page_state import state_of

PICTURES_PER_S = 5.0
"""Pictures a second: a hand is followed well by so many, and ten take twice the processor time."""

SESSION_LOOK_S = 30.0
"""Time between two looks at whether who watches still may, in seconds."""


class LiveFeed:
    """Feeds one viewer, from its connection to its end.

    Pictures go out as one binary message each: its header as a line of JSON, and the JPEG. The next one waits until the
    viewer has said that it is shown, so that a slow network shows fewer of them, and none late.

    Args:
        socket: the viewer's WebSocket, accepted.
        link: the way to the bin.
        today: what was sorted.
    """

    def __init__(self, socket: WebSocket, link: BinLink, today: TodayReader) -> None:
        self._socket = socket
        self._link = link
        self._today_reader = today
        self._today = Today({}, ())
        self._line: LineState | None = None
        self._sent: dict[str, str] = {}
        self._may_send_picture = True

    async def run(self) -> None:
        """Feed it until it goes, or may watch no longer."""
        with self._link.subscribe(pictures=True, most_per_s=PICTURES_PER_S) as subscription:
            async with create_task_group() as group:
                for run in (partial(self._tell, subscription), self._listen, self._until_session_ends):
                    group.start_soon(self._run_one, run, group.cancel_scope)

    async def _run_one(self, run: Callable[[], Awaitable[None]], all_of_them: CancelScope) -> None:
        """Where one part ends, all do."""
        with suppress(WebSocketDisconnect):
            await run()
        all_of_them.cancel()

    async def _listen(self) -> None:
        """A viewer says nothing but that a picture is shown."""
        while True:
            await self._socket.receive_text()
            self._may_send_picture = True

    async def _until_session_ends(self) -> None:
        door, cookie = state_of(self._socket).door, self._socket.cookies.get(COOKIE, "")
        while door.visitor(cookie) is not None:
            await asyncio.sleep(SESSION_LOOK_S)
        await self._socket.close()

    async def _tell(self, subscription: Subscription) -> None:
        await self._read_today(None)
        async for message in subscription:
            match message:
                case TrayPicture():
                    await self._show(message)
                case Link() | Status():
                    await self._follow()
                case Decided():
                    fields = message.event
                    told = {name: fields.get(name) for name in ("number", "label", "bin", "confidence")}
                    await self._socket.send_text(json.dumps({"decided": told}))
                    await self._read_today(message)
                case Outcome():
                    pass

    async def _show(self, picture: TrayPicture) -> None:
        if self._may_send_picture:
            self._may_send_picture = False
            await self._socket.send_bytes(picture.content)

    async def _follow(self) -> None:
        """Send what has changed; most of what a bin says has not."""
        line = LineState.of(self._link.status, self._link.problem)
        if line != self._line:
            self._line = line
            await self._send_parts()

    async def _read_today(self, news: object) -> None:
        try:
            self._today = await self._today_reader.read(state_of(self._socket).settings, news)
        except HTTPException:
            return  # the page of the items says why; the bin may be watched all the same
        if self._line is not None:
            await self._send_parts()

    async def _send_parts(self) -> None:
        assert self._line is not None
        parts = fill_parts(self._socket, self._line, self._today)
        changed = {name: part for name, part in parts.items() if self._sent.get(name) != part}
        self._sent = parts
        if changed:
            await self._socket.send_text(json.dumps({"parts": changed}))
