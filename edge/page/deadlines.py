"""Ends requests whose body comes too slowly, and answers that nobody takes."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_S = 60.0
"""Longest time for the body of a request, in seconds: a photograph over a poor network."""

SEND_S = 30.0
"""Longest wait until the receiver takes a part of an answer, in seconds."""


class Deadlines:
    """Gives up requests and answers that do not come along; the connection ends.

    Args:
        app: what answers.
        body_s: longest time for a body, in seconds.
        send_s: longest wait for the receiver, in seconds.
    """

    def __init__(self, app: ASGIApp, *, body_s: float = BODY_S, send_s: float = SEND_S) -> None:
        self._app = app
        self._body_s = body_s
        self._send_s = send_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        body_until_s: float | None = loop.time() + self._body_s if scope["type"] == "http" else None

        async def receive_in_time() -> Message:
            nonlocal body_until_s
            try:
                async with asyncio.timeout_at(body_until_s):
                    message = await receive()
            except TimeoutError:
                return {"type": "http.disconnect"}
            if not message.get("more_body", False):
                body_until_s = None  # from now on this waits for the end of the connection
            return message

        async def send_in_time(message: Message) -> None:
            try:
                async with asyncio.timeout(self._send_s):
                    await send(message)
            except TimeoutError:
                # As servers say it where the connection has ended.
                raise OSError("the receiver takes nothing") from None

        await self._app(scope, receive_in_time, send_in_time)
