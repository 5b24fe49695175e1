"""The bin's figures for Prometheus, over the page's TLS: those that the link serves here, for whoever has the token."""

import asyncio
import hmac

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from edge.files.first_line import first_line
from edge.page.access.needs import public
from edge.page.page_state import state_of

LINK_S = 5.0
"""Longest wait for the link, in seconds."""

MOST_BYTES = 262_144
"""Most of what the link says that is handed on."""


def routes() -> list[BaseRoute]:
    """Where it is served."""
    return [Route("/metrics", public(metrics))]


async def metrics(request: Request) -> Response:
    """The figures.

    Raises:
        HTTPException: the configuration says nothing of them, the token is another, or the link does not answer.
    """
    settings = state_of(request).settings
    if settings.metrics_port is None or settings.metrics_token_file is None:
        raise HTTPException(404, "link.metrics_port and link.metrics_token_file say nothing of figures")
    try:
        token = await run_in_threadpool(first_line, settings.metrics_token_file)
    except (OSError, ValueError) as error:
        raise HTTPException(503, "the token cannot be read") from error
    shown = request.headers.get("authorization", "")
    if not token or not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
        raise HTTPException(401, "expected the token of link.metrics_token_file", {"WWW-Authenticate": "Bearer"})
    try:
        async with asyncio.timeout(LINK_S):
            head, body = await _ask_link(settings.metrics_port)
    except (OSError, ValueError, EOFError) as error:  # TimeoutError is an OSError
        raise HTTPException(503, "the link does not answer: is sorter-link running?") from error
    return Response(body, headers={"Content-Type": head})


async def _ask_link(port: int) -> tuple[str, bytes]:
    """Type and text of the figures.

    Raises:
        OSError, ValueError, EOFError: it does not answer, or not as it should.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        if head[0].split()[1] != "200":
            raise ValueError(head[0])
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        length = int(fields["content-length"]) if "content-length" in fields else MOST_BYTES + 1
        if length > MOST_BYTES:
            raise ValueError(f"{length} bytes")
        return fields.get("content-type", "text/plain"), await reader.readexactly(length)
    finally:
        writer.close()
